from contextlib import asynccontextmanager

from harness import *
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client
from mcp.types import ElicitResult


@asynccontextmanager
async def connect(transport, person):
    async def ask(context, params):
        await reading()
        return ElicitResult(action=person, content={"confirm": True} if person == "accept" else None)

    streams = (
        stdio_client(StdioServerParameters(command=COMMAND, args=ARGUMENTS))
        if transport == "stdio"
        else streamablehttp_client(URL, headers=HEADERS)
    )
    async with streams as (read, write, *_), ClientSession(
        read, write, elicitation_callback=ask if person else None
    ) as session:
        await session.initialize()

        async def names():
            return [tool.name for tool in (await session.list_tools()).tools]

        async def call(name, arguments):
            return text_of(await session.call_tool(name, arguments))

        yield names, call


main("mcp", connect)
