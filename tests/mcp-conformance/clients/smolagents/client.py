from contextlib import asynccontextmanager

from harness import *
from mcp import StdioServerParameters
from smolagents import MCPClient


@asynccontextmanager
async def connect(transport, person):
    server = (
        StdioServerParameters(command=COMMAND, args=ARGUMENTS)
        if transport == "stdio"
        else {"url": URL, "transport": "streamable-http", "headers": HEADERS}
    )
    client = MCPClient(server, structured_output=False)
    tools = {tool.name: tool for tool in client.get_tools()}

    async def names():
        return list(tools)

    async def call(name, arguments):
        return tools[name.replace("-", "_")](**arguments)

    try:
        yield names, call
    finally:
        client.disconnect()


main("smolagents", connect, forms=())
