from contextlib import asynccontextmanager

from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from harness import *


@asynccontextmanager
async def connect(transport, person):
    server = (
        MCPServerStdio(params={"command": COMMAND, "args": ARGUMENTS}, client_session_timeout_seconds=60)
        if transport == "stdio"
        else MCPServerStreamableHttp(params={"url": URL, "headers": HEADERS}, client_session_timeout_seconds=60)
    )
    async with server:

        async def names():
            return [tool.name for tool in await server.list_tools()]

        async def call(name, arguments):
            return text_of(await server.call_tool(name, arguments))

        yield names, call


main("openai-agents", connect, forms=())
