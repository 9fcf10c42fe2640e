"""ccxt, as it comes from the package index, starts, trades and stops on the local exchange."""

import ccxt

from smoke import API_KEY, API_SECRET, BASE_URL, finish, raises, step

SPOT, PERP = "SOL/USDC", "SOL/USDC:USDC"


def connect(**more):
    urls = {"api": {"public": BASE_URL, "private": BASE_URL}}
    return ccxt.backpack({"apiKey": API_KEY, "secret": API_SECRET, "urls": urls, "enableRateLimit": False, **more})


exchange = connect()
placed = {}


def place(name, *order):
    placed[name] = exchange.create_order(*order)
    return placed[name]


def start():
    markets = exchange.load_markets()
    precision = markets[SPOT]["precision"]
    return len(markets) == 6 and markets[PERP]["swap"] and precision["price"] and precision["amount"]


def public():
    step("load_markets", start)
    step("fetch_currencies", lambda: {"SOL", "USDC"} <= set(exchange.fetch_currencies()))
    step("fetch_status", lambda: exchange.fetch_status()["status"] == "ok")
    step("fetch_time", lambda: exchange.fetch_time() > 0)
    step("fetch_ticker", lambda: exchange.fetch_ticker(SPOT)["symbol"] == SPOT)
    step("fetch_tickers", lambda: SPOT in exchange.fetch_tickers())
    step("fetch_order_book", lambda: exchange.fetch_order_book(SPOT)["asks"] == [[21, 5]])


def resting():
    def limit():
        order = place("limit", SPOT, "limit", "buy", 1, 20, {"postOnly": True, "clientOrderId": 7})
        return order["status"] == "open" and order["price"] == 20 and order["clientOrderId"] == "7"

    def is_open():
        (order,) = exchange.fetch_open_orders(SPOT)
        return order["id"] == placed["limit"]["id"] == exchange.fetch_open_order(order["id"], SPOT)["id"]

    step("fetch_balance", lambda: exchange.fetch_balance()["USDC"]["total"] == 1_000_000)
    step("create_order, post-only limit", limit)
    step("fetch_open_orders, fetch_open_order", is_open)
    step("fetch_balance, funds locked", lambda: exchange.fetch_balance()["USDC"]["used"] >= 20)
    step("cancel_order", lambda: exchange.cancel_order(placed["limit"]["id"], SPOT)["status"] == "canceled")
    step("fetch_balance, funds released", lambda: exchange.fetch_balance()["USDC"]["used"] == 0)


def trading():
    def market():
        order = place("market", SPOT, "market", "buy", 2)
        return order["status"] == "closed" and order["filled"] == 2

    def my_trades():
        (trade,) = exchange.fetch_my_trades(SPOT)
        return (trade["price"], trade["amount"], trade["order"]) == (21, 2, placed["market"]["id"])

    step("create_order, market", market)
    step("create_order, market by cost", lambda: place("cost", SPOT, "market", "buy", 1, None, {"cost": 21})["filled"] == 1)
    step("fetch_my_trades", lambda: len(exchange.fetch_my_trades(SPOT)) == 2)
    step("fetch_orders", lambda: placed["market"]["id"] in {order["id"] for order in exchange.fetch_orders(SPOT)})
    step("fetch_balance, bought", lambda: exchange.fetch_balance()["SOL"]["total"] == 1_000_003)


def several():
    def batch():
        row = {"symbol": SPOT, "type": "limit", "side": "buy", "amount": 1}
        orders = exchange.create_orders([{**row, "price": 18}, {**row, "price": 19}])
        return [order["price"] for order in orders] == [18, 19]

    def trigger():
        order = exchange.create_order(SPOT, "limit", "sell", 1, 30, {"triggerPrice": 29})
        return order["triggerPrice"] == 29

    step("create_orders", batch)
    step("create_order, with a trigger", trigger)
    step("fetch_open_orders, all kinds", lambda: len(exchange.fetch_open_orders(SPOT)) == 3)
    step("cancel_all_orders", lambda: len(exchange.cancel_all_orders(SPOT)) == 3)
    step("fetch_open_orders, none left", lambda: exchange.fetch_open_orders() == [])


def perpetual():
    def with_exits():
        exits = {"stopLoss": {"triggerPrice": 15}, "takeProfit": {"triggerPrice": 30, "price": 31}}
        order = place("perpetual", PERP, "limit", "buy", 1, 20, exits)
        return order["status"] == "open" and order["info"]["stopLossTriggerPrice"] == "15"

    step("create_order, perpetual with stop loss and take profit", with_exits)
    step("cancel_order, perpetual", lambda: exchange.cancel_order(placed["perpetual"]["id"], PERP)["status"] == "canceled")


def refused():
    def too_expensive():
        exchange.create_order(SPOT, "limit", "buy", 1_000_000, 20)

    def share():
        exchange.create_order(SPOT, "limit", "sell", 1, 30, {"triggerPrice": 29, "triggerQuantity": "80%"})

    stranger = connect(secret="nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    step("too expensive: InsufficientFunds", lambda: raises(ccxt.InsufficientFunds, too_expensive))
    step("another key: not believed", lambda: raises(ccxt.BaseError, stranger.fetch_balance, "signature"))
    # It signs values percent-encoded, the venue signs them as they are.
    step("a percentage: its signature is not the venue's", lambda: raises(ccxt.BaseError, share, "signature"))


public()
resting()
trading()
several()
perpetual()
refused()
finish()
