from contextlib import asynccontextmanager

from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport
from harness import *
from pydantic_ai.mcp import MCPToolset


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
    async with MCPToolset(streams, elicitation_handler=ask if person else None) as toolset:

        async def names():
            return [tool.name for tool in await toolset.list_tools()]

        async def call(name, arguments):
            # It gives the value within `result`, and raises what is an error.
            return json.dumps({"result": await toolset.direct_call_tool(name, arguments)})

        yield names, call


main("pydantic-ai-slim", connect)
