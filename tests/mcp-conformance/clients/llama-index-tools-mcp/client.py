from contextlib import asynccontextmanager

from harness import *
from llama_index.tools.mcp import BasicMCPClient, McpToolSpec


@asynccontextmanager
async def connect(transport, person):
    client = (
        BasicMCPClient(COMMAND, args=ARGUMENTS) if transport == "stdio" else BasicMCPClient(URL, headers=HEADERS)
    )
    tools = {tool.metadata.name: tool for tool in await McpToolSpec(client=client).to_tool_list_async()}

    async def names():
        return list(tools)

    async def call(name, arguments):
        return text_of((await tools[name].acall(**arguments)).raw_output)

    yield names, call


main("llama-index-tools-mcp", connect, forms=())
