"""backpack_exchange_sdk from PyPI: every method of its two clients, by their own names."""

import inspect
from importlib.metadata import version

from backpack_exchange_sdk import AuthenticationClient, PublicClient
from backpack_exchange_sdk._base.errors import (
    BackpackAPIError,
    BackpackInsufficientFundsError,
    BackpackInvalidRequestError,
    BackpackNotFoundError,
)
from harness import *

SPOT, PERP = "SOL_USDC", "SOL_USDC_PERP"
public = PublicClient(base_url=BASE_URL + "/")
account = AuthenticationClient(API_KEY, API_SECRET, base_url=BASE_URL + "/")
LIMIT = {"orderType": "Limit", "side": "Bid", "symbol": SPOT, "price": "18.10", "quantity": "1.50"}
# The order that was placed last.
last = {}


def place(**sent):
    def get():
        last.clear()
        last.update(account.execute_order(**sent))
        return last

    return get


def cancel(**named):
    return lambda: account.cancel_open_order(**{"symbol": last["symbol"], "orderId": last["id"], **named})


def rests(sent, want, note):
    """An order that rests is as it was sent, is the only one at the exchange, and can be cancelled."""
    step("execute_order", place(**sent), {"createdAt": now_ms, **want}, note)
    step(
        "execute_order",
        lambda: [row["id"] for row in state()["open_orders"]],
        [last.get("id")],
        note + " at the exchange",
    )
    step("cancel_open_order", cancel(), {"status": "Cancelled", "id": last.get("id")}, note)


def start():
    stage("starts")
    step("get_status", public.get_status, {"status": "Ok"})
    step("send_ping", public.send_ping, "pong")
    step("get_system_time", public.get_system_time, now_ms)
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
    step("get_market", lambda: public.get_market(SPOT), market)
    step("get_assets", public.get_assets, includes({"symbol": "SOL"}, {"symbol": "USDC"}))
    step(
        "get_depth",
        lambda: public.get_depth(SPOT),
        {"asks": [["21", "50"]], "bids": [["19", "50"]], "timestamp": now_us},
    )
    step("get_balances", account.get_balances, {"USDC": {"available": "1000000", "locked": "0", "staked": "0"}})


def resting():
    rests(
        {**LIMIT, "postOnly": True, "clientId": 7},
        {"price": "18.1", "quantity": "1.5", "clientId": 7, "postOnly": True},
        "post-only",
    )
    rests(
        {**LIMIT, "timeInForce": "GTC", "clientId": 4_294_967_295},
        {"clientId": 4_294_967_295, "timeInForce": "GTC"},
        "largest client id",
    )
    for mode in ("RejectMaker", "RejectTaker", "RejectBoth"):
        rests({**LIMIT, "selfTradePrevention": mode}, {"selfTradePrevention": mode}, mode)
    stop = {"orderType": "Market", "side": "Ask", "symbol": SPOT, "triggerPrice": "15", "triggerQuantity": "2"}
    rests(stop, {"status": "TriggerPending", "triggerPrice": "15", "triggerQuantity": "2"}, "conditional, market")
    exits = {"takeProfitTriggerPrice": "31", "stopLossTriggerPrice": "15"}
    rests({**LIMIT, "symbol": PERP, **exits}, exits, "with exits")
    rests({**LIMIT, "brokerId": 1400}, {"status": "New"}, "for a broker")
    wrong = {**LIMIT, "quantity": None, "triggerPrice": "15", "triggerQuantity": "1"}
    reason = "it signs `quantity=None` and sends null"
    their_fault(
        "execute_order", place(**wrong), raises(BackpackInvalidRequestError, "signature"), reason, "conditional, limit"
    )
    reason = "it drops `postOnly` beside `timeInForce`"
    their_fault(
        "execute_order",
        place(**LIMIT, postOnly=True, timeInForce="GTC"),
        {"postOnly": False},
        reason,
        "post-only with GTC",
    )
    cancel()()
    their_fault("execute_order", place(**LIMIT, clientId=0), {"clientId": None}, "it leaves 0 out", "client id 0")
    cancel()()


def reading():
    step("execute_order", place(**LIMIT, clientId=8), {"clientId": 8}, "to be read")
    step(
        "get_users_open_orders",
        lambda: account.get_users_open_orders(SPOT, orderId=last["id"]),
        {"id": last.get("id"), "clientId": 8},
    )
    step(
        "get_users_open_orders",
        lambda: account.get_users_open_orders(SPOT, clientId=8),
        {"id": last.get("id")},
        "by client id",
    )
    step("get_open_orders", lambda: account.get_open_orders(SPOT), [{"id": last.get("id"), "price": "18.1"}])
    step("get_open_orders", lambda: account.get_open_orders(marketType="PERP"), [], "of perpetuals")
    step("get_balances", account.get_balances, {"USDC": {"locked": "27.163575"}}, "funds locked")
    step(
        "cancel_open_order",
        cancel(orderId=None, clientId=8),
        {"status": "Cancelled", "id": last.get("id")},
        "by client id",
    )
    step("get_balances", account.get_balances, {"USDC": {"available": "1000000", "locked": "0"}}, "funds released")


def trading():
    market = {"orderType": "Market", "side": "Bid", "symbol": SPOT}
    filled = {"status": "Filled", "executedQuantity": "2", "executedQuoteQuantity": "42"}
    step("execute_order", place(**market, quantity="2"), filled, "market")
    step("execute_order", place(**market, quoteQuantity="42"), filled, "market by its cost")
    sold = {"status": "Filled", "executedQuoteQuantity": "19"}
    step("execute_order", place(**{**market, "side": "Ask"}, quantity="1"), sold, "market, sold")
    ioc = {**LIMIT, "price": "21", "quantity": "100", "timeInForce": "IOC"}
    step("execute_order", place(**ioc), {"status": "Expired", "executedQuantity": "46"}, "IOC")
    # 50 bought at 21 and 1 sold at 19, with a fee of 0.05 %.
    balances = {"SOL": {"available": "1000049"}, "USDC": {"available": "998968.4655"}}
    step("get_balances", account.get_balances, balances, "bought and sold")
    control("PUT", "/reference-price", {"symbol": PERP, "mark": "20", "index": "20.5"})
    step("execute_order", place(**{**market, "symbol": PERP}, quantity="3"), {"status": "Filled"}, "a perpetual")
    reduce = {**market, "symbol": PERP, "side": "Ask", "quantity": "1", "reduceOnly": True}
    step("execute_order", place(**reduce), {"status": "Filled", "reduceOnly": True}, "reduce-only")
    position = {"symbol": PERP, "netQuantity": "2", "entryPrice": "21", "markPrice": "20"}
    step("get_open_positions", account.get_open_positions, [position])
    step("get_open_positions", lambda: account.get_open_positions(PERP), [position], "of one market")


def refusals():
    poor = raises(BackpackInsufficientFundsError, "INSUFFICIENT_FUNDS")
    step("execute_order", place(**{**LIMIT, "quantity": "1000000"}), poor, "too expensive")
    step(
        "execute_order",
        place(**{**LIMIT, "symbol": "NO_SUCH"}),
        raises(BackpackAPIError, "Invalid market symbol"),
        "unknown symbol",
    )
    unknown = raises(BackpackNotFoundError, "RESOURCE_NOT_FOUND - Not Found")
    step("cancel_open_order", lambda: account.cancel_open_order(SPOT, orderId="99999"), unknown, "unknown")
    stranger = AuthenticationClient(API_KEY, OTHER_SECRET, base_url=BASE_URL + "/")
    step("get_balances", stranger.get_balances, raises(BackpackInvalidRequestError, "signature"), "another's key")


def stop():
    stage("stops")
    batch = [{**LIMIT, "price": "17"}, {**LIMIT, "quantity": "1000000"}, {**LIMIT, "price": "18", "postOnly": True}]
    rows = [{"price": "17"}, {"code": "INSUFFICIENT_FUNDS"}, {"price": "18", "postOnly": True}]
    step("execute_batch_orders", lambda: account.execute_batch_orders(batch), rows)
    conditional = {"orderType": "Market", "side": "Ask", "symbol": SPOT, "triggerPrice": "15", "triggerQuantity": "2"}
    step("execute_order", place(**conditional), {"status": "TriggerPending"}, "to be cancelled")
    some = lambda: account.cancel_open_orders(SPOT, "ConditionalOrder")
    step("cancel_open_orders", some, [{"id": last.get("id")}], "conditional ones")
    step(
        "cancel_open_orders",
        lambda: account.cancel_open_orders(SPOT),
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
    fills = lambda **more: lambda: account.get_fill_history(symbol=SPOT, **more)
    step("get_fill_history", fills(), by("tradeId", *ids))
    step("get_fill_history", fills(sortDirection="Asc", limit=1), [fill], "the first")
    step("get_fill_history", fills(limit=2, offset=2), by("tradeId", *ids[2:4]), "a page")
    step("get_fill_history", fills(fromTimestamp=started_ms, toTimestamp=now()), by("tradeId", *ids), "from, to")
    step(
        "get_fill_history",
        lambda: account.get_fill_history(marketType="PERP"),
        [{"symbol": PERP}, {"symbol": PERP}],
        "of perpetuals",
    )
    step(
        "get_order_history",
        lambda: account.get_order_history(orderId=last["id"]),
        [{"id": last["id"], "status": "Cancelled"}],
    )
    step(
        "get_order_history",
        lambda: account.get_order_history(symbol=SPOT, limit=2),
        lambda got: len(got) == 2,
        "a page",
    )
    empty = ["get_borrow_history", "get_interest_history", "get_borrow_position_history", "get_funding_payments"]
    empty += [
        "get_rfq_history",
        "get_quote_history",
        "get_rfq_fill_history",
        "get_quote_fill_history",
        "get_position_history",
    ]
    empty += [
        "get_settlement_history",
        "get_dust_history",
        "get_strategy_history",
        "get_open_strategies",
        "get_deposits",
        "get_withdrawals",
    ]
    for call in empty:
        step(call, lambda: getattr(account, call)(), [])


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
    step("get_historical_trades", lambda: public.get_historical_trades(SPOT, 2, 1), by("id", *ids[1:3]))
    volume = lambda got: sum(float(row["volume"]) for row in got if row["volume"]) == 51
    step("get_klines", lambda: public.get_klines(SPOT, "1m", started_ms // 1000 - 120), volume)
    price = {"symbol": PERP, "markPrice": "20", "indexPrice": "20.5"}
    step("get_mark_price", lambda: public.get_mark_price(PERP), [price])
    step(
        "get_open_interest",
        lambda: public.get_open_interest(PERP),
        [{"symbol": PERP, "openInterest": "2", "timestamp": now_ms}],
    )
    step("get_funding_interval_rates", lambda: public.get_funding_interval_rates(PERP), lambda got: type(got) is list)
    step("PublicClient.get_collateral", public.get_collateral, [])
    step("get_borrow_lend_market_history", lambda: public.get_borrow_lend_market_history("1d"), [])
    for call in ("get_borrow_lend_markets", "get_prediction_markets", "get_prediction_tags", "get_wallets"):
        step(call, lambda: getattr(public, call)(), [])


def account_data():
    step("get_account", account.get_account, {"spotMakerFee": "2", "spotTakerFee": "5", "autoLend": False})
    step("update_account", lambda: account.update_account(autoLend=True, leverageLimit="5"), None)
    step("get_account", account.get_account, {"autoLend": True, "leverageLimit": "5"}, "updated")
    most = {"symbol": SPOT, "side": "Ask", "maxOrderQuantity": "1000049"}
    step("get_max_order_quantity", lambda: account.get_max_order_quantity(SPOT, "Ask"), most)
    reason = "it signs `true` and sends `True`"
    wrong = lambda: account.get_max_order_quantity(SPOT, "Ask", reduceOnly=True)
    their_fault(
        "get_max_order_quantity", wrong, raises(BackpackInvalidRequestError, "signature"), reason, "reduce-only"
    )
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


# What lends, borrows, withdraws, quotes on request or runs strategies.
NOT_OFFERED = {
    "get_deposit_address": ["Solana"],
    "request_withdrawal": ["nowhere", "Solana", "1", "USDC"],
    "get_withdrawal_delay": [],
    "create_withdrawal_delay": [1, "000000"],
    "update_withdrawal_delay": [1, "000000"],
    "convert_dust": ["SOL"],
    "execute_borrow_lend": ["1", "Lend", "USDC"],
    "get_estimated_liquidation_price": ["e30="],
    "submit_rfq": ["SOL_USDC_RFQ", "Bid", "1"],
    "submit_quote": ["1", "19", "21"],
    "accept_quote": ["1", "1"],
    "refresh_rfq": ["1"],
    "cancel_rfq": ["1"],
    "create_strategy": [SPOT, "Bid", "Scheduled", "1"],
    "get_strategy": [SPOT, "1"],
    "cancel_strategy": [SPOT, "1"],
    "cancel_all_strategies": [SPOT],
}


def unknown_paths():
    for call, sent in NOT_OFFERED.items():
        not_offered(call, lambda: getattr(account, call)(*sent))


start()
stage("trades")
for part in (resting, reading, trading, refusals, stop, history, market_data, account_data, unknown_paths):
    part()
methods = {name for owner in (public, account) for name in dir(owner) if inspect.ismethod(getattr(owner, name))}
exercised(name for name in methods if not name.startswith("_"))
finish(version("backpack_exchange_sdk"))
