from contextlib import asynccontextmanager

from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport
from harness import *


@asynccontextmanager
async def connect(transport, person):
    async def ask(message, response_type, params, context):
        await reading()
        return ElicitResult(action=person, content={"confirm": True} if person == "accept" else None)

    streams = (
        StdioTransport(COMMAND, ARGUMENTS, keep_alive=False)
        if transport == "stdio"
        else StreamableHttpTransport(URL, headers=HEADERS)
    )
    handler = {"elicitation_handler": ask} if person else {}
    async with Client(streams, **handler) as client:

        async def names():
            return [tool.name for tool in await client.list_tools()]

        async def call(name, arguments):
            return text_of(await client.call_tool(name, arguments, raise_on_error=False))

        yield names, call


main("fastmcp", connect)
