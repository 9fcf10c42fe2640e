//! What the test does to both exchanges, and how it is made up.

use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::amount::Amount;
use crate::wire::payload::OrderExecutePayload;
use crate::words::{
    CancelOrderType, OrderType, SelfTradePrevention, Side, SlippageToleranceType, TimeInForce,
    TriggerBy,
};

/// Account 0 is the market maker, the others are users.
pub(super) const USERS: u32 = 3;

#[derive(Clone, Debug)]
pub(super) enum Command {
    Place(Spec),
    /// One after the other, by one account.
    Batch(u32, Vec<Spec>),
    /// The n-th open order, counted round.
    Cancel(u32, usize),
    CancelAll(u32, bool, Option<CancelOrderType>),
    SetPrice(bool, TriggerBy, Decimal),
}

/// An order as both exchanges receive it.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) account: u32,
    pub(super) is_perp: bool,
    pub(super) side: Side,
    pub(super) limit: Option<Decimal>,
    pub(super) base: Option<Decimal>,
    pub(super) quote: Option<Decimal>,
    pub(super) time_in_force: TimeInForce,
    pub(super) prevention: SelfTradePrevention,
    pub(super) post_only: bool,
    pub(super) reduce_only: bool,
    /// In ticks if true, else in percent.
    pub(super) slippage: Option<(bool, Decimal)>,
    pub(super) trigger: Option<SpecTrigger>,
    /// Trigger price and limit price.
    pub(super) stop_loss: Option<(Decimal, Option<Decimal>)>,
    pub(super) take_profit: Option<(Decimal, Option<Decimal>)>,
}

#[derive(Clone, Debug)]
pub(super) struct SpecTrigger {
    pub(super) price: Decimal,
    pub(super) by: TriggerBy,
    pub(super) quantity: Decimal,
    pub(super) is_percent: bool,
}

impl Spec {
    pub(super) fn payload(&self) -> OrderExecutePayload {
        let symbol = if self.is_perp {
            "SOL_USDC_PERP"
        } else {
            "SOL_USDC"
        };
        let kind = self.limit.map_or(OrderType::Market, |_| OrderType::Limit);
        let ticks = |is_ticks| match is_ticks {
            true => SlippageToleranceType::TickSize,
            false => SlippageToleranceType::Percent,
        };
        let trigger = self.trigger.as_ref();
        let exit_limit = |exit: Option<(Decimal, Option<Decimal>)>| exit?.1.map(Amount);
        let exit_price = |exit: Option<(Decimal, Option<Decimal>)>| Some(exit?.0.to_string());
        OrderExecutePayload {
            price: self.limit.map(Amount),
            quantity: self.base.map(Amount),
            quote_quantity: self.quote.map(Amount),
            time_in_force: Some(self.time_in_force),
            self_trade_prevention: Some(self.prevention),
            post_only: Some(self.post_only),
            reduce_only: Some(self.reduce_only),
            slippage_tolerance: self.slippage.map(|(_, tolerance)| Amount(tolerance)),
            slippage_tolerance_type: self.slippage.map(|(is_ticks, _)| ticks(is_ticks)),
            trigger_price: trigger.map(|trigger| trigger.price.to_string()),
            trigger_by: trigger.map(|trigger| trigger.by),
            trigger_quantity: trigger.map(|trigger| {
                let sign = if trigger.is_percent { "%" } else { "" };
                format!("{}{sign}", trigger.quantity)
            }),
            stop_loss_trigger_price: exit_price(self.stop_loss),
            stop_loss_limit_price: exit_limit(self.stop_loss),
            take_profit_trigger_price: exit_price(self.take_profit),
            take_profit_limit_price: exit_limit(self.take_profit),
            ..OrderExecutePayload::new(symbol, self.side, kind)
        }
    }
}

fn price() -> impl Strategy<Value = Decimal> {
    (90_i64..110).prop_map(|tenths| Decimal::new(tenths, 1))
}

fn quantity() -> impl Strategy<Value = Decimal> {
    (1_i64..400).prop_map(|hundredths| Decimal::new(hundredths, 2))
}

fn sometimes<T: std::fmt::Debug + Clone>(
    weight: f64,
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(weight, value)
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Bid), Just(Side::Ask)]
}

fn by() -> impl Strategy<Value = TriggerBy> {
    prop_oneof![Just(TriggerBy::Last), Just(TriggerBy::Mark)]
}

fn trigger() -> impl Strategy<Value = SpecTrigger> {
    let size = prop_oneof![
        3 => quantity().prop_map(|quantity| (quantity, false)),
        1 => (1_i64..=100).prop_map(|percent| (percent.into(), true)),
    ];
    (price(), by(), size).prop_map(|(price, by, (quantity, is_percent))| SpecTrigger {
        price,
        by,
        quantity,
        is_percent,
    })
}

fn exit() -> impl Strategy<Value = (Decimal, Option<Decimal>)> {
    (price(), prop::option::of(price()))
}

pub(super) fn spec() -> impl Strategy<Value = Spec> {
    let time = prop_oneof![
        5 => Just(TimeInForce::Gtc), 1 => Just(TimeInForce::Ioc), 1 => Just(TimeInForce::Fok)
    ];
    let prevention = prop_oneof![
        Just(SelfTradePrevention::Taker),
        Just(SelfTradePrevention::Maker),
        Just(SelfTradePrevention::Both)
    ];
    let slippage = (any::<bool>(), (0_i64..6).prop_map(Decimal::from));
    let who = (0..=USERS, any::<bool>(), side());
    let size = (sometimes(0.75, price()), quantity(), any::<bool>());
    let flags = (
        time,
        prevention,
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.3),
    );
    let rare = (
        sometimes(0.3, slippage),
        sometimes(0.2, trigger()),
        sometimes(0.2, exit()),
        sometimes(0.2, exit()),
    );
    (who, size, flags, rare).prop_map(|(who, size, flags, rare)| {
        let (limit, amount, in_quote) = size;
        let in_quote = in_quote && limit.is_none();
        let is_triggered = rare.1.is_some();
        let is_maker = who.0 == 0;
        let exits = if is_maker {
            (None, None)
        } else {
            (rare.2, rare.3)
        };
        Spec {
            account: who.0,
            is_perp: who.1,
            side: who.2,
            limit,
            base: (!in_quote && !is_triggered).then_some(amount),
            quote: (in_quote && !is_triggered).then(|| amount * Decimal::TEN),
            time_in_force: flags.0,
            prevention: flags.1,
            post_only: flags.2 && limit.is_some() && flags.0 == TimeInForce::Gtc,
            reduce_only: flags.3 && who.1,
            slippage: rare.0,
            trigger: rare.1,
            stop_loss: exits.0,
            take_profit: exits.1,
        }
    })
}

pub(super) fn command() -> impl Strategy<Value = Command> {
    let user = || 1..=USERS;
    let kind = prop_oneof![
        Just(CancelOrderType::RestingLimitOrder),
        Just(CancelOrderType::ConditionalOrder)
    ];
    let batch = (user(), prop::collection::vec(spec(), 1..4));
    prop_oneof![
        16 => spec().prop_map(Command::Place),
        2 => batch.prop_map(|(account, specs)| Command::Batch(account, specs)),
        2 => (user(), any::<usize>()).prop_map(|(account, n)| Command::Cancel(account, n)),
        1 => (user(), any::<bool>(), prop::option::of(kind))
            .prop_map(|(account, is_perp, kind)| Command::CancelAll(account, is_perp, kind)),
        2 => (any::<bool>(), by(), price())
            .prop_map(|(is_perp, by, price)| Command::SetPrice(is_perp, by, price)),
    ]
}
