from contextlib import asynccontextmanager

from autogen_core import CancellationToken
from autogen_ext.tools.mcp import StdioServerParams, StreamableHttpServerParams, mcp_server_tools
from harness import *


@asynccontextmanager
async def connect(transport, person):
    server = (
        StdioServerParams(command=COMMAND, args=ARGUMENTS)
        if transport == "stdio"
        else StreamableHttpServerParams(url=URL, headers=HEADERS)
    )
    tools = {tool.name: tool for tool in await mcp_server_tools(server)}

    async def names():
        return list(tools)

    async def call(name, arguments):
        result = await tools[name].run_json(arguments, CancellationToken())
        return result[0].text

    yield names, call


main("autogen-ext", connect, forms=())
