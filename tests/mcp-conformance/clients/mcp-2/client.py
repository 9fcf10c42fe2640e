from contextlib import asynccontextmanager

import httpx2
from harness import *
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult


@asynccontextmanager
async def connect(transport, person):
    async def ask(context, params):
        await reading()
        return ElicitResult(action=person, content={"confirm": True} if person == "accept" else None)

    streams = (
        stdio_client(StdioServerParameters(command=COMMAND, args=ARGUMENTS))
        if transport == "stdio"
        else streamable_http_client(URL, http_client=httpx2.AsyncClient(headers=HEADERS))
    )
    async with Client(streams, elicitation_callback=ask if person else None) as client:

        async def names():
            return [tool.name for tool in (await client.list_tools()).tools]

        async def call(name, arguments):
            return text_of(await client.call_tool(name, arguments))

        yield names, call


main("mcp", connect)
