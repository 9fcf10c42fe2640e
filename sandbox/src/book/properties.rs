//! What holds for the book whatever orders come.

use proptest::prelude::*;

use super::*;
use crate::amount::Amount;
use crate::wire::payload::OrderExecutePayload;
use crate::words::{OrderType, SelfTradePrevention, TimeInForce};

const SYMBOL: &str = "SOL_USDC";

fn any_order() -> impl Strategy<Value = (Owner, OrderExecutePayload)> {
    let owner = prop_oneof![Just(Owner::User), Just(Owner::MarketMaker)];
    let side = prop_oneof![Just(Side::Bid), Just(Side::Ask)];
    let price = prop_oneof![3 => (90_i64..110).prop_map(Some), 1 => Just(None)];
    let time = prop_oneof![4 => Just(TimeInForce::Gtc), 1 => Just(TimeInForce::Ioc), 1 => Just(TimeInForce::Fok)];
    let prevention = prop_oneof![
        Just(SelfTradePrevention::Taker),
        Just(SelfTradePrevention::Maker),
        Just(SelfTradePrevention::Both)
    ];
    (
        owner,
        side,
        price,
        1_i64..1000,
        any::<bool>(),
        time,
        prevention,
    )
        .prop_map(|(owner, side, price, size, in_quote, time, prevention)| {
            let kind = price.map_or(OrderType::Market, |_| OrderType::Limit);
            let in_quote = in_quote && price.is_none();
            let size = Some(Amount(Decimal::new(size, 2)));
            let payload = OrderExecutePayload {
                price: price.map(|price| Amount(Decimal::new(price, 1))),
                quantity: size.filter(|_| !in_quote),
                quote_quantity: size.filter(|_| in_quote),
                time_in_force: Some(time),
                self_trade_prevention: Some(prevention),
                ..OrderExecutePayload::new(SYMBOL, side, kind)
            };
            (owner, payload)
        })
}

fn best(book: &Book, side: Side) -> Option<Decimal> {
    let id = book.ladders.get(SYMBOL)?.best_first(side).next()?;
    book.orders.get(&id)?.terms.limit
}

/// Whether an order's own account of its fills agrees with the fills and with what was asked.
fn adds_up(book: &Book, order: &Order) -> bool {
    let own = || book.fills().filter(|fill| fill.order_id == order.id);
    let quantity: Decimal = own().map(|fill| fill.quantity).sum();
    let quote: Decimal = own().map(|fill| fill.quantity * fill.price).sum();
    let keeps_limit = own().all(|fill| order.terms.accepts(fill.price));
    let within = match order.terms.size {
        terms::Size::Base(asked) => quantity <= asked,
        terms::Size::Quote(asked) => quote <= asked,
    };
    let is_filled = order.status == OrderStatus::Filled;
    let whole = order
        .terms
        .base_quantity()
        .is_none_or(|asked| is_filled == (quantity == asked));
    (quantity, quote) == (order.executed_quantity, order.executed_quote)
        && keeps_limit
        && within
        && whole
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_book_is_never_crossed_and_every_order_adds_up(orders in prop::collection::vec(any_order(), 1..40)) {
        let mut book = Book::default();
        for (owner, payload) in orders {
            let terms = Terms::check(payload).unwrap();
            book.place(owner, terms, DateTime::UNIX_EPOCH).unwrap();
            if let (Some(bid), Some(ask)) = (best(&book, Side::Bid), best(&book, Side::Ask)) {
                prop_assert!(bid < ask, "bid {bid}, ask {ask}");
            }
        }
        for order in book.history() {
            prop_assert!(adds_up(&book, order), "{order:?}");
            prop_assert_eq!(order.is_open(), book.open.contains(&order.id));
        }
        let ids: Vec<_> = book.open_orders().map(|order| order.id).collect();
        for id in ids {
            prop_assert!(book.cancel(id).is_some());
        }
        prop_assert_eq!(book.open_orders().count(), 0);
    }
}
