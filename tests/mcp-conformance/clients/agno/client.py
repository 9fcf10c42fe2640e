from contextlib import asynccontextmanager

from agno.tools.mcp import MCPTools
from agno.tools.mcp.params import StreamableHTTPClientParams
from harness import *
from mcp import StdioServerParameters


@asynccontextmanager
async def connect(transport, person):
    server = (
        {"transport": "stdio", "server_params": StdioServerParameters(command=COMMAND, args=ARGUMENTS)}
        if transport == "stdio"
        else {"transport": "streamable-http", "server_params": StreamableHTTPClientParams(url=URL, headers=HEADERS)}
    )
    async with MCPTools(**server) as toolkit:

        async def names():
            return list(toolkit.functions)

        async def call(name, arguments):
            result = await toolkit.functions[name].entrypoint(**arguments)
            return getattr(result, "content", result)

        yield names, call


main("agno", connect, forms=())
