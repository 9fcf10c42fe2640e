"""bpx-py from PyPI: every method of its synchronous client, by bpx-py's own names."""

import asyncio
import inspect
from importlib.metadata import version

from bpx.account import Account
from bpx.public import Public
from harness import *

SPOT, PERP = "SOL_USDC", "SOL_USDC_PERP"
Public.BASE_URL = Account.BPX_API_URL = BASE_URL + "/"
public, account = Public(), Account(API_KEY, API_SECRET)
# The order that was placed last.
last = {}


def place(*arguments, **more):
    """It gives a refusal as if it were an answer."""

    def get():
        last.clear()
        got = account.execute_order(*arguments, **more)
        last.update(got if isinstance(got, dict) else {})
        return got

    return get


def rests(sent, want, note, symbol=SPOT):
    """An order that rests is as it was sent, is the only one at the exchange, and can be cancelled."""
    step(
        "execute_order", place(symbol, **sent), {"status": want.pop("status", "New"), "createdAt": now_ms, **want}, note
    )
    step(
        "execute_order",
        lambda: [row["id"] for row in state()["open_orders"]],
        [last.get("id")],
        note + " at the exchange",
    )
    step(
        "cancel_order",
        lambda: account.cancel_order(symbol, order_id=last["id"]),
        {"status": "Cancelled", "id": last.get("id")},
        note,
    )


def start():
    stage("starts")
    step("get_status", public.get_status, {"status": "Ok"})
    step("get_ping", public.get_ping, "pong")
    step("get_time", public.get_time, now_ms)
    market = {
        "symbol": SPOT,
        "marketType": "SPOT",
        "filters": {"price": {"tickSize": "0.01"}, "quantity": {"stepSize": "0.01"}},
    }
    step(
        "get_markets",
        public.get_markets,
        includes(market, {"symbol": PERP, "baseSymbol": "SOL", "quoteSymbol": "USDC"}),
    )
    step("get_market", public.get_market, includes(market))
    step("get_assets", public.get_assets, includes({"symbol": "SOL"}, {"symbol": "USDC"}))
    step(
        "get_depth",
        lambda: public.get_depth(SPOT),
        {"asks": [["21", "50"]], "bids": [["19", "50"]], "timestamp": now_us},
    )
    balances = {"USDC": {"available": "1000000", "locked": "0", "staked": "0"}}
    step("get_balances", account.get_balances, balances)


def resting():
    limit = {"side": "Bid", "order_type": "Limit", "quantity": "1.50", "price": "18.10"}
    rests(
        {**limit, "client_id": 7, "post_only": True},
        {"price": "18.1", "quantity": "1.5", "clientId": 7, "postOnly": True},
        "post-only",
    )
    rests(
        {**limit, "time_in_force": "GTC", "client_id": 4_294_967_295},
        {"clientId": 4_294_967_295, "timeInForce": "GTC"},
        "largest client id",
    )
    for mode in ("RejectMaker", "RejectTaker", "RejectBoth"):
        rests({**limit, "self_trade_prevention": mode}, {"selfTradePrevention": mode}, mode)
    trigger = {
        "side": "Ask",
        "order_type": "Limit",
        "price": "30",
        "quantity": "2",
        "trigger_price": "29",
        "trigger_quantity": "2",
    }
    waits = {"status": "TriggerPending", "triggerPrice": "29", "triggerQuantity": "2", "quantity": "0"}
    rests(trigger, waits, "conditional")
    reason = "it sends `triggerBy` as `triggeredBy`"
    their_fault(
        "execute_order",
        place(SPOT, **trigger, triggered_by="MarkPrice"),
        {"triggerBy": None},
        reason,
        "conditional, by mark price",
    )
    account.cancel_order(SPOT, order_id=last["id"])
    exits = {"take_profit_trigger_price": "31", "stop_loss_trigger_price": "15"}
    rests({**limit, **exits}, {"takeProfitTriggerPrice": "31", "stopLossTriggerPrice": "15"}, "with exits", PERP)
    reason = "it leaves 0 out"
    their_fault(
        "execute_order", place(SPOT, **limit, client_id=0), {"status": "New", "clientId": None}, reason, "client id 0"
    )
    step(
        "get_open_order",
        lambda: account.get_open_order(SPOT, order_id=last["id"]),
        {"id": last.get("id"), "quantity": "1.5"},
    )
    account.cancel_order(SPOT, order_id=last["id"])
    step("execute_order", place(SPOT, **limit, client_id=8), {"clientId": 8}, "to be read")
    step("get_open_order", lambda: account.get_open_order(SPOT, client_id=8), {"id": last.get("id")}, "by client id")
    step("get_open_orders", lambda: account.get_open_orders(symbol=SPOT), [{"id": last.get("id"), "price": "18.1"}])
    step("get_balances", account.get_balances, {"USDC": {"locked": "27.163575"}}, "funds locked")
    reason = "it sends the number as text, which the venue refuses"
    their_fault(
        "cancel_order",
        lambda: account.cancel_order(SPOT, client_id=8),
        lambda got: "expected u32" in got,
        reason,
        "by client id",
    )
    step("cancel_order", lambda: account.cancel_order(SPOT, order_id=last["id"]), {"status": "Cancelled"})
    step("get_balances", account.get_balances, {"USDC": {"available": "1000000", "locked": "0"}}, "funds released")


def trading():
    filled = {"status": "Filled", "executedQuantity": "2", "executedQuoteQuantity": "42"}
    step("execute_order", place(SPOT, "Bid", "Market", quantity="2"), filled, "market")
    step("execute_order", place(SPOT, "Bid", "Market", quote_quantity="42"), filled, "market by its cost")
    step(
        "execute_order",
        place(SPOT, "Ask", "Market", quantity="1"),
        {"status": "Filled", "executedQuoteQuantity": "19"},
        "market, sold",
    )
    ioc = {"status": "Expired", "executedQuantity": "46"}
    step("execute_order", place(SPOT, "Bid", "Limit", "IOC", "100", "21"), ioc, "IOC")
    step(
        "execute_order",
        place(SPOT, "Bid", "Limit", "FOK", "1", "21"),
        {"status": "Expired", "executedQuantity": "0"},
        "FOK",
    )
    # 50 bought at 21 and 1 sold at 19, with a fee of 0.05 %.
    balances = {"SOL": {"available": "1000049"}, "USDC": {"available": "998968.4655"}}
    step("get_balances", account.get_balances, balances, "bought and sold")
    control("PUT", "/reference-price", {"symbol": PERP, "mark": "20", "index": "20.5"})
    step("execute_order", place(PERP, "Bid", "Market", quantity="3"), {"status": "Filled"}, "a perpetual")
    step(
        "execute_order",
        place(PERP, "Ask", "Market", quantity="1", reduce_only=True),
        {"status": "Filled", "reduceOnly": True},
        "reduce-only",
    )
    want = {"symbol": PERP, "netQuantity": "2", "entryPrice": "21", "markPrice": "20"}
    step("get_open_positions", account.get_open_positions, [want])
    poor = {"code": "INSUFFICIENT_FUNDS"}
    step("execute_order", place(SPOT, "Bid", "Limit", quantity="1000000", price="20"), poor, "too expensive")
    step(
        "execute_order",
        place("NO_SUCH", "Bid", "Market", quantity="1"),
        lambda got: "Invalid market symbol" in got,
        "unknown symbol",
    )
    step(
        "get_balances", Account(API_KEY, OTHER_SECRET).get_balances, {"code": "INVALID_CLIENT_REQUEST"}, "another's key"
    )


def stop():
    stage("stops")
    for price in ("17", "18"):
        step(
            "execute_order", place(SPOT, "Bid", "Limit", quantity="1", price=price), {"price": price}, "to be cancelled"
        )
    step(
        "cancel_all_orders",
        lambda: account.cancel_all_orders(SPOT),
        lambda got: sorted(row["price"] for row in got) == ["17", "18"],
    )
    step("get_open_orders", account.get_open_orders, [], "none left")
    step("get_open_orders", lambda: state()["open_orders"], [], "none left at the exchange")


def history():
    stage("more")
    ids = [row["trade_id"] for row in state()["fills"] if row["symbol"] == SPOT and row["account"] == "main"]
    ids.sort(reverse=True)
    fill = {
        "tradeId": ids[-1],
        "price": "21",
        "quantity": "2",
        "fee": "0.021",
        "feeSymbol": "USDC",
        "isMaker": False,
        "timestamp": now_text,
    }
    step("get_fill_history", lambda: account.get_fill_history(SPOT), by("tradeId", *ids))
    step("get_fill_history", lambda: account.get_fill_history(SPOT)[-1], fill, "the first")
    step(
        "get_fill_history",
        lambda: account.get_fill_history(SPOT, limit=2, offset=2),
        by("tradeId", *ids[2:4]),
        "a page",
    )
    step(
        "get_fill_history",
        lambda: account.get_fill_history(SPOT, from_=started_ms, to=now()),
        by("tradeId", *ids),
        "from, to",
    )
    step("get_fill_history", lambda: account.get_fill_history(SPOT, to=started_ms - 1000), [], "before the start")
    step(
        "get_order_history",
        lambda: account.get_order_history(symbol=SPOT, limit=2),
        by("status", "Cancelled", "Cancelled"),
    )
    step(
        "get_order_history",
        lambda: account.get_order_history(order_id=last["id"]),
        by("id", last["id"]),
        "of one order",
    )
    for call in ("get_funding_payments", "get_borrow_history", "get_interest_history", "get_settlements_history"):
        step(call, lambda: getattr(account, call)(), [])
    step("get_deposits", account.get_deposits, [])
    step("get_withdrawals", account.get_withdrawals, [])


def market_data():
    ticker = {
        "symbol": SPOT,
        "firstPrice": "21",
        "high": "21",
        "low": "19",
        "lastPrice": "21",
        "volume": "51",
        "quoteVolume": "1069",
        "trades": "4",
    }
    step("get_ticker", lambda: public.get_ticker(SPOT), ticker)
    step("get_tickers", public.get_tickers, includes(ticker, {"symbol": PERP, "lastPrice": "19"}))
    ids = sorted({row["trade_id"] for row in state()["fills"] if row["symbol"] == SPOT}, reverse=True)
    step("get_recent_trades", lambda: public.get_recent_trades(SPOT), by("id", *ids))
    trade = {"price": "21", "quantity": "2", "quoteQuantity": "42", "isBuyerMaker": False, "timestamp": now_ms}
    step("get_recent_trades", lambda: public.get_recent_trades(SPOT)[-1], trade, "the first")
    step("get_history_trades", lambda: public.get_history_trades(SPOT, 2, 1), by("id", *ids[1:3]))
    candles = lambda: public.get_klines(SPOT, "1m", started_ms // 1000 - 120)
    step("get_klines", candles, lambda got: sum(float(row["volume"]) for row in got if row["volume"]) == 51)
    price = {"symbol": PERP, "markPrice": "20", "indexPrice": "20.5"}
    step("get_all_mark_prices", lambda: asyncio.run(public.get_all_mark_prices(PERP)), [price], "awaited")
    reason = "it is a coroutine in the synchronous client"
    is_coroutine = lambda got: inspect.iscoroutine(got) and got.close() is None
    their_fault("get_all_mark_prices", lambda: public.get_all_mark_prices(PERP), is_coroutine, reason)
    step(
        "get_open_interest",
        lambda: public.get_open_interest(PERP),
        [{"symbol": PERP, "openInterest": "2", "timestamp": now_ms}],
    )
    step("get_funding_interval_rates", lambda: public.get_funding_interval_rates(PERP), lambda got: type(got) is list)


def account_data():
    step("get_account", account.get_account, {"spotMakerFee": "2", "spotTakerFee": "5", "autoLend": False})
    step("update_account", lambda: account.update_account(auto_lend=True, leverage_limit="5"), "")
    step("get_account", account.get_account, {"autoLend": True, "leverageLimit": "5"}, "updated")
    most = {"symbol": SPOT, "side": "Ask", "maxOrderQuantity": "1000049"}
    step("get_max_order_quantity", lambda: account.get_max_order_quantity(SPOT, "Ask"), most)
    step(
        "get_max_withdrawal_quantity",
        lambda: account.get_max_withdrawal_quantity("SOL"),
        {"maxWithdrawalQuantity": "1000049"},
    )
    step("get_max_borrow_quantity", lambda: account.get_max_borrow_quantity("SOL"), {"maxBorrowQuantity": "0"})
    step(
        "get_collateral",
        account.get_collateral,
        {"collateral": includes({"symbol": "SOL", "totalQuantity": "1000049"})},
    )
    step("get_borrow_lend_positions", account.get_borrow_lend_positions, [])
    not_offered("get_deposit_address", lambda: account.get_deposit_address("Solana"))
    not_offered("withdrawal", lambda: account.withdrawal("nowhere", "Solana", "1", "USDC"))
    not_offered("execute_borrow_lend", lambda: account.execute_borrow_lend("1", "Lend", "USDC"))
    not_offered("submit_quote", lambda: account.submit_quote("1", "19", "21"))
    step("get_profit_and_loss_history", account.get_profit_and_loss_history, [])
    step("Public.get_collateral", public.get_collateral, [])
    step("get_borrow_lend_markets", public.get_borrow_lend_markets, [])
    step("get_borrow_lend_market_history", lambda: public.get_borrow_lend_market_history("1d"), [])


start()
stage("trades")
for part in (resting, trading, stop, history, market_data, account_data):
    part()
methods = {name for owner in (public, account) for name in dir(owner) if inspect.ismethod(getattr(owner, name))}
exercised(name for name in methods if not name.startswith("_") and not name.endswith("_url"))
finish(version("bpx-py"))
