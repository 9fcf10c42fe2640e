from contextlib import asynccontextmanager

from harness import *
from haystack_integrations.tools.mcp import MCPToolset, StdioServerInfo, StreamableHttpServerInfo


@asynccontextmanager
async def connect(transport, person):
    server = (
        StdioServerInfo(command=COMMAND, args=ARGUMENTS)
        if transport == "stdio"
        else StreamableHttpServerInfo(url=URL, headers=HEADERS)
    )
    toolset = MCPToolset(server_info=server, eager_connect=True)
    tools = {tool.name: tool for tool in toolset}

    async def names():
        return list(tools)

    async def call(name, arguments):
        return tools[name].invoke(**arguments)

    try:
        yield names, call
    finally:
        toolset.close()


main("mcp-haystack", connect, forms=())
