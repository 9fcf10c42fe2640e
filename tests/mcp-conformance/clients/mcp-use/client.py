from contextlib import asynccontextmanager

from harness import *
from mcp.types import ElicitResult
from mcp_use import MCPClient


@asynccontextmanager
async def connect(transport, person):
    async def ask(context, params):
        await reading()
        return ElicitResult(action=person, content={"confirm": True} if person == "accept" else None)

    server = {"command": COMMAND, "args": ARGUMENTS} if transport == "stdio" else {"url": URL, "headers": HEADERS}
    client = MCPClient({"mcpServers": {"backpack": server}}, elicitation_callback=ask if person else None)
    session = await client.create_session("backpack")

    async def names():
        return [tool.name for tool in await session.list_tools()]

    async def call(name, arguments):
        return text_of(await session.call_tool(name, arguments))

    try:
        yield names, call
    finally:
        await client.close_all_sessions()


main("mcp-use", connect)
