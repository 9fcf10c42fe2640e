from contextlib import asynccontextmanager

from harness import *
from langchain_mcp_adapters.callbacks import Callbacks
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools
from mcp.types import ElicitResult


@asynccontextmanager
async def connect(transport, person):
    async def ask(mcp_context, params, context):
        await reading()
        return ElicitResult(action=person, content={"confirm": True} if person == "accept" else None)

    server = (
        {"transport": "stdio", "command": COMMAND, "args": ARGUMENTS}
        if transport == "stdio"
        else {"transport": "streamable_http", "url": URL, "headers": HEADERS}
    )
    callbacks = Callbacks(on_elicitation=ask) if person else None
    client = MultiServerMCPClient({"backpack": server}, callbacks=callbacks)
    async with client.session("backpack") as session:
        tools = {tool.name: tool for tool in await load_mcp_tools(session)}

        async def names():
            return list(tools)

        async def call(name, arguments):
            blocks = await tools[name].ainvoke(arguments)
            return blocks if isinstance(blocks, str) else blocks[0]["text"]

        yield names, call


main("langchain-mcp-adapters", connect)
