"""hummingbot's connectors `backpack` and `backpack_perpetual` from PyPI, without its strategies, by their own names."""

import asyncio
import logging
import sys
import warnings
from decimal import Decimal
from importlib.metadata import version

from harness import *
from hummingbot.connector.derivative.backpack_perpetual import backpack_perpetual_constants as perpetual_constants
from hummingbot.connector.derivative.backpack_perpetual.backpack_perpetual_derivative import BackpackPerpetualDerivative
from hummingbot.connector.exchange.backpack import backpack_constants as constants
from hummingbot.connector.exchange.backpack.backpack_exchange import BackpackExchange
from hummingbot.core.data_type.common import OrderType, PositionAction
from hummingbot.core.network_iterator import NetworkStatus

# Its log says too much, and asks for the application unless it is under test.
logging.disable()
warnings.simplefilter("ignore")
sys.argv.append("unittest")
PAIR = "SOL-USDC"
constants.REST_URL = perpetual_constants.REST_URL = BASE_URL + "/"
constants.WSS_URL = BASE_URL.replace("http", "ws")
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)


async def build():
    spot = BackpackExchange(API_KEY, API_SECRET, trading_pairs=[PAIR])
    return spot, BackpackPerpetualDerivative(API_KEY, API_SECRET, trading_pairs=[PAIR])


spot, perpetual = loop.run_until_complete(build())


def done(coroutine, *arguments, **more):
    """Runs a call of the connector to its end."""
    return lambda: loop.run_until_complete(coroutine(*arguments, **more))


def then(coroutine, read, *arguments):
    """Runs a call that keeps its result in the connector, and reads it there."""

    def get():
        loop.run_until_complete(coroutine(*arguments))
        return read()

    return get


# The client id of the order that was placed last.
last = {}


def place(connector, call, amount, kind, price="NaN"):
    """An order as the connector tracks it, as soon as the exchange has taken or refused it."""
    more = {"position_action": PositionAction.OPEN} if connector is perpetual else {}

    async def placed():
        last["id"] = getattr(connector, call)(PAIR, Decimal(amount), kind, Decimal(price), **more)
        for _ in range(6000):
            await asyncio.sleep(0.01)
            order = connector._order_tracker.fetch_order(last["id"])
            if order and (order.is_done or order.exchange_order_id):
                return order
        return None

    return done(placed)


def tracked(connector=spot):
    return connector._order_tracker.fetch_order(last["id"])


def start():
    stage("starts")
    step("check_network", done(spot.check_network), NetworkStatus.CONNECTED)
    skew = lambda: round(spot._time_synchronizer.time() - time.time())
    spot._time_synchronizer.clear_time_offset_ms_samples()
    control("PUT", "/clock-skew", {"skew_ms": 60_000})
    step("_update_time_synchronizer", then(spot._update_time_synchronizer, skew), 60, "the exchange is a minute ahead")
    control("PUT", "/clock-skew", {"skew_ms": 0})
    spot._time_synchronizer.clear_time_offset_ms_samples()
    step("_update_time_synchronizer", then(spot._update_time_synchronizer, skew), 0)
    perpetual._time_synchronizer = spot._time_synchronizer
    pairs = lambda got: sorted(got) == ["BTC-USDC", "ETH-USDC", PAIR]
    step("all_trading_pairs", done(spot.all_trading_pairs), pairs)
    rule = lambda: spot.trading_rules[PAIR]
    sizes = lambda got: (
        got.min_price_increment == got.min_base_amount_increment == got.min_order_size == Decimal("0.01")
    )
    step("_update_trading_rules", then(spot._update_trading_rules, rule), sizes)
    step(
        "_update_balances",
        then(spot._update_balances, lambda: spot.get_all_balances()),
        {"USDC": 1_000_000, "SOL": 1_000_000},
    )
    best = lambda pair, connector: [[(row.price, row.amount) for row in side] for side in rows_of(pair, connector)]
    step("get_new_order_book", lambda: best(PAIR, spot), [[(21, 50)], [(19, 50)]])
    step("perpetual.get_new_order_book", lambda: best(PAIR, perpetual), [[(21, 50)], [(19, 50)]])


def rows_of(pair, connector):
    """Asks and bids of a book that the connector is given for keeps: its market orders need one."""
    book = loop.run_until_complete(connector._orderbook_ds.get_new_order_book(pair))
    connector.order_book_tracker._order_books[pair] = book
    return [list(book.ask_entries()), list(book.bid_entries())]


def resting():
    is_open = lambda got: (
        str(got.exchange_order_id) == state()["open_orders"][0]["id"]
        and state()["open_orders"][0]["client_id"] == int(last["id"])
    )
    step("buy", place(spot, "buy", "1.50", OrderType.LIMIT, "18.10"), is_open, "LIMIT")
    status = lambda: loop.run_until_complete(spot._request_order_status(tracked()))
    is_current = lambda got: got.new_state.name == "OPEN" and now_ms(got.update_timestamp * 1000)
    step("_request_order_status", status, is_current)
    step(
        "_update_all_balances",
        then(spot._update_all_balances, lambda: spot.get_available_balance("USDC")),
        Decimal("999972.836425"),
        "funds locked",
    )
    step("_execute_cancel", done(spot._execute_cancel, PAIR, last["id"]), last["id"])
    step("_execute_cancel", lambda: state()["open_orders"], [], "at the exchange")
    step(
        "_update_all_balances",
        then(spot._update_all_balances, lambda: spot.get_available_balance("USDC")),
        1_000_000,
        "funds released",
    )
    step("sell", place(spot, "sell", "1", OrderType.LIMIT_MAKER, "30"), is_open, "LIMIT_MAKER")
    step("_execute_cancel", done(spot._execute_cancel, PAIR, last["id"]), last["id"], "LIMIT_MAKER")
    crossing = place(spot, "buy", "1", OrderType.LIMIT_MAKER, "22")
    step("buy", crossing, lambda got: got.is_failure, "LIMIT_MAKER that crosses")
    unknown = lambda: loop.run_until_complete(spot._request_order_status(tracked()))
    is_missing = lambda got: isinstance(got, Exception) and spot._is_order_not_found_during_status_update_error(got)
    step("_request_order_status", unknown, is_missing, "unknown")
    missing = lambda: loop.run_until_complete(spot._place_cancel(last["id"], tracked()))
    is_missing = lambda got: isinstance(got, Exception) and spot._is_order_not_found_during_cancelation_error(got)
    step("_place_cancel", missing, is_missing, "unknown")


def trading():
    step("buy", place(spot, "buy", "2", OrderType.MARKET), lambda got: got.exchange_order_id, "MARKET")
    fills = lambda: loop.run_until_complete(spot._all_trade_updates_for_order(tracked()))
    fill = lambda row: (
        row.fill_price,
        row.fill_base_amount,
        row.fill_quote_amount,
        row.fee.flat_fees[0].amount,
        now_ms(row.fill_timestamp * 1000),
    )
    step("_all_trade_updates_for_order", lambda: [fill(row) for row in fills()], [(21, 2, 42, Decimal("0.021"), True)])
    status = lambda: loop.run_until_complete(spot._request_order_status(tracked()))
    is_missing = lambda got: isinstance(got, Exception) and spot._is_order_not_found_during_status_update_error(got)
    step("_request_order_status", status, is_missing, "filled")
    update = then(spot._update_orders_fills, lambda: tracked().executed_amount_base, [tracked()])
    step("_update_orders_fills", update, 2)
    balances = lambda: spot.get_all_balances()
    step(
        "_update_balances",
        then(spot._update_balances, balances),
        {"SOL": 1_000_002, "USDC": Decimal("999957.979")},
        "bought",
    )
    step("get_last_traded_prices", done(spot.get_last_traded_prices, [PAIR]), {PAIR: 21})
    prices = includes({"symbol": "SOL_USDC", "lastPrice": "21"})
    step("get_all_pairs_prices", done(spot.get_all_pairs_prices), prices)
    control("POST", "/faults", {"fault": "503-after", "operation": "execute_order"})
    overloaded = place(spot, "buy", "1", OrderType.LIMIT, "17")
    step(
        "buy",
        overloaded,
        lambda got: got.exchange_order_id == "UNKNOWN" and len(state()["open_orders"]) == 1,
        "the exchange is overloaded",
    )
    step("_execute_cancel", done(spot._execute_cancel, PAIR, last["id"]), last["id"], "of an order of unknown outcome")


def equity():
    """What the account's assets are worth at the exchange, in USDC."""
    held = state()
    prices = {book["symbol"]: Decimal(book["reference"]["mark"] or book["reference"]["last"]) for book in held["books"]}
    prices["USDC_USDC"] = 1
    (account,) = held["accounts"]
    rows = account["balances"]
    return sum((Decimal(row["available"]) + Decimal(row["locked"])) * prices[row["asset"] + "_USDC"] for row in rows)


def perpetuals():
    control("PUT", "/reference-price", {"symbol": "SOL_USDC_PERP", "mark": "20", "index": "20.5"})
    pairs = lambda got: sorted(got) == ["BTC-USDC", "ETH-USDC", PAIR]
    step("perpetual.all_trading_pairs", done(perpetual.all_trading_pairs), pairs)
    step(
        "perpetual._update_trading_rules",
        then(perpetual._update_trading_rules, lambda: len(perpetual.trading_rules)),
        3,
    )
    step("perpetual.buy", place(perpetual, "buy", "3", OrderType.MARKET), lambda got: got.exchange_order_id, "MARKET")
    positions = lambda: [
        (p.trading_pair, p.amount, p.entry_price, p.unrealized_pnl) for p in perpetual.account_positions.values()
    ]
    step("perpetual._update_positions", then(perpetual._update_positions, positions), [(PAIR, 3, 21, -3)])
    step(
        "perpetual._update_balances",
        then(perpetual._update_balances, lambda: perpetual.get_balance("USDC")),
        equity() - 3,
    )
    info = lambda got: (
        (got.mark_price, got.index_price) == (20, Decimal("20.5"))
        and got.next_funding_utc_timestamp * 1000 > started_ms
    )
    step("perpetual.get_funding_info", done(perpetual._orderbook_ds.get_funding_info, PAIR), info)
    step("perpetual._set_trading_pair_leverage", done(perpetual._set_trading_pair_leverage, PAIR, 5), (True, ""))
    perpetual._leverage_initialized = False
    leverage = then(perpetual._initialize_leverage_if_needed, lambda: perpetual._leverage)
    step("perpetual._initialize_leverage_if_needed", leverage, 5)
    step("perpetual._fetch_last_fee_payment", done(perpetual._fetch_last_fee_payment, PAIR), (0, -1, -1))
    step(
        "perpetual.sell",
        place(perpetual, "sell", "1", OrderType.LIMIT, "30"),
        lambda got: got.exchange_order_id,
        "LIMIT",
    )
    step("perpetual._execute_cancel", done(perpetual._execute_cancel, PAIR, last["id"]), last["id"])


def stop():
    stage("stops")
    for price in ("17", "18"):
        step(
            "buy", place(spot, "buy", "1", OrderType.LIMIT, price), lambda got: got.exchange_order_id, "to be cancelled"
        )
    step("cancel_all", done(spot.cancel_all, 60), lambda got: [row.success for row in got][:2] == [True, True])
    step("cancel_all", lambda: state()["open_orders"], [], "at the exchange")


start()
stage("trades")
for part in (resting, trading, perpetuals, stop):
    part()
stage("more")
stream = spot._create_user_stream_data_source()
step("_connected_websocket_assistant", done(stream._connected_websocket_assistant), lambda got: got)
finish(version("hummingbot"))
