"""What schemathesis cannot learn from the OpenAPI document: how requests are signed, what the formats mean, and the
sentences of the document that OpenAPI has no words for.
"""

import atexit
import itertools
import os

import schemathesis
from hypothesis import strategies as st

import accepted
from signature import Signature

MARKETS = ["SOL_USDC", "BTC_USDC", "ETH_USDC", "SOL_USDC_PERP", "BTC_USDC_PERP", "ETH_USDC_PERP"]
UNSIGNED_BITS = {"uint16": 16, "uint32": 32, "uint64": 64}
NULL = {"enum": [None]}
SCALAR = {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}, NULL]}
BATCH_ORDERS_MAX = 20

# Method and path to instruction, read from the document.
instructions = {}
# Orders that were placed and may still be open.
placed = []
names_a_placed_order = itertools.cycle([True, False])
schemathesis.auth.set_from_requests(Signature(os.environ["BPX_SECRET"], instructions))
# Whole numbers are on every market's tick and step.
schemathesis.openapi.format("decimal", st.integers(1, 900).map(str))
atexit.register(accepted.report)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for path, methods in raw_schema["paths"].items():
        for method, operation in methods.items():
            instruction = operation.get("x-instruction") or operation.get("x-instruction-batch")
            instructions[(method.upper(), path)] = instruction
    spell_out(raw_schema)
    spell_out_signing(raw_schema)
    # "A parameter that cannot be parsed is answered in plain text."
    plain = {"text/plain": {"schema": {"type": "string"}}}
    raw_schema["components"]["responses"]["BadRequest"]["content"].update(plain)


def spell_out(node):
    """Puts into the schemas what the document says in words."""
    if isinstance(node, list):
        for item in node:
            spell_out(item)
    if not isinstance(node, dict):
        return
    bits = UNSIGNED_BITS.get(node.get("format"))
    if bits:
        node.setdefault("minimum", 0)
        node.setdefault("maximum", 2**bits - 1)
    spell_out_parameter(node)
    if isinstance(node.get("properties"), dict):
        spell_out_properties(node["properties"], node.get("required", []))
    for value in list(node.values()):
        spell_out(value)


def spell_out_signing(raw_schema):
    """Only flat objects have a signing string, and a batch has one from its first order on."""
    for name, schema in raw_schema["components"]["schemas"].items():
        if name.endswith("Payload"):
            schema["additionalProperties"] = SCALAR
    batch = raw_schema["paths"]["/api/v1/orders"]["post"]["requestBody"]["content"]
    for media in batch.values():
        media["schema"].update(minItems=1, maxItems=BATCH_ORDERS_MAX)


def spell_out_parameter(node):
    schema = node.get("schema")
    if node.get("in") != "query" or not isinstance(schema, dict):
        return
    if node["name"] == "symbol":
        schema["enum"] = MARKETS
    if node["name"] == "limit":
        schema.update(minimum=1, maximum=1000)


def spell_out_properties(properties, required):
    for name, schema in properties.items():
        if name == "symbol":
            schema["enum"] = MARKETS
        if name.endswith(("riggerPrice", "riggerQuantity")):
            schema["format"] = "decimal"
        # "A member that does not apply is absent or null, which mean the same."
        if name not in required:
            properties[name] = {"anyOf": [schema, NULL]}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets a request that keeps to the schema keep to the document's words as well."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    name = operation_id(case)
    if name == "get_order":
        name_one_order(case.query, placed[-1:])
    elif name == "cancel_order":
        name_one_order(case.body, [placed.pop()] if placed else [])
    elif name == "execute_order":
        make_placeable(case.body)
    elif name == "execute_order_batch":
        for order in case.body:
            make_placeable(order)


@schemathesis.hook
def after_call(context, case, response):
    """Remembers orders that wait, so that there is something to find and to cancel."""
    if operation_id(case) == "execute_order" and response.status_code == 200:
        order = response.json()
        if order["status"] in ("New", "TriggerPending"):
            placed.append(order)


def operation_id(case):
    return case.operation.definition.raw.get("operationId")


def name_one_order(fields, known):
    """Exactly one of `orderId` and `clientId`; every other time that of an order that was placed."""
    fields.pop("clientId", None)
    if known and next(names_a_placed_order):
        fields.update(orderId=known[0]["id"], symbol=known[0]["symbol"])
    elif fields.get("orderId") is None:
        fields.pop("orderId", None)
        fields["clientId"] = 1


def make_placeable(order):
    """The rules that the description of `OrderExecutePayload` gives in words."""
    if order["orderType"] == "Limit":
        order["price"] = order.get("price") or "100"
        order["quantity"] = order.get("quantity") or "1"
        order.pop("quoteQuantity", None)
    else:
        order.pop("price", None)
        order.pop("postOnly", None)
        if order.get("quoteQuantity") is None:
            order["quantity"] = order.get("quantity") or "1"
        else:
            order.pop("quantity", None)
    if order.get("triggerPrice") is None or order.get("triggerQuantity") is None:
        order.pop("triggerPrice", None)
        order.pop("triggerQuantity", None)
    if order.get("timeInForce") in ("IOC", "FOK"):
        order.pop("postOnly", None)
    # Two that the exchange adds: a tolerance and its unit come together, and an exit has a trigger price.
    if order.get("slippageTolerance") is None or order.get("slippageToleranceType") is None:
        order.pop("slippageTolerance", None)
        order.pop("slippageToleranceType", None)
    for exit in ("stopLoss", "takeProfit"):
        if order.get(f"{exit}TriggerPrice") is None:
            for field in ("LimitPrice", "TriggerBy", "TriggerPrice"):
                order.pop(exit + field, None)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    return not accepted.is_accepted(failure, response)
