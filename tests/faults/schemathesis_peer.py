"""What schemathesis reports on each of these recordings, like `peer.py`: its checks of a response alone, since it makes its
requests itself."""

import base64
import json
import sys
from urllib.parse import urlsplit

import requests
import schemathesis
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response


def body_of(content):
    text = content["text"]
    return base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()


def response(entry):
    sent, received = entry["request"], entry["response"]
    headers = {}
    for header in received["headers"]:
        headers.setdefault(header["name"].lower(), []).append(header["value"])
    made = requests.Request(sent["method"], sent["url"]).prepare()
    return Response(received["status"], headers, body_of(received["content"]), made, 0.1, True)


def messages(schema, entry):
    sent = entry["request"]
    path = urlsplit(sent["url"]).path
    base = schema.base_path.rstrip("/")
    path = path[len(base) :] if path.startswith(f"{base}/") else path
    operation = schema.find_operation_by_path(sent["method"], path)
    if operation is None:
        return ["no operation"]
    parameters = {it.name: "1" for it in operation.path_parameters}
    try:
        case = operation.Case(path_parameters=parameters)
        case.validate_response(response(entry))
    except FailureGroup as group:
        return [f"{type(it).__name__} {it}" for it in group.exceptions]
    except Exception as error:  # Whatever it raises, it reports.
        return [repr(error)]
    return []


def main(document, *files):
    schema = schemathesis.openapi.from_path(document)
    reported = []
    for file in files:
        with open(file) as har:
            reported.append(messages(schema, json.load(har)["log"]["entries"][0]))
    json.dump(reported, sys.stdout)


main(*sys.argv[1:])
