// ccxt from npm: every capability that its `has` names, by ccxt's own names.

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
  raises,
  stage,
  startedMs,
  state,
  step,
  theirFault,
} from "../harness.mjs";

const ccxt = load("ccxt");
const SPOT = "SOL/USDC";
const PERP = "SOL/USDC:USDC";
// What is true in `has` and is no call.
const NO_CALLS = ["publicAPI", "privateAPI", "spot", "margin", "swap"];

function connect(more = {}) {
  const urls = { api: { public: BASE_URL, private: BASE_URL } };
  const client = new ccxt.backpack({ apiKey: API_KEY, secret: API_SECRET, urls, enableRateLimit: false, ...more });
  client.fetchImplementation = globalThis.fetch;
  return client;
}

const exchange = connect();
// The order that was placed last.
let last = {};

// Places an order by any of the calls that do.
function order(call, ...sent) {
  return async () => {
    last = {};
    last = await exchange[call](...sent);
    return last;
  };
}

// An order that rests is as it was sent, is the only one at the exchange, and can be cancelled.
async function rests(call, sent, want, note = "", symbol = SPOT) {
  await step(call, order(call, ...sent), { status: "open", filled: 0, timestamp: nowMs, ...want }, note);
  await step(call, async () => (await state()).open_orders, [{ id: last.id }], `${note} at the exchange`.trim());
  await step("cancelOrder", () => exchange.cancelOrder(last.id, symbol), { status: "canceled", id: last.id }, note);
}

// An order that is filled at once.
async function fills(call, sent, filled, average, note = "") {
  await step(call, order(call, ...sent), { status: "closed", filled, average, timestamp: nowMs }, note);
}

async function refused(call, sent, kind, text, note) {
  await step(call, () => exchange[call](...sent), raises(kind, text), note);
}

async function start() {
  stage("starts");
  await control("PUT", "/clock-skew", { skew_ms: 3_600_000 });
  await theirFault("fetchTime", () => exchange.fetchTime(), nowMs, "it gives its own time instead of the exchange's");
  await control("PUT", "/clock-skew", { skew_ms: 0 });
  await step("fetchStatus", () => exchange.fetchStatus(), { status: "ok" });
  await step(
    "fetchMarkets",
    () => exchange.fetchMarkets(),
    includes({ id: "SOL_USDC_PERP", symbol: PERP, type: "swap", active: true }),
  );
  const market = { id: "SOL_USDC", precision: { price: 0.01, amount: 0.01 }, limits: { amount: { min: 0.01 } } };
  await step("loadMarkets", () => exchange.loadMarkets(), { [SPOT]: market });
  await step("loadMarkets", () => exchange.ids, (await state()).exchange.markets.sort(), "all of them");
  await step("fetchCurrencies", () => exchange.fetchCurrencies(), { SOL: { id: "SOL" }, USDC: { id: "USDC" } });
  for (const call of ["fetchOrderBook", "fetchL2OrderBook"]) {
    await step(call, () => exchange[call](SPOT), { asks: [[21, 50]], bids: [[19, 50]], timestamp: nowMs });
  }
  await step("fetchOrderBook", () => exchange.fetchOrderBook(SPOT, 7), { asks: [[21, 50]] }, "a limit of 7");
  await step("fetchBalance", () => exchange.fetchBalance(), {
    USDC: { free: 1_000_000, used: 0 },
    SOL: { total: 1_000_000 },
  });
}

async function resting() {
  const limit = (more) => [SPOT, "limit", "buy", 1, 18, more];
  const answered = { price: 18.1, amount: 1.5, clientOrderId: "7", side: "buy", type: "limit", timeInForce: "GTC" };
  await rests("createOrder", [SPOT, "limit", "buy", 1.5, 18.1, { clientOrderId: 7 }], answered, "limit");
  for (const identity of [0, 4_294_967_295]) {
    await rests(
      "createOrder",
      limit({ clientOrderId: identity }),
      { clientOrderId: String(identity) },
      `client id ${identity}`,
    );
  }
  for (const [mode, name] of [
    ["EXPIRE_MAKER", "RejectMaker"],
    ["EXPIRE_TAKER", "RejectTaker"],
    ["EXPIRE_BOTH", "RejectBoth"],
  ]) {
    await rests("createOrder", limit({ selfTradePrevention: mode }), { info: { selfTradePrevention: name } }, mode);
  }
  await rests("createOrder", limit({ timeInForce: "PO" }), { postOnly: true }, "PO");
  await rests("createLimitOrder", [SPOT, "sell", 1, 30], { side: "sell", price: 30 });
  await rests("createLimitBuyOrder", [SPOT, 1, 18], { side: "buy", price: 18 });
  await rests("createLimitSellOrder", [SPOT, 1, 30], { side: "sell", price: 30 });
  await rests("createPostOnlyOrder", [SPOT, "limit", "buy", 1, 18], { postOnly: true });
  const trigger = { triggerPrice: 29, price: 30, info: { triggerQuantity: "2" } };
  await rests("createTriggerOrder", [SPOT, "limit", "sell", 2, 30, 29], trigger);
  const exits = { info: { takeProfitTriggerPrice: "31", stopLossTriggerPrice: "15" } };
  await rests("createOrderWithTakeProfitAndStopLoss", [PERP, "limit", "buy", 1, 18, 31, 15], exits, "", PERP);
}

async function openOrders() {
  await step("createOrder", order("createOrder", SPOT, "limit", "buy", 2, 18), { status: "open" }, "to be read");
  await step(
    "fetchBalance",
    () => exchange.fetchBalance(),
    { USDC: { used: 36.018, total: 1_000_000 } },
    "funds locked",
  );
  const want = { id: last.id, amount: 2, price: 18, remaining: 2 };
  await step("fetchOpenOrder", () => exchange.fetchOpenOrder(last.id, SPOT), want);
  await step("fetchOpenOrders", () => exchange.fetchOpenOrders(SPOT), [want]);
  if (exchange.has.fetchOrder) await step("fetchOrder", () => exchange.fetchOrder(last.id, SPOT), want);
  await step("editOrder", order("editOrder", last.id, SPOT, "limit", "buy", 3, 17), { amount: 3, price: 17 });
  await step("editOrder", async () => (await state()).open_orders, by("price", "17"), "at the exchange");
  await step("cancelOrder", () => exchange.cancelOrder(last.id, SPOT), { status: "canceled", remaining: 3 });
  await step("fetchBalance", () => exchange.fetchBalance(), { USDC: { used: 0, free: 1_000_000 } }, "funds released");
}

async function trading() {
  await fills("createMarketOrder", [SPOT, "buy", 2], 2, 21);
  await fills("createMarketBuyOrder", [SPOT, 1], 1, 21);
  await fills("createMarketSellOrder", [SPOT, 1], 1, 19);
  await fills("createOrder", [SPOT, "market", "buy", 0, undefined, { cost: 42 }], 2, 21, "a market order by its cost");
  await fills("createOrder", [SPOT, "limit", "buy", 1, 21, { timeInForce: "FOK" }], 1, 21, "FOK");
  const fault = "it takes the cost for the quantity";
  const call = "createMarketOrderWithCost";
  await theirFault(call, order(call, SPOT, "buy", 4), { filled: 4, cost: 84 }, fault);
  await theirFault(
    "createMarketBuyOrderWithCost",
    order("createMarketBuyOrderWithCost", SPOT, 2),
    { filled: 2, cost: 42 },
    fault,
  );
  await theirFault(
    "createMarketSellOrderWithCost",
    order("createMarketSellOrderWithCost", SPOT, 2),
    { filled: 2, cost: 38 },
    fault,
  );
  const ioc = [SPOT, "limit", "buy", 100, 21, { timeInForce: "IOC" }];
  await step("createOrder", order("createOrder", ...ioc), { filled: 38, average: 21, status: "canceled" }, "IOC");
  // 50 bought at 21 and 3 sold at 19, with a fee of 0.05 %.
  const balance = { SOL: { total: 1_000_047 }, USDC: { total: 999_006.4465, used: 0 } };
  await step("fetchBalance", () => exchange.fetchBalance(), balance, "bought and sold");
  await control("POST", "/liquidity", { symbol: "SOL_USDC", side: "Ask", price: "21", quantity: "50" });
}

async function position() {
  await control("PUT", "/reference-price", { symbol: "SOL_USDC_PERP", mark: "20", index: "20.5" });
  await fills("createOrder", [PERP, "market", "buy", 3], 3, 21, "a perpetual");
  const want = { symbol: PERP, side: "long", info: { netQuantity: "3", entryPrice: "21", pnlUnrealized: "-3" } };
  await step("fetchPositions", () => exchange.fetchPositions([PERP]), [want], "of one market");
  const wrong = { contracts: "3", entryPrice: "21", markPrice: "20", unrealizedPnl: "-3" };
  await theirFault("fetchPositions", () => exchange.fetchPositions(), [wrong], "it leaves numbers as text");
  const reduced = { filled: 1, reduceOnly: true };
  await step("createReduceOnlyOrder", order("createReduceOnlyOrder", PERP, "market", "sell", 1), reduced);
  await step(
    "fetchPositions",
    () => exchange.fetchPositions(),
    [{ info: { netQuantity: "2" } }],
    "after it was reduced",
  );
}

async function refusals() {
  const refusedOrder = (sent, kind, text, note) => refused("createOrder", [SPOT, "limit", ...sent], kind, text, note);
  await refusedOrder(["buy", 1_000_000, 20], ccxt.InsufficientFunds, "INSUFFICIENT_FUNDS", "too expensive");
  await refusedOrder(
    ["buy", 1, 22, { postOnly: true }],
    ccxt.InvalidOrder,
    "immediately match",
    "post-only that crosses",
  );
  await refusedOrder(["buy", 0.001, 20], ccxt.InvalidOrder, "amount of SOL/USDC", "too small");
  const large = { clientOrderId: 4_294_967_296 };
  await refusedOrder(["buy", 1, 20, large], ccxt.ExchangeNotAvailable, "expected u32", "client id over u32");
  await refused("cancelOrder", ["99999", SPOT], ccxt.ExchangeNotAvailable, "RESOURCE_NOT_FOUND", "unknown");
  const stranger = connect({ secret: OTHER_SECRET });
  await step("fetchBalance", () => stranger.fetchBalance(), raises(ccxt.BadRequest, "signature"), "another's key");
  const share = [SPOT, "limit", "sell", 1, 30, { triggerPrice: 29, triggerQuantity: "80%" }];
  const reason = "it signs `80%25`, the venue signs values as they are";
  await theirFault(
    "createOrder",
    order("createOrder", ...share),
    raises(ccxt.BadRequest, "signature"),
    reason,
    "a share as triggerQuantity",
  );
}

async function stop() {
  stage("stops");
  const row = { symbol: SPOT, type: "limit", side: "buy", amount: 1 };
  const batch = [
    { ...row, price: 17 },
    { ...row, price: 18 },
    { ...row, price: 18.5, symbol: PERP },
  ];
  await step("createOrders", () => exchange.createOrders(batch), by("price", 17, 18, 18.5));
  const trigger = [SPOT, "market", "sell", 1, undefined, { triggerPrice: 15 }];
  await step(
    "createOrder",
    order("createOrder", ...trigger),
    { triggerPrice: 15, type: "market" },
    "a market order with a trigger",
  );
  const ids = (await state()).open_orders.map((open) => open.id).sort();
  await step("fetchOpenOrders", () => exchange.fetchOpenOrders(), by("id", ...ids));
  await step(
    "cancelAllOrders",
    () => exchange.cancelAllOrders(SPOT, { orderType: "ConditionalOrder" }),
    by("id", last.id),
    "conditional ones",
  );
  const both = (got) => matches(got.map((open) => open.price).sort(), [17, 18]);
  await step("cancelAllOrders", () => exchange.cancelAllOrders(SPOT), both);
  await step("fetchOpenOrders", () => exchange.fetchOpenOrders(), by("symbol", PERP), "one left");
  await step("cancelAllOrders", () => exchange.cancelAllOrders(PERP), by("symbol", PERP), "of the perpetual");
  await step("fetchOpenOrders", () => exchange.fetchOpenOrders(), [], "none left");
  await step("fetchOpenOrders", async () => (await state()).open_orders, [], "none left at the exchange");
}

// All pages of 3, the order of rows put aside.
async function pages(call) {
  const rows = [];
  for (let offset = 0; offset < 12; offset += 3) rows.push(...(await call(offset)));
  return rows.map((row) => row.id).sort((a, b) => a - b);
}

async function history() {
  stage("more");
  const filled = (await state()).fills.filter((row) => row.symbol === "SOL_USDC" && row.account === "main");
  const ids = filled
    .map((row) => row.trade_id)
    .sort((a, b) => a - b)
    .map(String);
  const trades =
    (...sent) =>
    () =>
      exchange.fetchMyTrades(SPOT, ...sent);
  await step("fetchMyTrades", trades(), by("id", ...ids));
  const first = {
    price: 21,
    amount: 2,
    side: "buy",
    takerOrMaker: "taker",
    fee: { cost: 0.021, currency: "USDC" },
    timestamp: nowMs,
  };
  await step("fetchMyTrades", async () => (await trades()())[0], first, "the first");
  await step("fetchMyTrades", () => pages((offset) => trades(undefined, 3, { offset })()), ids, "pages of 3");
  await step("fetchMyTrades", trades(startedMs, 100, { until: Date.now() }), by("id", ...ids), "since, until");
  await step("fetchMyTrades", trades(undefined, undefined, { until: startedMs - 1000 }), [], "before the start");
  const orders = (...sent) => exchange.fetchOrders(SPOT, ...sent);
  const canceled = { price: 18.1, amount: 1.5, status: "canceled", timestamp: nowMs };
  await step("fetchOrders", async () => (await orders())[0], canceled);
  await step(
    "fetchOrders",
    () => pages((offset) => orders(undefined, 3, { offset })),
    (got) => new Set(got).size === 12,
    "pages of 3",
  );
  await step("fetchOrders", () => orders(Date.now() + 1000), [], "since later");
}

async function marketData() {
  const ticker = { open: 21, high: 21, low: 19, last: 21, baseVolume: 53, symbol: SPOT };
  await step("fetchTicker", () => exchange.fetchTicker(SPOT), ticker);
  await step("fetchTickers", () => exchange.fetchTickers([SPOT, PERP]), { [SPOT]: ticker, [PERP]: { last: 19 } });
  const filled = (await state()).fills.filter((row) => row.symbol === "SOL_USDC" && !row.is_maker);
  const ids = filled
    .map((row) => row.trade_id)
    .sort((a, b) => a - b)
    .map(String);
  const trades = (more) => exchange.fetchTrades(SPOT, undefined, undefined, more);
  await step("fetchTrades", trades, by("id", ...ids));
  const first = { price: 21, amount: 2, cost: 42, side: "buy", timestamp: nowMs };
  await step("fetchTrades", async () => (await trades())[0], first, "the first");
  await step("fetchTrades", () => trades({ offset: 1 }), by("id", ...ids.slice(0, -1)), "older ones");
  // Minutes without a trade have no prices.
  const traded = (await exchange.fetchOHLCV(SPOT, "1m", undefined, 5)).filter((row) => row[5]);
  const column = (index) => traded.map((row) => row[index]);
  const candles = () => [
    column(5).reduce((sum, volume) => sum + volume),
    Math.max(...column(2)),
    Math.min(...column(3)),
  ];
  await step("fetchOHLCV", candles, [53, 21, 19]);
  // Only the present minute has one.
  for (const [call, price] of [
    ["fetchMarkOHLCV", 20],
    ["fetchIndexOHLCV", 20.5],
  ]) {
    await step(call, async () => (await exchange[call](PERP, "1m", undefined, 5)).at(-1)[4], price);
  }
  await step("fetchFundingRate", () => exchange.fetchFundingRate(PERP), {
    symbol: PERP,
    markPrice: 20,
    indexPrice: 20.5,
  });
  await step("fetchFundingRateHistory", () => exchange.fetchFundingRateHistory(PERP), Array.isArray);
  await step("fetchFundingHistory", () => exchange.fetchFundingHistory(), []);
  await step("fetchOpenInterest", () => exchange.fetchOpenInterest(PERP), { openInterestValue: 2, timestamp: nowMs });
}

async function money() {
  await step("fetchDeposits", () => exchange.fetchDeposits(), []);
  await step("fetchWithdrawals", () => exchange.fetchWithdrawals(), []);
  await notOffered("fetchDepositAddress", () => exchange.fetchDepositAddress("USDC", { network: "SOL" }));
  // In some versions a tag stands before the parameters.
  const network = { network: "SOL" };
  await notOffered("withdraw", () => exchange.withdraw("USDC", 1, "nowhere", network, network));
  const noStock = raises(ccxt.BadSymbol, "listed stock RFQ market");
  for (const [call, more] of [
    ["fetchConvertQuote", []],
    ["createConvertTrade", ["1"]],
  ]) {
    if (exchange.has[call])
      await notOffered(call, () => exchange[call](...more, "USDC", "AAPL.US", 1), noStock, "no stocks");
  }
  const reason = "`has` says it can, and it cannot";
  const cannot = raises(ccxt.NotSupported, "not supported yet");
  await theirFault("fetchOpenInterestHistory", () => exchange.fetchOpenInterestHistory(PERP), cannot, reason);
  await step("fetchCurrenciesWs", () => exchange.fetchCurrenciesWs(), { SOL: { id: "SOL" }, USDC: { id: "USDC" } });
  if (exchange.has.createMarketOrderWs) {
    await theirFault("createMarketOrderWs", () => exchange.createMarketOrderWs(SPOT, "buy", 1), cannot, reason);
  }
}

// Endpoints that ccxt has no unified call for.
async function raw() {
  const account = { spotTakerFee: "5", liquidating: false };
  await step("privateGetApiV1Account", () => exchange.privateGetApiV1Account(), account);
  const sent = { symbol: "SOL_USDC", side: "Ask" };
  const most = { maxOrderQuantity: "1000047", side: "Ask" };
  await step("privateGetApiV1AccountLimitsOrder", () => exchange.privateGetApiV1AccountLimitsOrder(sent), most);
  const collateral = { collateral: includes({ symbol: "SOL", totalQuantity: "1000047" }) };
  await step("privateGetApiV1CapitalCollateral", () => exchange.privateGetApiV1CapitalCollateral(), collateral);
  await step("privateGetApiV1BorrowLendPositions", () => exchange.privateGetApiV1BorrowLendPositions(), []);
}

async function watcher(secret = API_SECRET) {
  const stream = BASE_URL.replace("http", "ws");
  const api = { public: BASE_URL, private: BASE_URL, ws: { public: stream, private: stream } };
  const client = new ccxt.pro.backpack({ apiKey: API_KEY, secret, urls: { api }, enableRateLimit: false });
  client.fetchImplementation = globalThis.fetch;
  // Without it, this client opens no `ws://`.
  await client.loadHttpProxyAgent();
  return client;
}

// What a call of ccxt.pro gives, while something happens again and again: nothing tells when it listens.
async function told(watch, provoke) {
  let isDone = false;
  const watched = watch.finally(() => (isDone = true));
  for (let turn = 0; turn < 200; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (isDone) break;
    await provoke();
  }
  return watched;
}

// What ccxt.pro watches.
async function watching() {
  const pro = await watcher();
  const bid = () => exchange.createOrder(SPOT, "limit", "buy", 1, 18);
  const bidAndCancel = async () => exchange.cancelOrder((await bid()).id, SPOT);
  const buy = (symbol) => () => exchange.createOrder(symbol, "market", "buy", 0.01);
  const read = await exchange.fetchOrderBook(SPOT);
  const trade = { price: 21, amount: 0.01, side: "buy", timestamp: nowMs };
  const placed = { symbol: SPOT, price: 18, amount: 1, type: "limit", side: "buy", status: "open" };
  const lastIs = (want) => (got) => matches(got.at(-1), want);
  for (const [call, sent, provoke, want] of [
    ["watchOrderBook", [SPOT], bidAndCancel, { asks: read.asks, bids: (bids) => matches(bids[0], read.bids[0]) }],
    ["watchTicker", [SPOT], buy(SPOT), { symbol: SPOT, last: 21, timestamp: nowMs }],
    ["watchTrades", [SPOT], buy(SPOT), lastIs(trade)],
    ["watchOrders", [SPOT], bid, lastIs(placed)],
    ["watchPositions", [[PERP]], buy(PERP), [{ symbol: PERP, side: "long", timestamp: nowMs }]],
  ]) {
    await step(call, () => told(pro[call](...sent), provoke), want);
  }
  const stranger = await watcher(OTHER_SECRET);
  const refused = raises(ccxt.ExchangeError, "Invalid signature");
  await step("watchOrders", () => stranger.watchOrders(SPOT), refused, "another's key");
  for (const each of [pro, stranger]) await each.close();
  for (const symbol of [SPOT, PERP]) await exchange.cancelAllOrders(symbol);
}

await start();
stage("trades");
for (const part of [resting, openOrders, trading, position, refusals, stop, history, marketData, money, raw, watching])
  await part();
exercised(Object.keys(exchange.has).filter((name) => exchange.has[name] && !NO_CALLS.includes(name)));
finish(ccxt.version);
