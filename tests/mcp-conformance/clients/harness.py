"""What each client does here: it lists the tools, reads, and places and cancels an order: once with a person's consent in the
client, where it can ask one, and once approved outside it, by `bpx approve`.

A client gives `main` a way to connect: an asynchronous context manager over (transport, person), which yields a
coroutine function for the names of the tools and one that calls a tool. `person` is what the person responds to a
form, or None where a client cannot show one. One line of JSON is printed for each transport.

BPX_COMMAND and BPX_ARGUMENTS (JSON) start `bpx mcp`; BPX_MCP_URL and BPX_TOKEN are a running `bpx serve`. Both trade.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from importlib.metadata import version

os.environ["MCP_USE_ANONYMIZED_TELEMETRY"] = "false"
COMMAND, ARGUMENTS = os.environ["BPX_COMMAND"], json.loads(os.environ["BPX_ARGUMENTS"])
STATE = ARGUMENTS[ARGUMENTS.index("--state") + 1]
URL, HEADERS = os.environ["BPX_MCP_URL"], {"Authorization": f"Bearer {os.environ['BPX_TOKEN']}"}
ORDER = {"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20", "quantity": "1"}
TOOLS = {
    f"backpack-{name}"
    for name in (
        "get-order", "execute-order", "cancel-order", "get-open-orders", "execute-order-batch", "cancel-open-orders",
        "get-fills", "get-order-history",
    )
}  # fmt: skip


def expect(what, got, want):
    if got != want:
        sys.exit(f"{what}: {got!r} instead of {want!r}")


def first_json(value):
    """The first object in what a client gives: a text, a list of blocks as text, or an error that holds one of these."""
    text = str(value)
    if text.startswith("["):
        try:
            text = json.loads(text)[0]["text"]
        except (ValueError, LookupError, TypeError):
            pass
    for at, letter in enumerate(text):
        if letter == "{":
            try:
                found, _ = json.JSONDecoder().raw_decode(text, at)
            except ValueError:
                continue
            if "result" in found or "code" in found:
                return found
    sys.exit(f"no result in {text}")


def text_of(result):
    """The text of a result of the SDK."""
    return result.content[0].text


async def called(call, name, arguments):
    try:
        return first_json(await call(name, arguments))
    except Exception as error:  # Some clients raise what the server reports.
        while getattr(error, "exceptions", None):
            error = error.exceptions[0]
        return first_json(error)


async def open_orders(call):
    rows = (await called(call, "backpack-get-open-orders", {"symbol": "SOL_USDC"}))["result"]
    return [(row["price"], row["quantity"], row["status"]) for row in rows]


async def reading():
    """A person who reads a form: a no that comes faster counts as the program's own."""
    await asyncio.sleep(0.5)


def bpx_approve(*options):
    command = [COMMAND, "approve", "--state", STATE, "--json", *options]
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


@contextmanager
def deciding(*options):
    """Somebody who decides about the next call that waits, at another desk."""

    def decide():
        for _ in range(400):
            for call in bpx_approve("--list")["waiting"]:
                return bpx_approve(*options, call["id"])
            time.sleep(0.05)

    thread = threading.Thread(target=decide)
    thread.start()
    yield
    thread.join()


async def reads(connect, transport):
    async with connect(transport, None) as (names, call):
        expect("the tools", {name.replace("_", "-") for name in await names()}, TOOLS)
        expect("open orders", await open_orders(call), [])
        unknown = await called(call, "backpack-get-order", {"symbol": "SOL_USDC", "clientId": 4294967295})
        expect("an unknown order", unknown["code"], "RESOURCE_NOT_FOUND")


async def places_approved(connect, transport):
    async with connect(transport, None) as (_, call):
        with deciding("--decline"):
            placed = await called(call, "backpack-execute-order", ORDER)
        expect("an order declined elsewhere", placed.get("code"), "CONFIRMATION_DECLINED")
        expect("open orders", await open_orders(call), [])
        with deciding():
            placed = await called(call, "backpack-execute-order", ORDER)
        expect("an order approved elsewhere", placed.get("result", placed).get("status"), "New")
        expect("open orders", await open_orders(call), [("20", "1", "New")])
        order = {"symbol": "SOL_USDC", "orderId": placed["result"]["id"]}
        with deciding():
            cancelled = await called(call, "backpack-cancel-order", order)
        expect("a cancellation", cancelled.get("result", cancelled).get("status"), "Cancelled")
        expect("open orders", await open_orders(call), [])


async def places(connect, transport):
    async with connect(transport, "decline") as (_, call):
        placed = await called(call, "backpack-execute-order", ORDER)
        expect("an order declined", placed.get("code"), "CONFIRMATION_DECLINED")
        expect("open orders", await open_orders(call), [])
    async with connect(transport, "accept") as (_, call):
        placed = await called(call, "backpack-execute-order", ORDER)
        expect("an order", placed.get("result", placed).get("status"), "New")
        expect("open orders", await open_orders(call), [("20", "1", "New")])
        order = {"symbol": "SOL_USDC", "orderId": placed["result"]["id"]}
        cancelled = await called(call, "backpack-cancel-order", order)
        expect("a cancellation", cancelled.get("result", cancelled).get("status"), "Cancelled")
        expect("open orders", await open_orders(call), [])


def main(package, connect, forms=("stdio", "http"), transports=("stdio", "http")):
    """`forms` are the transports over which the client can ask a person."""
    for transport in transports:
        asyncio.run(reads(connect, transport))
        asyncio.run(places_approved(connect, transport))
        if transport in forms:
            asyncio.run(places(connect, transport))
        row = {"client": package, "version": version(package), "transport": transport, "forms": transport in forms}
        print(json.dumps(row), flush=True)
