"""Small workflows, each with the responses of its service, the requests that Arazzo asks for, and how it ends.

A case: name, steps (or whole workflows), responses by request line, the requests to be sent, whether it succeeds, and more."""

PEN = {"id": "7", "name": "pen", "price": "10.0", "count": 3, "a/b": "slash"}
OK = (200, PEN)
LIST = {"GET /items": [(200, [PEN])]}
ONE = {"GET /items/7": [OK]}
BUSY = (503, {"message": "busy"})
MADE = (201, PEN)

GET = {"operationId": "getItem", "parameters": [{"name": "id", "in": "path", "value": "7"}]}
ALL = {"operationId": "listItems"}
ADD = {"operationId": "addItem", "requestBody": {"payload": {"name": "pen"}}, "successCriteria": [{"condition": "$statusCode == 201"}]}


def criteria(*conditions):
    return {"successCriteria": [it if isinstance(it, dict) else {"condition": it} for it in conditions]}


def path(value):
    return {"operationId": "getItem", "parameters": [{"name": "id", "in": "path", "value": value}]}


def on_failure(*actions):
    return {"onFailure": [dict(name=f"n{index}", **it) for index, it in enumerate(actions)]}


def again(**more):
    return dict(type="retry", retryAfter=0, **more)


def holds(name, condition, holds=True):
    return dict(name=name, steps=[{**GET, **criteria(condition)}], serves=ONE, sent=["GET /items/7"], succeeds=holds)


def found(name, condition, kind="jsonpath", holds=True):
    criterion = {"context": "$response.body", "condition": condition, "type": kind}
    return dict(name=name, steps=[{**ALL, **criteria(criterion)}], serves=LIST, sent=["GET /items"], succeeds=holds)


CASES = [
    holds("text without regard to case", "$response.body#/name == 'PEN'"),
    holds("numeric text above a number", "$response.body#/price > 9.5"),
    holds("numeric text not above a number", "$response.body#/price > 10.5", False),
    holds("absent is null", "$response.body#/nope == null"),
    holds("not and parentheses", "!($statusCode == 404) && ($response.body#/count == 3 || false)"),
    holds("quote within a text", "$response.body#/name != 'it''s'"),
    holds("member by a dot", "$response.body.name == 'pen'"),
    holds("escaped pointer", "$response.body#/a~1b == 'slash'"),
    found("JSONPath filter", "$[?@.count > 2]"),
    found("JSONPath filter that finds nothing", "$[?@.count > 9]", holds=False),
    found("JSONPath functions", "$[?match(@.name, 'p.n') && length(@.name) == 3]"),
    dict(name="header in other letters", steps=[{**ALL, **criteria("$response.header.x-TOTAL == 5")}],
         serves={"GET /items": [(200, [PEN], {"X-Total": "5"})]}, sent=["GET /items"]),
    dict(name="status by a pattern", steps=[{**path("9"), **criteria({"context": "$statusCode", "condition": "^4\\d\\d$", "type": "regex"})}],
         serves={}, sent=["GET /items/9"]),
    dict(name="a step fails without an action", steps=[{**ALL, **criteria("$statusCode == 200")}, GET],
         serves={"GET /items": [BUSY], **ONE}, sent=["GET /items"], succeeds=False),
    dict(name="one retry without a limit", steps=[{**ADD, **on_failure(dict(type="retry"))}], serves={"POST /items": [BUSY]},
         sent=["POST /items"] * 2, succeeds=False),
    dict(name="retries, then the next action", steps=[{**ADD, **on_failure(again(retryLimit=2), dict(type="goto", stepId="s2"))}, path("9"), ALL],
         serves={"POST /items": [BUSY], **LIST}, sent=["POST /items"] * 3 + ["GET /items"], succeeds=None),
    dict(name="a retry runs a step first", steps=[{**ALL, **criteria("$statusCode == 200"), **on_failure(again(stepId="s2")), "onSuccess": [{"name": "e", "type": "end"}]}, path("9"), GET],
         serves={"GET /items": [BUSY, (200, [])], **ONE}, sent=["GET /items", "GET /items/7", "GET /items"]),
    dict(name="actions see the status", steps=[{**ALL, "onSuccess": [{"name": "g", "type": "goto", "stepId": "s2", "criteria": [{"condition": "$statusCode == 200"}]}]}, path("9"), GET],
         serves={**LIST, **ONE}, sent=["GET /items", "GET /items/7"]),
    dict(name="success actions of the workflow", steps=[ALL, GET], workflow={"successActions": [{"name": "e", "type": "end"}]},
         serves={**LIST, **ONE}, sent=["GET /items"]),
    dict(name="a finished dependency runs once", workflows=[
        {"workflowId": "main", "dependsOn": ["left", "right"], "steps": [dict(stepId="m", **ALL)]},
        {"workflowId": "left", "dependsOn": ["base"], "steps": [dict(stepId="l", **path("L"))]},
        {"workflowId": "right", "dependsOn": ["base"], "steps": [dict(stepId="r", **path("R"))]},
        {"workflowId": "base", "steps": [dict(stepId="b", **ADD)]}],
         serves={**LIST, "POST /items": [MADE], "GET /items/L": [OK], "GET /items/R": [OK]},
         sent=["POST /items", "GET /items/L", "GET /items/R", "GET /items"]),
    dict(name="a called workflow and its outputs", workflows=[
        {"workflowId": "main", "steps": [
            {"stepId": "call", "workflowId": "child", "parameters": [{"name": "wanted", "value": "7"}], "outputs": {"n": "$outputs.n"}},
            dict(stepId="then", **path("$steps.call.outputs.n"))]},
        {"workflowId": "child", "inputs": {"type": "object", "properties": {"wanted": {"type": "string"}}},
         "steps": [dict(stepId="c", outputs={"n": "$response.body#/name"}, **path("$inputs.wanted"))], "outputs": {"n": "$steps.c.outputs.n"}}],
         serves={**ONE, "GET /items/pen": [OK]}, sent=["GET /items/7", "GET /items/pen"]),
    dict(name="a called workflow fails", workflows=[
        {"workflowId": "main", "steps": [{"stepId": "call", "workflowId": "child"}, dict(stepId="after", **ALL)]},
        {"workflowId": "child", "steps": [dict(stepId="c", **path("9"), **criteria("$statusCode == 200"))]}],
         serves=LIST, sent=["GET /items/9"], succeeds=False),
    dict(name="form body", steps=[{"operationId": "token", "requestBody": {"contentType": "application/x-www-form-urlencoded", "payload": {"grant": "x", "secret": "s 1&2"}}}],
         serves={"POST /token": [(200, {})]}, sent=["POST /token"], body=["grant=x&secret=s+1%262", "grant=x&secret=s%201%262"]),
    dict(name="text body", steps=[{"operationId": "text", "requestBody": {"contentType": "text/plain", "payload": "hello {$inputs.who}"}}],
         inputs={"who": "you"}, serves={"POST /text": [(200, {})]}, sent=["POST /text"], body=["hello you"]),
    dict(name="JSON text with values", steps=[{"operationId": "addItem", "requestBody": {"contentType": "application/json", "payload": '{"name": "{$inputs.who}"}'}}],
         inputs={"who": 'a "b"'}, serves={"POST /items": [MADE]}, sent=["POST /items"], json={"name": 'a "b"'}),
    dict(name="replacements in a payload", steps=[{"operationId": "addItem", "requestBody": {"payload": {"name": "x", "a/b": [1, 2]},
         "replacements": [{"target": "/name", "value": "$inputs.who"}, {"target": "/a~1b/1", "value": 3}]}}],
         inputs={"who": "you"}, serves={"POST /items": [MADE]}, sent=["POST /items"], json={"name": "you", "a/b": [1, 3]}),
    dict(name="components with a value of their own", steps=[{"operationId": "listItems", "parameters": [{"reference": "$components.parameters.limit", "value": 5}]}],
         components={"parameters": {"limit": {"name": "limit", "in": "query", "value": 2}}}, serves=LIST, sent=["GET /items?limit=5"]),
    dict(name="an input that is absent", steps=[{"operationId": "listItems", "parameters": [{"name": "limit", "in": "query", "value": "$inputs.limit"}]}],
         schema={"limit": {"type": "integer"}}, serves=LIST, sent=["GET /items"]),
    dict(name="a default of an input", steps=[{"operationId": "listItems", "parameters": [{"name": "limit", "in": "query", "value": "$inputs.limit"}]}],
         schema={"limit": {"type": "integer", "default": 3}}, serves=LIST, sent=["GET /items?limit=3"]),
    dict(name="an output that nothing gives", steps=[{**ALL, "outputs": {"id": "$response.body#/0/id"}}, path("$steps.s0.outputs.idd")],
         serves=LIST, sent=[], succeeds=False),
    dict(name="a redirect is a response", steps=[{**ALL, **criteria("$statusCode == 302")}],
         serves={"GET /items": [(302, None, {"Location": "/items/7"})], **ONE}, sent=["GET /items"]),
]


def document(case, version="1.0.1"):
    """The Arazzo document of a case."""
    schema = case.get("schema") or {name: {"type": "string"} for name in case.get("inputs", {})}
    workflows = case.get("workflows")
    if not workflows:
        steps = [{"stepId": f"s{index}", **it} for index, it in enumerate(case["steps"])]
        inputs = {"type": "object", "properties": schema, "required": sorted(case.get("inputs", {}))}
        workflows = [{"workflowId": "main", "inputs": inputs, "steps": steps, **case.get("workflow", {})}]
    whole = {"arazzo": version, "info": {"title": case["name"], "version": "1"},
             "sourceDescriptions": [{"name": "api", "url": "./api.yaml", "type": "openapi"}], "workflows": workflows}
    return whole | ({"components": case["components"]} if "components" in case else {})


def contract(url):
    """The OpenAPI document of the service."""
    item = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "price": {"type": "string"},
                                             "count": {"type": "integer"}, "a/b": {}, "message": {"type": "string"}}}
    statuses = ["200", "201", "302", "404", "503"]

    def operation(name, schema, **more):
        content = {"application/json": {"schema": schema}}
        return {"operationId": name, "responses": {it: {"description": it, "content": content} for it in statuses}, **more}

    def body(media, schema):
        return {"requestBody": {"required": True, "content": {media: {"schema": schema}}}}

    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    identifier = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.0.3", "info": {"title": "Shop", "version": "1"}, "servers": [{"url": url}],
        "paths": {
            "/items": {"get": operation("listItems", {"type": "array", "items": item}, parameters=[limit]),
                       "post": operation("addItem", item, **body("application/json", item))},
            "/items/{id}": {"get": operation("getItem", item, parameters=[identifier])},
            "/token": {"post": operation("token", {"type": "object"}, **body("application/x-www-form-urlencoded", {"type": "object"}))},
            "/text": {"post": operation("text", {"type": "object"}, **body("text/plain", {"type": "string"}))},
        },
    }
