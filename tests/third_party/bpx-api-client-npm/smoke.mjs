// bpx-api-client from npm: every method of its groups, by its own names.

import {
  API_KEY,
  API_SECRET,
  BASE_URL,
  OTHER_SECRET,
  by,
  control,
  exercised,
  finish,
  includes,
  load,
  matches,
  notOffered,
  nowMs,
  nowText,
  nowUs,
  raises,
  stage,
  startedMs,
  state,
  step,
  theirFault,
  versionOf,
} from "../harness.mjs";

const { BpxApiClient } = load("bpx-api-client");
const SPOT = "SOL_USDC";
const PERP = "SOL_USDC_PERP";
const LIMIT = { symbol: SPOT, side: "Bid", orderType: "Limit", price: "18.10", quantity: "1.50" };
const MARKET = { symbol: SPOT, side: "Bid", orderType: "Market" };

function connect(apiSecret = API_SECRET) {
  return new BpxApiClient({ apiKey: API_KEY, apiSecret, httpUrl: BASE_URL, wsUrl: BASE_URL.replace("http", "ws") });
}

const client = connect();
// The order that was placed last.
let last = {};

// What a call is answered with; a refusal has its code instead of data.
function call(name, ...sent) {
  return async () => {
    const [group, method] = name.split(".");
    const { statusCode, data, error } = await client[group][method](...sent);
    return statusCode === 200 ? data : { statusCode, ...error };
  };
}

function place(sent) {
  return async () => {
    last = {};
    last = await call("order.executeOrder", sent)();
    return last;
  };
}

function check(name, sent, want, note) {
  return step(name, call(name, ...sent), want, note);
}

const placed = (sent, want, note) => step("order.executeOrder", place(sent), want, note);

// An order that rests is as it was sent, is the only one at the exchange, and can be cancelled.
async function rests(sent, want, note) {
  await placed(sent, { createdAt: nowMs, ...want }, note);
  await step(
    "order.executeOrder",
    async () => (await state()).open_orders,
    [{ id: last.id }],
    `${note} at the exchange`,
  );
  await check(
    "order.cancelOpenOrder",
    [{ symbol: sent.symbol, orderId: last.id }],
    { status: "Cancelled", id: last.id },
    note,
  );
}

async function start() {
  stage("starts");
  await check("system.status", [], { status: "Ok" });
  await check("system.ping", [], "pong");
  await check("system.getSystemTime", [], nowMs);
  const market = {
    symbol: SPOT,
    marketType: "SPOT",
    filters: { price: { tickSize: "0.01" }, quantity: { stepSize: "0.01" } },
  };
  await check("markets.getMarkets", [], includes(market, { symbol: PERP, baseSymbol: "SOL", quoteSymbol: "USDC" }));
  await check("markets.getMarket", [SPOT], market);
  await check("assets.getAssets", [], includes({ symbol: "SOL" }, { symbol: "USDC" }));
  await check("markets.getDepth", [SPOT], { asks: [["21", "50"]], bids: [["19", "50"]], timestamp: nowUs });
  await check("capital.getBalances", [], { USDC: { available: "1000000", locked: "0", staked: "0" } });
}

async function resting() {
  const postOnly = { price: "18.1", quantity: "1.5", clientId: 7, postOnly: true };
  await rests({ ...LIMIT, postOnly: true, clientId: 7 }, postOnly, "post-only");
  for (const clientId of [0, 4_294_967_295]) {
    await rests({ ...LIMIT, timeInForce: "GTC", clientId }, { clientId, timeInForce: "GTC" }, `client id ${clientId}`);
  }
  for (const selfTradePrevention of ["RejectMaker", "RejectTaker", "RejectBoth"]) {
    await rests({ ...LIMIT, selfTradePrevention }, { selfTradePrevention }, selfTradePrevention);
  }
  const conditional = { status: "TriggerPending", triggerPrice: "15", triggerQuantity: "80%" };
  await rests(
    { ...MARKET, side: "Ask", triggerPrice: "15", triggerQuantity: "80%" },
    conditional,
    "conditional, a share",
  );
  const exits = { takeProfitTriggerPrice: "31", stopLossTriggerPrice: "15" };
  await rests({ ...LIMIT, symbol: PERP, ...exits }, exits, "with exits");
  await placed({ ...LIMIT, clientId: 8 }, { clientId: 8 }, "to be read");
  const open = { id: last.id, clientId: 8, price: "18.1" };
  await check("order.getOpenOrder", [{ symbol: SPOT, orderId: last.id }], open);
  await check("order.getOpenOrder", [{ symbol: SPOT, clientId: 8 }], open, "by client id");
  await check("order.getOpenOrders", [{ symbol: SPOT }], [open]);
  await check("capital.getBalances", [], { USDC: { locked: "27.163575" } }, "funds locked");
  await check(
    "order.cancelOpenOrder",
    [{ symbol: SPOT, clientId: 8 }],
    { status: "Cancelled", id: last.id },
    "by client id",
  );
  await check("capital.getBalances", [], { USDC: { available: "1000000", locked: "0" } }, "funds released");
}

async function trading() {
  const filled = { status: "Filled", executedQuantity: "2", executedQuoteQuantity: "42" };
  await placed({ ...MARKET, quantity: "2" }, filled, "market");
  await placed({ ...MARKET, quoteQuantity: "42" }, filled, "market by its cost");
  await placed(
    { ...MARKET, side: "Ask", quantity: "1" },
    { status: "Filled", executedQuoteQuantity: "19" },
    "market, sold",
  );
  const ioc = { ...LIMIT, price: "21", quantity: "100", timeInForce: "IOC" };
  await placed(ioc, { status: "Expired", executedQuantity: "46" }, "IOC");
  // 50 bought at 21 and 1 sold at 19, with a fee of 0.05 %.
  const balances = { SOL: { available: "1000049" }, USDC: { available: "998968.4655" } };
  await check("capital.getBalances", [], balances, "bought and sold");
  await control("PUT", "/reference-price", { symbol: PERP, mark: "20", index: "20.5" });
  await placed({ ...MARKET, symbol: PERP, quantity: "3" }, { status: "Filled" }, "a perpetual");
  const reduce = { ...MARKET, symbol: PERP, side: "Ask", quantity: "1", reduceOnly: true };
  await placed(reduce, { status: "Filled", reduceOnly: true }, "reduce-only");
  const position = { symbol: PERP, netQuantity: "2", entryPrice: "21", markPrice: "20" };
  await check("futures.getOpenPositions", [], [position]);
  await placed({ ...LIMIT, quantity: "1000000" }, { code: "INSUFFICIENT_FUNDS" }, "too expensive");
  await placed(
    { ...LIMIT, symbol: "NO_SUCH" },
    (got) => got.message.includes("Invalid market symbol"),
    "unknown symbol",
  );
  const unknown = { statusCode: 400, code: "RESOURCE_NOT_FOUND" };
  await check("order.cancelOpenOrder", [{ symbol: SPOT, orderId: "99999" }], unknown, "unknown");
  const stranger = () => connect(OTHER_SECRET).capital.getBalances();
  await step("capital.getBalances", stranger, { error: { code: "INVALID_CLIENT_REQUEST" } }, "another's key");
}

async function stop() {
  stage("stops");
  const batch = [
    { ...LIMIT, price: "17" },
    { ...LIMIT, quantity: "1000000" },
    { ...LIMIT, price: "18", postOnly: true },
  ];
  const rows = [{ price: "17" }, { code: "INSUFFICIENT_FUNDS" }, { price: "18", postOnly: true }];
  await check("order.executeOrders", [batch], rows);
  await placed(
    { ...MARKET, side: "Ask", triggerPrice: "15", triggerQuantity: "2" },
    { status: "TriggerPending" },
    "to be cancelled",
  );
  const conditional = { symbol: SPOT, orderType: "ConditionalOrder" };
  await check("order.cancelOpenOrders", [conditional], [{ id: last.id }], "conditional ones");
  const both = (got) => matches(got.map((row) => row.price).sort(), ["17", "18"]);
  await check("order.cancelOpenOrders", [{ symbol: SPOT }], both);
  await check("order.getOpenOrders", [{}], [], "none left");
  await step("order.getOpenOrders", async () => (await state()).open_orders, [], "none left at the exchange");
}

async function history() {
  stage("more");
  const filled = (await state()).fills.filter((row) => row.symbol === SPOT && row.account === "main");
  const ids = filled.map((row) => row.trade_id).sort((a, b) => b - a);
  const fill = {
    tradeId: ids.at(-1),
    price: "21",
    quantity: "2",
    fee: "0.021",
    feeSymbol: "USDC",
    isMaker: false,
    timestamp: nowText,
  };
  const fills = (more, want, note) => check("history.getFillHistory", [{ symbol: SPOT, ...more }], want, note);
  await fills({}, by("tradeId", ...ids));
  await fills({ sortDirection: "Asc", limit: 1 }, [fill], "the first");
  await fills({ limit: 2, offset: 2 }, by("tradeId", ...ids.slice(2, 4)), "a page");
  await fills({ from: startedMs, to: Date.now() }, by("tradeId", ...ids), "from, to");
  const reason = "it sends `limit=undefined` and does not sign it";
  const undefinedLimit = call("history.getFillHistory", { symbol: SPOT, limit: undefined });
  const refused = { statusCode: 400, message: (got) => got.includes("signature") };
  await theirFault("history.getFillHistory", undefinedLimit, refused, reason, "an undefined limit");
  await check("history.getOrderHistory", [{ orderId: last.id }], [{ id: last.id, status: "Cancelled" }]);
  await check("history.getOrderHistory", [{ symbol: SPOT, limit: 2 }], (got) => got.length === 2, "a page");
  const empty = [
    "getBorrowLendHistory",
    "getInterestHistory",
    "getBorrowLendPositionHistory",
    "getDustConversionHistory",
    "getFundingPayments",
  ];
  empty.push(
    "getProfitAndLossHistory",
    "getRfqHistory",
    "getQuoteHistory",
    "getSettlementHistory",
    "getStrategyHistory",
  );
  for (const name of empty) await check(`history.${name}`, [], []);
  await check("capital.getDeposits", [], []);
  await check("capital.getWithdrawals", [], []);
}

async function marketData() {
  const ticker = {
    symbol: SPOT,
    firstPrice: "21",
    high: "21",
    low: "19",
    lastPrice: "21",
    volume: "51",
    quoteVolume: "1069",
    trades: "4",
  };
  await check("markets.getTicker", [{ symbol: SPOT }], ticker);
  await check("markets.getTickers", [], includes(ticker, { symbol: PERP, lastPrice: "19" }));
  const filled = (await state()).fills.filter((row) => row.symbol === SPOT && !row.is_maker);
  const ids = filled.map((row) => row.trade_id).sort((a, b) => b - a);
  await check("trades.getRecentTrades", [{ symbol: SPOT }], by("id", ...ids));
  const trade = { price: "21", quantity: "2", quoteQuantity: "42", isBuyerMaker: false, timestamp: nowMs };
  await check("trades.getRecentTrades", [{ symbol: SPOT }], (got) => matches(got.at(-1), trade), "the first");
  await check("trades.getHistoricalTrades", [{ symbol: SPOT, limit: 2, offset: 1 }], by("id", ...ids.slice(1, 3)));
  const volume = (got) => got.reduce((sum, row) => sum + Number(row.volume ?? 0), 0) === 51;
  await check(
    "markets.getKlines",
    [{ symbol: SPOT, interval: "1m", startTime: Math.floor(startedMs / 1000) - 120 }],
    volume,
  );
  await check("markets.getMarkPrices", [PERP], [{ symbol: PERP, markPrice: "20", indexPrice: "20.5" }]);
  await check("markets.getOpenInterest", [PERP], [{ symbol: PERP, openInterest: "2", timestamp: nowMs }]);
  await check("markets.getFundingIntervalRates", [{ symbol: PERP }], Array.isArray);
}

async function accountData() {
  await check("account.getAccount", [], { spotMakerFee: "2", spotTakerFee: "5", autoLend: false });
  await check("account.updateAccount", [{ autoLend: true, leverageLimit: "5" }], "");
  await check("account.getAccount", [], { autoLend: true, leverageLimit: "5" }, "updated");
  const most = { symbol: SPOT, side: "Ask", maxOrderQuantity: "1000049" };
  await check("account.getMaxOrderQuantity", [{ symbol: SPOT, side: "Ask" }], most);
  await check("account.getMaxWithdrawalQuantity", [{ symbol: "SOL" }], { maxWithdrawalQuantity: "1000049" });
  await check("account.getMaxBorrowQuantity", ["SOL"], { maxBorrowQuantity: "0" });
  const collateral = { collateral: includes({ symbol: "SOL", totalQuantity: "1000049" }) };
  await check("capital.getCollateral", [], collateral);
  await check("borrowLend.getBorrowLendPositions", [], []);
  await check("borrowLendMarkets.getBorrowLendMarkets", [], []);
  await check("borrowLendMarkets.getBorrowLendMarketsHistory", [{ interval: "1d" }], []);
  await check("assets.getCollateral", [], []);
}

// What lends, borrows, withdraws or quotes on request.
const NOT_OFFERED = {
  "account.convertDustBalance": ["SOL"],
  "borrowLend.executeBorrowLend": [{ quantity: "1", side: "Lend", symbol: "USDC" }],
  "capital.getDepositAddress": ["Solana"],
  "capital.requestWithdrawal": [{ address: "nowhere", blockchain: "Solana", quantity: "1", symbol: "USDC" }],
  "rfq.submitRequestForQuote": [{ symbol: "SOL_USDC_RFQ", side: "Bid", quantity: "1" }],
  "rfq.acceptQuote": [{ rfqId: "1", quoteId: "1" }],
  "rfq.refreshQuote": [{ rfqId: "1" }],
  "rfq.cancelRequestForQuote": [{ rfqId: "1" }],
  "rfq.submitQuote": [{ rfqId: "1", bidPrice: "19", askPrice: "21" }],
};

async function methods() {
  for (const [name, sent] of Object.entries(NOT_OFFERED)) await notOffered(name, call(name, ...sent));
  const groups = Object.keys(client).filter((group) => group !== "auth");
  const own = (group) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(client[group])).filter((name) => name !== "constructor");
  exercised(groups.flatMap((group) => own(group).map((name) => `${group}.${name}`)));
}

// What comes on a stream, while something happens again and again: nothing tells when it is listened to.
async function told(heard, stream, provoke) {
  for (let turn = 0; turn < 200; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const message = heard.find((message) => message.stream === stream);
    if (message) return message.data;
    await provoke();
  }
  return null;
}

async function streams() {
  const heard = [];
  const bid = () => client.order.executeOrder({ ...LIMIT, price: "18" });
  const bestBid = () => client.order.executeOrder({ ...LIMIT, price: "19" });
  const buy = (symbol) => () => client.order.executeOrder({ ...MARKET, symbol, quantity: "0.01" });
  // No ask is left by now; the bids of the market maker are before this account's.
  const sell = () => client.order.executeOrder({ ...MARKET, side: "Ask", quantity: "0.01" });
  const nothing = () => undefined;
  await step("streams.open", () => client.streams.open(), undefined);
  let unregister;
  await step("streams.addMessageHandler", () => {
    unregister = client.streams.addMessageHandler((message) => heard.push(message));
    return typeof unregister;
  }, "function");
  for (const [name, sent, stream, provoke, want] of [
    ["orderUpdate", [SPOT], `account.orderUpdate.${SPOT}`, bid, { e: "orderAccepted", p: "18", q: "1.5" }],
    ["orderUpdate", [], "account.orderUpdate", bid, { e: "orderAccepted", p: "18", q: "1.5" }],
    ["positionUpdate", [PERP], `account.positionUpdate.${PERP}`, buy(PERP), { s: PERP }],
    ["bookTicker", [SPOT], `bookTicker.${SPOT}`, bestBid, { s: SPOT, b: "19" }],
    ["depth", [SPOT], `depth.${SPOT}`, bid, { e: "depth", a: [] }],
    ["kline", ["1m", SPOT], `kline.1m.${SPOT}`, sell, { c: "19", X: false }],
    ["markPrice", [PERP], `markPrice.${PERP}`, nothing, { s: PERP, f: "0" }],
    ["openInterest", [PERP], `openInterest.${PERP}`, nothing, { s: PERP }],
    ["ticker", [SPOT], `ticker.${SPOT}`, sell, { c: "19" }],
    ["trade", [SPOT], `trade.${SPOT}`, sell, { p: "19", q: "0.01", m: true }],
  ]) {
    client.streams[name]("SUBSCRIBE", ...sent);
    await step(`streams.${name}`, () => told(heard, stream, provoke), want, sent.join(", "));
  }
  await step("streams.RFQUpdate", () => client.streams.RFQUpdate("SUBSCRIBE"), undefined);
  await step("streams.liquidation", () => client.streams.liquidation("SUBSCRIBE"), undefined);
  client.streams.trade("UNSUBSCRIBE", SPOT);
  client.streams.trade("SUBSCRIBE", "NONE");
  const invalid = { id: null, error: { code: 4006, message: "Invalid stream" } };
  const errors = () => heard.filter((message) => message.error);
  await step("streams.trade", async () => {
    await told(heard, undefined, nothing);
    return errors();
  }, [invalid], "unknown symbol");
  await step("streams.removeMessageHandler", () => client.streams.removeMessageHandler(unregister), undefined);
  await step("streams.close", () => client.streams.close(), undefined);
  await client.order.cancelOpenOrders({ symbol: SPOT });
}

await start();
stage("trades");
for (const part of [resting, trading, stop, history, marketData, accountData, streams, methods]) await part();
finish(versionOf("bpx-api-client"));
