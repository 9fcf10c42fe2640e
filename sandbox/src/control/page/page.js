// The page of the control port. Everything it shows comes as text into the document, never as markup.

const $ = (id) => document.getElementById(id);

const FAULTS = [
  ["drop-before", "Drop before"],
  ["drop-after", "Drop after"],
  ["429", "429"],
  ["503-before", "503 before"],
  ["503-after", "503 after"],
  ["settle:2000", "202, settle late"],
  ["delay-after:2000", "Answer 2 s late"],
  ["html", "HTML 502"],
  ["truncated", "Truncated"],
  ["unknown-enum", "Unknown enum"],
  ["hang-up", "Hang up"],
  // These happen to messages of the WebSocket streams.
  ["stream-drop", "Drop stream"],
  ["stream-cut", "Cut stream"],
  ["stream-delay:2000", "Stream 2 s late"],
  ["stream-twice", "Message twice"],
  ["stream-skip", "Skip message"],
  ["stream-swap", "Swap markets"],
  ["stream-unknown-event", "Unknown event"],
  ["stream-unknown-state", "Unknown state"],
];

const OPERATIONS = [
  "execute_order", "cancel_order", "get_order", "execute_order_batch",
  "cancel_open_orders", "get_open_orders", "get_fills", "get_order_history", "get_balances",
  "account.orderUpdate", "account.positionUpdate", "account.balanceUpdate", "bookTicker", "depth", "trade",
];

const REFERENCES = ["mark", "index", "last"];

// What the exchange last said, section by section.
let state = {};
let source = null;

// ---- small tools

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function row(cells) {
  const made = element("tr");
  made.append(...cells);
  return made;
}

const number = (text) => element("td", text ?? "–");
const words = (text, className = "") => element("td", text, `text ${className}`.trim());

function side(name) {
  return words(name, name === "Bid" ? "bid" : "ask");
}

function fill(id, rows, none) {
  const body = $(id).tBodies[0];
  if (rows.length > 0) return body.replaceChildren(...rows);
  const cell = element("td", none, "none");
  cell.colSpan = 9;
  body.replaceChildren(row([cell]));
}

function time(ms) {
  return new Date(ms).toLocaleTimeString([], { hour12: false });
}

// How many decimals the finest of these has.
function places(texts) {
  return Math.max(0, ...texts.map((text) => (text.split(".")[1] ?? "").length));
}

// The same decimal with so many places, so that points stand below each other.
function padded(text, count) {
  const [whole, part = ""] = text.split(".");
  return count ? `${whole}.${part.padEnd(count, "0")}` : whole;
}

// Sums of decimal strings, exact: as integers of the finest digit.
function sum(texts) {
  const count = places(texts);
  const total = texts.reduce((total, text) => total + BigInt(padded(text, count).replace(".", "")), 0n);
  return point(total, count);
}

function point(value, count) {
  const digits = String(value < 0n ? -value : value).padStart(count + 1, "0");
  const text = count ? `${digits.slice(0, -count)}.${digits.slice(-count)}` : digits;
  return (value < 0n ? "-" : "") + text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

const negative = (text) => (text.startsWith("-") ? text.slice(1) : `-${text}`);

// ---- what is shown

function renderBook() {
  const book = (state.books ?? [])[0] ?? { bids: [], asks: [] };
  const both = [...book.bids, ...book.asks];
  const scale = {
    price: places(both.map((level) => level.price)),
    quantity: places(both.map((level) => level.quantity)),
    deepest: Math.max(1e-12, ...both.map((level) => Number(level.quantity))),
  };
  fill("asks", levels(book.asks, "ask", scale).reverse(), "No asks");
  fill("bids", levels(book.bids, "bid", scale), "No bids");
  const [bid, ask] = [book.bids[0]?.price, book.asks[0]?.price];
  $("spread").textContent = bid && ask ? `Spread ${sum([ask, negative(bid)])}` : "No spread yet";
  const known = REFERENCES.filter((kind) => book.reference?.[kind]);
  $("references").textContent = known.length
    ? known.map((kind) => `${kind} ${book.reference[kind]}`).join(" · ")
    : "None set";
}

// The rows of one side, best first; a row's depth is its share of the deepest level shown.
function levels(side, name, scale) {
  let total = "0";
  return side.map((level) => {
    total = sum([total, level.quantity]);
    const price = number(padded(level.price, scale.price));
    price.className = name;
    const made = row([
      price,
      number(padded(level.quantity, scale.quantity)),
      number(padded(total, scale.quantity)),
      number(level.orders),
    ]);
    made.style.setProperty("--depth", `${(100 * Number(level.quantity)) / scale.deepest}%`);
    return made;
  });
}

function renderOrders() {
  const rows = (state.open_orders ?? []).map((order) => row([
    words(order.client_id === null ? order.id : `${order.id} / ${order.client_id}`),
    words(order.symbol),
    side(order.side),
    number(order.price ?? (order.trigger_price ? `at ${order.trigger_price}` : "market")),
    number(order.quantity),
    number(order.executed_quantity),
    words(order.status),
    number(time(order.at_ms)),
  ]));
  fill("orders", rows, "No open orders");
}

function renderFills() {
  const rows = (state.fills ?? []).map((trade) => row([
    words(trade.trade_id),
    words(trade.symbol),
    side(trade.side),
    number(trade.price),
    number(trade.quantity),
    number(`${trade.fee} ${trade.fee_symbol}`),
    words(trade.is_maker ? "maker" : "taker"),
    number(time(trade.at_ms)),
  ]));
  fill("fills", rows, "No fills");
}

function renderRequests() {
  const rows = (state.requests ?? []).map(({ number: count, request }) => {
    const instructions = request.instructions;
    const signed = instructions.length > 1 ? `${instructions[0]} × ${instructions.length}` : instructions[0];
    const status = number(request.status);
    if (request.status >= 400) status.className = "bad";
    return row([number(count), words(`${request.method} ${request.path}`), words(signed), status]);
  });
  fill("requests", rows, "No request yet");
}

function renderFaults() {
  const armed = (state.faults_armed ?? []).map((rule) => {
    const to = rule.operation ?? "every one";
    const often = rule.probability === null
      ? `${rule.fired} of ${rule.times ?? 1}`
      : `${rule.fired} of ${rule.matched}`;
    return item(rule.fault, ` on ${to}${rule.symbol ? ` in ${rule.symbol}` : ""}, happened ${often}`);
  });
  const fired = (state.faults_fired ?? []).toReversed().map((fault) =>
    item(fault.fault, ` ${fault.method} ${fault.path}, ${time(fault.at_ms)}`));
  $("armed").replaceChildren(...(armed.length ? armed : [element("li", "None", "quiet")]));
  $("fired").replaceChildren(...(fired.length ? fired : [element("li", "None", "quiet")]));
}

function item(fault, rest) {
  const made = element("li");
  made.append(element("code", fault), element("span", rest, "quiet"));
  return made;
}

function renderAccounts() {
  $("accounts").replaceChildren(...(state.accounts ?? []).flatMap((account) => {
    const balances = account.balances.map(({ asset, available, locked }) =>
      row([words(asset), number(available), number(locked)]));
    const positions = account.positions.map(({ symbol, quantity, realized }) =>
      row([words(symbol), number(quantity), number(realized)]));
    const tables = [table(["Asset", "Available", "Locked"], balances)];
    if (positions.length) tables.push(table(["Position", "Quantity", "Realized"], positions));
    return [element("h3", account.name), element("code", account.api_key), ...tables];
  }));
}

function table(titles, rows) {
  const head = element("thead");
  head.append(row(titles.map((title, at) => element("th", title, at ? "" : "text"))));
  const body = element("tbody");
  body.append(...rows);
  const made = element("table");
  made.append(head, body);
  const scroll = element("div", null, "scroll");
  scroll.append(made);
  return scroll;
}

function renderExchange() {
  const { base_url, markets, clock_skew_ms } = state.exchange;
  $("address").textContent = base_url;
  $("skew").hidden = clock_skew_ms === 0;
  $("skew").className = "badge warn";
  $("skew").textContent = `clock ${clock_skew_ms > 0 ? "+" : ""}${clock_skew_ms} ms`;
  if ($("market").options.length !== markets.length) {
    choices("market", markets);
    $("market").value = chosenMarket() ?? markets[0];
  }
}

const RENDERERS = {
  exchange: renderExchange,
  books: renderBook,
  open_orders: renderOrders,
  fills: renderFills,
  requests: renderRequests,
  faults_armed: renderFaults,
  faults_fired: renderFaults,
  accounts: renderAccounts,
};

// ---- watching

function chosenMarket() {
  return location.hash.slice(1) || null;
}

function take(event) {
  const changed = JSON.parse(event.data);
  Object.assign(state, changed);
  for (const render of new Set(Object.keys(changed).map((name) => RENDERERS[name]))) render?.();
}

function watch(market) {
  source?.close();
  source = new EventSource(`/events?${new URLSearchParams({ market, rows: 50 })}`);
  source.addEventListener("snapshot", take);
  source.addEventListener("change", take);
  source.onopen = () => show("live", true);
  source.onerror = () => show("reconnecting", false);
}

function show(text, on) {
  $("live").textContent = text;
  $("live").classList.toggle("on", on);
}

// ---- doing

async function send(method, path, body) {
  const request = { method };
  if (body !== undefined) {
    request.headers = { "content-type": "application/json" };
    request.body = JSON.stringify(body);
  }
  let complaint = "";
  try {
    const response = await fetch(path, request);
    if (!response.ok) {
      const { problem, fix } = await response.json();
      complaint = fix ? `${problem}: ${fix}` : problem;
    }
  } catch {
    complaint = "The sandbox does not answer: is it still running?";
  }
  $("notice").textContent = complaint;
  $("notice").hidden = complaint === "";
}

function arm(fault) {
  const rule = { fault, times: Number($("times").value) || 1 };
  if ($("operation").value) rule.operation = $("operation").value;
  return send("POST", "/faults", rule);
}

function choices(select, values, labels = values) {
  const options = values.map((value, at) => {
    const option = element("option", labels[at]);
    option.value = value;
    return option;
  });
  $(select).replaceChildren(...options);
}

async function start() {
  choices("operation", ["", ...OPERATIONS], ["every request or message", ...OPERATIONS]);
  choices("reference-kind", REFERENCES);
  for (const [fault, label] of FAULTS) {
    const button = element("button", label);
    button.type = "button";
    button.title = fault;
    button.dataset.fault = fault;
    button.onclick = () => arm(fault);
    $("common").append(button);
  }
  $("arm").onsubmit = (event) => {
    event.preventDefault();
    if ($("fault").value) arm($("fault").value.trim());
  };
  $("clear").onclick = () => send("DELETE", "/faults");
  $("reset").onclick = () => send("POST", "/reset");
  $("reference").onsubmit = (event) => {
    event.preventDefault();
    send("PUT", "/reference-price", {
      symbol: $("market").value,
      [$("reference-kind").value]: $("reference-price").value.trim(),
    });
  };
  $("market").onchange = () => {
    location.hash = $("market").value;
    watch($("market").value);
  };
  const { exchange } = await (await fetch("/state?rows=0&levels=0")).json();
  state.exchange = exchange;
  renderExchange();
  const wanted = chosenMarket();
  const market = exchange.markets.includes(wanted) ? wanted : exchange.markets.find((name) => name === "SOL_USDC") ?? exchange.markets[0];
  $("market").value = market;
  watch(market);
}

start().catch(() => show("the sandbox does not answer; reload the page", false));
