"""The MCP face as the clients of two Python packages see it, with a person who says yes, no, or is not there.

BPX_MCP_URL names the gateway, BPX_TOKEN its trade token. Every call that changes the account asks first.
"""

import asyncio
import json
import os
import sys

from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StreamableHttpTransport

URL = os.environ["BPX_MCP_URL"]
HEADERS = {"Authorization": f"Bearer {os.environ['BPX_TOKEN']}"}
ORDER = {"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20", "quantity": "1"}


def expect(what, holds):
    print(f"{'ok    ' if holds else 'FAILED'}  {what}")
    if not holds:
        sys.exit(1)


def client(answer=None):
    asked = []

    async def person(message, response_type, params, context):
        asked.append(message)
        return answer

    handler = {} if answer is None else {"elicitation_handler": person}
    return Client(StreamableHttpTransport(URL, headers=HEADERS), **handler), asked


async def call(connection, tool, arguments):
    return await connection.call_tool(tool, arguments, raise_on_error=False)


async def open_orders(connection):
    listed = await call(connection, "backpack-get-open-orders", {})
    return listed.structured_content["result"]


async def main():
    nobody, _ = client()
    async with nobody:
        tools = await nobody.list_tools()
        expect("eight tools are listed, each with both schemas", len(tools) == 8 and all(t.output_schema for t in tools))
        denied = await call(nobody, "backpack-execute-order", ORDER)
        code = json.loads(denied.content[0].text)["code"]
        expect("without a person nothing is placed", denied.is_error and code == "CONFIRMATION_UNAVAILABLE")

    refusing, asked = client(ElicitResult(action="decline"))
    async with refusing:
        denied = await call(refusing, "backpack-execute-order", ORDER)
        code = json.loads(denied.content[0].text)["code"]
        expect("a person is shown what the order comes to", "comes to: 20 USDC" in asked[0])
        expect("a no is a no", denied.is_error and code == "CONFIRMATION_DECLINED")
        expect("nothing is open", await open_orders(refusing) == [])

    agreeing, _ = client(ElicitResult(action="accept", content={"confirm": True}))
    async with agreeing:
        placed = await call(agreeing, "backpack-execute-order", ORDER)
        expect("a yes places the order", not placed.is_error and placed.structured_content["result"]["status"] == "New")
        expect("it is open, once", len(await open_orders(agreeing)) == 1)


asyncio.run(main())
