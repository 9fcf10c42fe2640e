from contextlib import asynccontextmanager
from uuid import uuid4

from harness import *
from mcp import StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import ElicitResult
from strands.tools.mcp import MCPClient

try:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    def over_http():
        return streamable_http_client(URL, http_client=httpx2.AsyncClient(headers=HEADERS))
except ImportError:
    from mcp.client.streamable_http import streamablehttp_client

    def over_http():
        return streamablehttp_client(URL, headers=HEADERS)


@asynccontextmanager
async def connect(transport, person):
    async def ask(context, params):
        await reading()
        return ElicitResult(action=person, content={"confirm": True} if person == "accept" else None)

    def streams():
        return stdio_client(StdioServerParameters(command=COMMAND, args=ARGUMENTS)) if transport == "stdio" else over_http()

    with MCPClient(streams, elicitation_callback=ask if person else None) as client:

        async def names():
            return [tool.tool_name for tool in client.list_tools_sync()]

        async def call(name, arguments):
            result = await client.call_tool_async(str(uuid4()), name, arguments)
            return result["content"][0]["text"]

        yield names, call


main("strands-agents", connect)
