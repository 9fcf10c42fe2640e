"""bpx-py, as it comes from the package index, starts, trades and stops on the local exchange."""

from bpx.account import Account
from bpx.public import Public

from smoke import API_KEY, API_SECRET, BASE_URL, finish, step

SPOT, PERP = "SOL_USDC", "SOL_USDC_PERP"
Public.BASE_URL = Account.BPX_API_URL = BASE_URL + "/"
public, account = Public(), Account(API_KEY, API_SECRET)
placed = {}


def place(name, *arguments, **more):
    placed[name] = account.execute_order(SPOT, *arguments, **more)
    return placed[name]


def start():
    step("get_status", lambda: public.get_status()["status"] == "Ok")
    step("get_ping", lambda: public.get_ping() == "pong")
    step("get_time", lambda: int(public.get_time()) > 0)
    step("get_markets", lambda: {SPOT, PERP} <= {market["symbol"] for market in public.get_markets()})
    step("get_assets", lambda: {"SOL", "USDC"} <= {asset["symbol"] for asset in public.get_assets()})
    step("get_ticker", lambda: public.get_ticker(SPOT)["symbol"] == SPOT)
    step("get_tickers", lambda: len(public.get_tickers()) == 6)
    step("get_depth", lambda: public.get_depth(SPOT)["asks"] == [["21", "5"]])


def trade():
    step("get_balances", lambda: account.get_balances()["USDC"]["available"] == "1000000")
    step("execute_order, limit", lambda: place("limit", "Bid", "Limit", quantity="1.50", price="20.10", client_id=7, post_only=True)["status"] == "New")
    step("get_open_order", lambda: account.get_open_order(SPOT, order_id=placed["limit"]["id"])["clientId"] == 7)
    step("get_open_orders", lambda: len(account.get_open_orders(symbol=SPOT)) == 1)
    step("cancel_order", lambda: account.cancel_order(SPOT, order_id=placed["limit"]["id"])["status"] == "Cancelled")
    step("execute_order, market", lambda: place("market", "Bid", "Market", quantity="2")["status"] == "Filled")
    step("get_fill_history", lambda: [fill["quantity"] for fill in account.get_fill_history(SPOT)] == ["2"])
    step("get_order_history", lambda: placed["market"]["id"] in {order["id"] for order in account.get_order_history(SPOT)})
    step("get_balances, bought", lambda: account.get_balances()["SOL"]["available"] == "1000002")


def stop():
    for price in ("18", "19"):
        place(price, "Bid", "Limit", quantity="1", price=price, self_trade_prevention="RejectBoth")
    step("cancel_all_orders", lambda: len(account.cancel_all_orders(SPOT)) == 2)
    step("get_open_orders, none left", lambda: account.get_open_orders() == [])
    # It sends the number as text, which the venue's document does not allow.
    step("cancel_order, by client id: refused", lambda: "expected u32" in account.cancel_order(SPOT, client_id=7))
    # It gives the refusal as if it were an answer.
    step("an unknown symbol", lambda: account.execute_order("NO_SUCH", "Bid", "Market", quantity="1")["message"] == "Invalid market symbol")


start()
trade()
stop()
finish()
