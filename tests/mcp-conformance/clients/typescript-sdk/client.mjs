// The official TypeScript SDK: the same steps as harness.py, whose description holds here.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const PACKAGE = "@modelcontextprotocol/sdk";
const require = createRequire(`${process.env.BPX_NODE_MODULES}/`);
const { Client } = require(`${PACKAGE}/client/index.js`);
const { StdioClientTransport } = require(`${PACKAGE}/client/stdio.js`);
const { StreamableHTTPClientTransport } = require(`${PACKAGE}/client/streamableHttp.js`);
const { ElicitRequestSchema } = require(`${PACKAGE}/types.js`);

const { BPX_COMMAND, BPX_ARGUMENTS, BPX_MCP_URL, BPX_TOKEN } = process.env;
const ORDER = { symbol: "SOL_USDC", side: "Bid", orderType: "Limit", price: "20", quantity: "1" };

const approve = async (...options) => {
  const given = JSON.parse(BPX_ARGUMENTS);
  const state = given[given.indexOf("--state") + 1];
  const { stdout } = await promisify(execFile)(BPX_COMMAND, ["approve", "--state", state, "--json", ...options]);
  return JSON.parse(stdout);
};

/** Decides about the next call that waits. */
const decide = async (...options) => {
  for (;;) {
    const [call] = (await approve("--list")).waiting;
    if (call) return approve(...options, call.id);
    await sleep(50);
  }
};

const connected = async (transport, person, steps) => {
  const client = new Client({ name: "typescript", version: "1" }, { capabilities: person ? { elicitation: {} } : {} });
  if (person) {
    const content = person === "accept" ? { confirm: true } : undefined;
    client.setRequestHandler(ElicitRequestSchema, async () => {
      await sleep(500);
      return { action: person, content };
    });
  }
  const headers = { Authorization: `Bearer ${BPX_TOKEN}` };
  await client.connect(
    transport === "stdio"
      ? new StdioClientTransport({ command: BPX_COMMAND, args: JSON.parse(BPX_ARGUMENTS) })
      : new StreamableHTTPClientTransport(new URL(BPX_MCP_URL), { requestInit: { headers } }),
  );
  const call = async (name, given) => {
    const result = await client.callTool({ name: `backpack-${name}`, arguments: given });
    return JSON.parse(result.content[0].text);
  };
  const open = async () => {
    const { result } = await call("get-open-orders", { symbol: "SOL_USDC" });
    return result.map(({ price, quantity, status }) => [price, quantity, status]);
  };
  await steps({ client, call, open });
  await client.close();
};

for (const transport of ["stdio", "http"]) {
  await connected(transport, null, async ({ client, call, open }) => {
    // It compiles the output schemas.
    assert.equal((await client.listTools()).tools.length, 8);
    assert.deepEqual(await open(), []);
    const unknown = await call("get-order", { symbol: "SOL_USDC", clientId: 4294967295 });
    assert.equal(unknown.code, "RESOURCE_NOT_FOUND");
    const [declined] = await Promise.all([call("execute-order", ORDER), decide("--decline")]);
    assert.equal(declined.code, "CONFIRMATION_DECLINED");
    assert.deepEqual(await open(), []);
    const [{ result }] = await Promise.all([call("execute-order", ORDER), decide()]);
    assert.deepEqual(await open(), [["20", "1", "New"]]);
    const order = { symbol: "SOL_USDC", orderId: result.id };
    const [cancelled] = await Promise.all([call("cancel-order", order), decide()]);
    assert.equal(cancelled.result.status, "Cancelled");
    assert.deepEqual(await open(), []);
  });
  await connected(transport, "decline", async ({ call, open }) => {
    assert.equal((await call("execute-order", ORDER)).code, "CONFIRMATION_DECLINED");
    assert.deepEqual(await open(), []);
  });
  await connected(transport, "accept", async ({ client, call, open }) => {
    await client.listTools();
    const { result } = await call("execute-order", ORDER);
    assert.equal(result.status, "New");
    assert.deepEqual(await open(), [["20", "1", "New"]]);
    const cancelled = await call("cancel-order", { symbol: "SOL_USDC", orderId: result.id });
    assert.equal(cancelled.result.status, "Cancelled");
    assert.deepEqual(await open(), []);
  });
  const { version } = require(`${process.env.BPX_NODE_MODULES}/${PACKAGE}/package.json`);
  console.log(JSON.stringify({ client: PACKAGE, version, transport, forms: true }));
}
