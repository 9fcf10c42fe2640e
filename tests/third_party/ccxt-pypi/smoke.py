"""ccxt from PyPI: every capability that its `has` names, by ccxt's own names."""

import asyncio

import ccxt
import ccxt.pro
from harness import *

SPOT, PERP = "SOL/USDC", "SOL/USDC:USDC"
# What is true in `has` and is no call.
NO_CALLS = {"publicAPI", "privateAPI", "spot", "margin", "swap"}


def connect(**more):
    urls = {"api": {"public": BASE_URL, "private": BASE_URL}}
    return ccxt.backpack({"apiKey": API_KEY, "secret": API_SECRET, "urls": urls, "enableRateLimit": False, **more})


exchange = connect()
# The order that was placed last.
last = {}


def order(call, *arguments):
    """Places an order by any of the calls that do."""

    def get():
        last.clear()
        last.update(getattr(exchange, call)(*arguments))
        return last

    return get


def rests(call, arguments, want, note="", symbol=SPOT):
    """An order that rests is as it was sent, is the only one at the exchange, and can be cancelled."""
    step(call, order(call, *arguments), {"status": "open", "filled": 0, "timestamp": now_ms, **want}, note)
    step(
        call, lambda: [row["id"] for row in state()["open_orders"]], [last.get("id")], f"{note} at the exchange".strip()
    )
    step(
        "cancelOrder",
        lambda: exchange.cancelOrder(last["id"], symbol),
        {"status": "canceled", "id": last.get("id")},
        note,
    )


def fills(call, arguments, filled, average, note=""):
    """An order that is filled at once."""
    want = {"status": "closed", "filled": filled, "average": average, "timestamp": now_ms}
    step(call, order(call, *arguments), want, note)


def refused(call, arguments, kind, text, note):
    step(call, lambda: getattr(exchange, call)(*arguments), raises(kind, text), note)


def start():
    stage("starts")
    their_fault("fetchTime", exchange.fetchTime, 1, "it takes the first digit of the time for the time")
    step("fetchStatus", exchange.fetchStatus, {"status": "ok"})
    step(
        "fetchMarkets",
        exchange.fetchMarkets,
        includes({"id": "SOL_USDC_PERP", "symbol": PERP, "type": "swap", "active": True}),
    )
    market = {"id": "SOL_USDC", "precision": {"price": 0.01, "amount": 0.01}, "limits": {"amount": {"min": 0.01}}}
    step("loadMarkets", lambda: exchange.loadMarkets()[SPOT], market)
    step("loadMarkets", lambda: exchange.ids, sorted(state()["exchange"]["markets"]), "all of them")
    step("fetchCurrencies", exchange.fetchCurrencies, includes(("SOL", {"id": "SOL"}), ("USDC", {"id": "USDC"})))
    for call in ("fetchOrderBook", "fetchL2OrderBook"):
        step(call, lambda: getattr(exchange, call)(SPOT), {"asks": [[21, 50]], "bids": [[19, 50]], "timestamp": now_ms})
    step("fetchOrderBook", lambda: exchange.fetchOrderBook(SPOT, 7), {"asks": [[21, 50]]}, "a limit of 7")
    step("fetchBalance", exchange.fetchBalance, {"USDC": {"free": 1_000_000, "used": 0}, "SOL": {"total": 1_000_000}})


def resting():
    sent = [SPOT, "limit", "buy", 1.5, 18.1, {"clientOrderId": 7}]
    answered = {
        "price": 18.1,
        "amount": 1.5,
        "clientOrderId": "7",
        "side": "buy",
        "type": "limit",
        "timeInForce": "GTC",
    }
    rests("createOrder", sent, answered, "limit")
    for identity in (0, 4_294_967_295):
        sent = [SPOT, "limit", "buy", 1, 18, {"clientOrderId": identity}]
        rests("createOrder", sent, {"clientOrderId": str(identity)}, f"client id {identity}")
    for mode, name in (("EXPIRE_MAKER", "RejectMaker"), ("EXPIRE_TAKER", "RejectTaker"), ("EXPIRE_BOTH", "RejectBoth")):
        sent = [SPOT, "limit", "buy", 1, 18, {"selfTradePrevention": mode}]
        rests("createOrder", sent, {"info": {"selfTradePrevention": name}}, mode)
    rests("createOrder", [SPOT, "limit", "buy", 1, 18, {"timeInForce": "PO"}], {"postOnly": True}, "PO")
    rests("createLimitOrder", [SPOT, "sell", 1, 30], {"side": "sell", "price": 30})
    rests("createLimitBuyOrder", [SPOT, 1, 18], {"side": "buy", "price": 18})
    rests("createLimitSellOrder", [SPOT, 1, 30], {"side": "sell", "price": 30})
    rests("createPostOnlyOrder", [SPOT, "limit", "buy", 1, 18], {"postOnly": True})
    rests(
        "createTriggerOrder",
        [SPOT, "limit", "sell", 2, 30, 29],
        {"triggerPrice": 29, "price": 30, "info": {"triggerQuantity": "2"}},
    )
    exits = [PERP, "limit", "buy", 1, 18, 31, 15]
    want = {"info": {"takeProfitTriggerPrice": "31", "stopLossTriggerPrice": "15"}}
    rests("createOrderWithTakeProfitAndStopLoss", exits, want, symbol=PERP)


def open_orders():
    step("createOrder", order("createOrder", SPOT, "limit", "buy", 2, 18), {"status": "open"}, "to be read")
    step("fetchBalance", exchange.fetchBalance, {"USDC": {"used": 36.018, "total": 1_000_000}}, "funds locked")
    want = {"id": last["id"], "amount": 2, "price": 18, "remaining": 2}
    step("fetchOpenOrder", lambda: exchange.fetchOpenOrder(last["id"], SPOT), want)
    step("fetchOpenOrders", lambda: exchange.fetchOpenOrders(SPOT), [want])
    step("fetchOrder", lambda: exchange.fetchOrder(last["id"], SPOT), want)
    step("editOrder", lambda: order("editOrder", last["id"], SPOT, "limit", "buy", 3, 17)(), {"amount": 3, "price": 17})
    step("editOrder", lambda: [row["price"] for row in state()["open_orders"]], ["17"], "at the exchange")
    step("cancelOrder", lambda: exchange.cancelOrder(last["id"], SPOT), {"status": "canceled", "remaining": 3})
    step("fetchBalance", exchange.fetchBalance, {"USDC": {"used": 0, "free": 1_000_000}}, "funds released")


def trading():
    fills("createMarketOrder", [SPOT, "buy", 2], 2, 21)
    fills("createMarketBuyOrder", [SPOT, 1], 1, 21)
    fills("createMarketSellOrder", [SPOT, 1], 1, 19)
    fills("createOrder", [SPOT, "market", "buy", 0, None, {"cost": 42}], 2, 21, "a market order by its cost")
    fills("createOrder", [SPOT, "limit", "buy", 1, 21, {"timeInForce": "FOK"}], 1, 21, "FOK")
    fault = "it takes the cost for the quantity"
    their_fault(
        "createMarketOrderWithCost",
        order("createMarketOrderWithCost", SPOT, "buy", 4),
        {"filled": 4, "cost": 84},
        fault,
    )
    fault = "it looks for an option that it does not have"
    their_fault(
        "createMarketBuyOrderWithCost", order("createMarketBuyOrderWithCost", SPOT, 21), raises(KeyError), fault
    )
    their_fault(
        "createMarketSellOrderWithCost", order("createMarketSellOrderWithCost", SPOT, 19), raises(KeyError), fault
    )
    sent = [SPOT, "limit", "buy", 100, 21, {"timeInForce": "IOC"}]
    step("createOrder", order("createOrder", *sent), {"filled": 40, "average": 21, "status": "canceled"}, "IOC")
    # 50 bought at 21 and 1 sold at 19, with a fee of 0.05 %.
    balance = {"SOL": {"total": 1_000_049}, "USDC": {"total": 998_968.4655, "used": 0}}
    step("fetchBalance", exchange.fetchBalance, balance, "bought and sold")
    control("POST", "/liquidity", {"symbol": "SOL_USDC", "side": "Ask", "price": "21", "quantity": "50"})


def position():
    control("PUT", "/reference-price", {"symbol": "SOL_USDC_PERP", "mark": "20", "index": "20.5"})
    fills("createOrder", [PERP, "market", "buy", 3], 3, 21, "a perpetual")
    want = {"symbol": PERP, "side": "long", "info": {"netQuantity": "3", "entryPrice": "21", "pnlUnrealized": "-3"}}
    step("fetchPositions", lambda: exchange.fetchPositions([PERP]), [want], "of one market")
    wrong = {"contracts": "3", "entryPrice": "21", "markPrice": "20", "unrealizedPnl": "-3"}
    their_fault("fetchPositions", exchange.fetchPositions, [wrong], "it leaves numbers as text")
    step(
        "createReduceOnlyOrder",
        order("createReduceOnlyOrder", PERP, "market", "sell", 1),
        {"filled": 1, "reduceOnly": True},
    )
    step("fetchPositions", exchange.fetchPositions, [{"info": {"netQuantity": "2"}}], "after it was reduced")


def refusals():
    refused(
        "createOrder",
        [SPOT, "limit", "buy", 1_000_000, 20],
        ccxt.InsufficientFunds,
        "INSUFFICIENT_FUNDS",
        "too expensive",
    )
    refused(
        "createOrder",
        [SPOT, "limit", "buy", 1, 22, {"postOnly": True}],
        ccxt.InvalidOrder,
        "immediately match",
        "post-only that crosses",
    )
    refused("createOrder", [SPOT, "limit", "buy", 0.001, 20], ccxt.InvalidOrder, "amount of SOL/USDC", "too small")
    refused(
        "createOrder",
        [SPOT, "limit", "buy", 1, 20, {"clientOrderId": 4_294_967_296}],
        ccxt.ExchangeNotAvailable,
        "expected u32",
        "client id over u32",
    )
    refused("cancelOrder", ["99999", SPOT], ccxt.ExchangeNotAvailable, "RESOURCE_NOT_FOUND", "unknown")
    refused("fetchOrder", ["99999", SPOT], ccxt.ExchangeNotAvailable, "RESOURCE_NOT_FOUND", "unknown")
    stranger = connect(secret=OTHER_SECRET)
    step("fetchBalance", stranger.fetchBalance, raises(ccxt.BadRequest, "signature"), "another's key")
    share = [SPOT, "limit", "sell", 1, 30, {"triggerPrice": 29, "triggerQuantity": "80%"}]
    wrong = raises(ccxt.BadRequest, "signature")
    reason = "it signs `80%25`, the venue signs values as they are"
    their_fault("createOrder", order("createOrder", *share), wrong, reason, "a share as triggerQuantity")


def stop():
    stage("stops")
    row = {"symbol": SPOT, "type": "limit", "side": "buy", "amount": 1}
    batch = [{**row, "price": 17}, {**row, "price": 18}, {**row, "price": 18.5, "symbol": PERP}]
    step("createOrders", lambda: exchange.createOrders(batch), by("price", 17, 18, 18.5))
    trigger = [SPOT, "market", "sell", 1, None, {"triggerPrice": 15}]
    step(
        "createOrder",
        order("createOrder", *trigger),
        {"triggerPrice": 15, "type": "market"},
        "a market order with a trigger",
    )
    step("fetchOpenOrders", exchange.fetchOpenOrders, by("id", *sorted(row["id"] for row in state()["open_orders"])))
    conditional = {"orderType": "ConditionalOrder"}
    step(
        "cancelAllOrders", lambda: exchange.cancelAllOrders(SPOT, conditional), by("id", last["id"]), "conditional ones"
    )
    step(
        "cancelAllOrders",
        lambda: exchange.cancelAllOrders(SPOT),
        lambda got: sorted(row["price"] for row in got) == [17, 18],
    )
    step("fetchOpenOrders", exchange.fetchOpenOrders, by("symbol", PERP), "one left")
    step("cancelAllOrders", lambda: exchange.cancelAllOrders(PERP), by("symbol", PERP), "of the perpetual")
    step("fetchOpenOrders", exchange.fetchOpenOrders, [], "none left")
    step("fetchOpenOrders", lambda: state()["open_orders"], [], "none left at the exchange")


def history():
    stage("more")
    filled = [row for row in state()["fills"] if row["symbol"] == "SOL_USDC" and row["account"] == "main"]
    ids = [str(row["trade_id"]) for row in sorted(filled, key=lambda row: row["trade_id"])]
    step("fetchMyTrades", lambda: exchange.fetchMyTrades(SPOT), by("id", *ids))
    first = {
        "price": 21,
        "amount": 2,
        "side": "buy",
        "takerOrMaker": "taker",
        "fee": {"cost": 0.021, "currency": "USDC"},
        "timestamp": now_ms,
    }
    step("fetchMyTrades", lambda: exchange.fetchMyTrades(SPOT)[0], first, "the first")
    pages = lambda call: [row["id"] for offset in range(0, 12, 3) for row in call(offset)]
    step(
        "fetchMyTrades",
        lambda: sorted(pages(lambda offset: exchange.fetchMyTrades(SPOT, None, 3, {"offset": offset})), key=int),
        ids,
        "pages of 3",
    )
    recent = lambda: exchange.fetchMyTrades(SPOT, started_ms, 100, {"until": exchange.milliseconds()})
    step("fetchMyTrades", recent, by("id", *ids), "since, until")
    step(
        "fetchMyTrades",
        lambda: exchange.fetchMyTrades(SPOT, None, None, {"until": started_ms - 1000}),
        [],
        "before the start",
    )
    orders = lambda *arguments: exchange.fetchOrders(SPOT, *arguments)
    step("fetchOrders", lambda: orders()[0], {"price": 18.1, "amount": 1.5, "status": "canceled", "timestamp": now_ms})
    every = lambda got: sorted(int(row["id"]) for row in orders()) == sorted(int(identity) for identity in got)
    step(
        "fetchOrders",
        lambda: pages(lambda offset: orders(None, 3, {"offset": offset})),
        lambda got: len(set(got)) == 12,
        "pages of 3",
    )
    step("fetchOrders", lambda: [row["id"] for row in exchange.fetchOrders(SPOT, started_ms)], every, "since")


def market_data():
    ticker = {"open": 21, "high": 21, "low": 19, "last": 21, "baseVolume": 51, "symbol": SPOT}
    step("fetchTicker", lambda: exchange.fetchTicker(SPOT), ticker)
    step("fetchTickers", lambda: exchange.fetchTickers([SPOT, PERP]), {SPOT: ticker, PERP: {"last": 19}})
    trades = lambda **more: exchange.fetchTrades(SPOT, None, None, more)
    filled = [row for row in state()["fills"] if row["symbol"] == "SOL_USDC" and not row["is_maker"]]
    ids = [str(row["trade_id"]) for row in sorted(filled, key=lambda row: row["trade_id"])]
    step("fetchTrades", trades, by("id", *ids))
    step(
        "fetchTrades",
        lambda: trades()[0],
        {"price": 21, "amount": 2, "cost": 42, "side": "buy", "timestamp": now_ms},
        "the first",
    )
    step("fetchTrades", lambda: trades(offset=1), by("id", *ids[:-1]), "older ones")
    # Minutes without a trade have no prices.
    traded = lambda: [row for row in exchange.fetchOHLCV(SPOT, "1m", None, 5) if row[5]]
    step(
        "fetchOHLCV",
        lambda: [sum(row[5] for row in traded()), max(row[2] for row in traded()), min(row[3] for row in traded())],
        [51, 21, 19],
    )
    # Only the present minute has one.
    for call, price in (("fetchMarkOHLCV", 20), ("fetchIndexOHLCV", 20.5)):
        step(call, lambda: getattr(exchange, call)(PERP, "1m", None, 5)[-1][4], price)
    step(
        "fetchFundingRate",
        lambda: exchange.fetchFundingRate(PERP),
        {"symbol": PERP, "markPrice": 20, "indexPrice": 20.5},
    )
    step("fetchFundingRateHistory", lambda: exchange.fetchFundingRateHistory(PERP), lambda got: isinstance(got, list))
    step("fetchFundingHistory", exchange.fetchFundingHistory, [])
    step("fetchOpenInterest", lambda: exchange.fetchOpenInterest(PERP), {"openInterestValue": 2, "timestamp": now_ms})
    missing = raises(ccxt.NotSupported, "not supported yet")
    reason = "`has` says it can, and it cannot"
    their_fault("fetchOpenInterestHistory", lambda: exchange.fetchOpenInterestHistory(PERP), missing, reason)


def money():
    step("fetchDeposits", exchange.fetchDeposits, [])
    step("fetchWithdrawals", exchange.fetchWithdrawals, [])
    not_offered(
        "fetchDepositAddress", lambda: exchange.fetchDepositAddress("USDC", {"network": "SOL"}), reason="no chain"
    )
    not_offered("withdraw", lambda: exchange.withdraw("USDC", 1, "nowhere", {"network": "SOL"}), reason="no chain")
    for call in ("fetchConvertQuote", "createConvertTrade"):
        if exchange.has.get(call):
            sent = ("USDC", "AAPL.US", 1) if call == "fetchConvertQuote" else ("1", "USDC", "AAPL.US", 1)
            no_stock = raises(ccxt.BadSymbol, "listed stock RFQ market")
            not_offered(call, lambda: getattr(exchange, call)(*sent), no_stock, "no stocks")
    their_fault(
        "fetchCurrenciesWs",
        lambda: exchange.fetchCurrenciesWs(),
        raises(AttributeError),
        "`has` says it can, and it cannot",
    )


def raw():
    """Endpoints that ccxt has no unified call for."""
    step(
        "privateGetApiV1Account", lambda: exchange.privateGetApiV1Account(), {"spotTakerFee": "5", "liquidating": False}
    )
    most = {"maxOrderQuantity": "1000049", "side": "Ask"}
    sent = {"symbol": "SOL_USDC", "side": "Ask"}
    step("privateGetApiV1AccountLimitsOrder", lambda: exchange.privateGetApiV1AccountLimitsOrder(sent), most)
    sol = includes({"symbol": "SOL", "totalQuantity": "1000049"})
    step("privateGetApiV1CapitalCollateral", lambda: exchange.privateGetApiV1CapitalCollateral(), {"collateral": sol})
    step("privateGetApiV1BorrowLendPositions", lambda: exchange.privateGetApiV1BorrowLendPositions(), [])


def watcher(secret=API_SECRET):
    stream = BASE_URL.replace("http", "ws")
    api = {"public": BASE_URL, "private": BASE_URL, "ws": {"public": stream, "private": stream}}
    return ccxt.pro.backpack({"apiKey": API_KEY, "secret": secret, "urls": {"api": api}, "enableRateLimit": False})


async def told(watch, provoke):
    """What a call of ccxt.pro gives, while something happens again and again: nothing tells when it listens."""
    task = asyncio.ensure_future(watch)
    for _ in range(200):
        await asyncio.sleep(0.05)
        if task.done():
            break
        provoke()
    return await asyncio.wait_for(task, 60)


def watching():
    """What ccxt.pro watches."""
    loop = asyncio.new_event_loop()
    pro = watcher()
    bid = lambda: exchange.createOrder(SPOT, "limit", "buy", 1, 18)
    bid_and_cancel = lambda: exchange.cancelOrder(bid()["id"], SPOT)
    best_bid = lambda: exchange.createOrder(SPOT, "limit", "buy", 1, 19)
    buy = lambda: exchange.createOrder(SPOT, "market", "buy", 0.01)
    go_long = lambda: exchange.createOrder(PERP, "market", "buy", 0.01)

    def watches(call, *sent, provoke, want, note=""):
        step(call, lambda: loop.run_until_complete(told(getattr(pro, call)(*sent), provoke)), want, note)

    def as_read(got):
        """the book that fetchOrderBook gives"""
        read = exchange.fetchOrderBook(SPOT)
        return got["asks"] == read["asks"] and got["bids"][0] == read["bids"][0]

    ticker = {"symbol": SPOT, "last": 21, "open": 21, "low": 19, "timestamp": now_ms}
    watches("watchTicker", SPOT, provoke=buy, want=ticker)
    watches("watchTickers", [SPOT], provoke=buy, want={SPOT: ticker})
    watches("watchBidsAsks", [SPOT], provoke=best_bid, want={SPOT: {"bid": 19, "ask": 21}})
    trade = {"price": 21, "amount": 0.01, "side": "buy", "timestamp": now_ms}
    watches("watchTrades", SPOT, provoke=buy, want=lambda got: matches(got[-1], trade))
    watches("watchTradesForSymbols", [SPOT], provoke=buy, want=lambda got: matches(got[-1], trade))
    watches("watchOrderBook", SPOT, provoke=bid_and_cancel, want=as_read)
    watches("watchOrderBookForSymbols", [SPOT], provoke=bid_and_cancel, want=as_read)
    candle = lambda got: got[-1][4] == 21 and got[-1][5] > 0
    watches("watchOHLCV", SPOT, "1m", provoke=buy, want=candle)
    watches("watchOHLCVForSymbols", [[SPOT, "1m"]], provoke=buy, want=lambda got: candle(got[SPOT]["1m"]))
    placed = {"symbol": SPOT, "price": 18, "amount": 1, "type": "limit", "side": "buy", "status": "open"}
    watches("watchOrders", SPOT, provoke=bid, want=lambda got: matches(got[-1], placed))
    watches("watchOrders", provoke=bid, want=lambda got: matches(got[-1], placed), note="of every market")
    watches("watchBalance", provoke=bid, want={"USDC": {"used": lambda used: used > 18}})
    held = [{"symbol": PERP, "side": "long", "timestamp": now_ms}]
    watches("watchPositions", [PERP], provoke=go_long, want=held)
    watches("watchPositions", provoke=go_long, want=held, note="of every market")
    for call, sent in (("unWatchTicker", SPOT), ("unWatchOrders", SPOT)):
        step(call, lambda: loop.run_until_complete(getattr(pro, call)(sent)), None)
    stranger = watcher(OTHER_SECRET)
    refused = raises(ccxt.ExchangeError, "Invalid signature")
    step("watchOrders", lambda: loop.run_until_complete(stranger.watchOrders(SPOT)), refused, "another's key")
    for each in (pro, stranger):
        loop.run_until_complete(each.close())
    for symbol in (SPOT, PERP):
        exchange.cancelAllOrders(symbol)

start()
stage("trades")
for part in (resting, open_orders, trading, position, refusals, stop, history, market_data, money, raw, watching):
    part()
exercised({name for name, value in exchange.has.items() if value} - NO_CALLS)
finish(ccxt.__version__)
