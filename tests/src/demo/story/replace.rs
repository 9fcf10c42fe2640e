//! Cancel and replace, by hand: never two orders at once, never more than is left.

use anyhow::{bail, ensure};
use bpx_client::operations;
use bpx_client::types::{CancelOrder, LimitOrder, NewOrder, OrderStatus, OrderType};
use bpx_runtime::Decimal;

use super::{SYMBOL, Story};
use crate::demo::order::{expect, limit, open_quantity, terms};
use crate::demo::report::{Step, Summary};

impl Story<'_> {
    /// Moves an open order to another price.
    pub(super) async fn replace(
        &mut self,
        open: &LimitOrder,
        price: Decimal,
    ) -> anyhow::Result<LimitOrder> {
        self.read_before(&open.id).await?;
        let cancelled = self.cancel_before(&open.id).await?;
        let quantity = open_quantity(&cancelled)?;
        ensure!(quantity > Decimal::ZERO, "nothing is left to replace");
        let found = format!("it is {}, {quantity} are left", cancelled.status);
        self.step(Step::decided("check", found));
        self.report.cancel_replace.cancelled = Some(Summary::from(&cancelled));
        let replacement = self.place_instead(&cancelled, price, quantity).await?;
        self.report.cancel_replace.replacement = Some(Summary::from(&replacement));
        Ok(replacement)
    }

    async fn read_before(&mut self, id: &str) -> anyhow::Result<()> {
        let send = self.client.get_order().symbol(SYMBOL).order_id(id).send();
        let answer = self.watch.call(&operations::GET_ORDER, 1, send).await?;
        let (order, call) = answer.ok()?;
        let order = limit(order)?;
        expect(&order, &OrderStatus::New)?;
        let said = format!("order {id} is open: {}", terms(&order));
        self.step(Step::called("read", call.saying(said)));
        Ok(())
    }

    /// A fill may come between reading and cancelling, so it is the cancelled order that counts.
    async fn cancel_before(&mut self, id: &str) -> anyhow::Result<LimitOrder> {
        let body = CancelOrder::new(SYMBOL).order_id(id);
        let send = self.client.cancel_order().body(body).send();
        let answer = self.watch.call(&operations::CANCEL_ORDER, 1, send).await?;
        let (outcome, call) = answer.ok()?;
        let Some(order) = outcome.done() else {
            bail!("the cancellation of order {id} was only accepted; ask before replacing it");
        };
        let order = limit(order)?;
        expect(&order, &OrderStatus::Cancelled)?;
        let said = format!(
            "order {id} is off the book, {} filled",
            order.executed_quantity
        );
        self.step(Step::called("cancel", call.saying(said)));
        Ok(order)
    }

    /// Side and quantity come from the cancelled order, the price is new.
    async fn place_instead(
        &mut self,
        cancelled: &LimitOrder,
        price: Decimal,
        quantity: Decimal,
    ) -> anyhow::Result<LimitOrder> {
        let new = NewOrder::new(OrderType::Limit, cancelled.side.clone(), &*cancelled.symbol)
            .price(price)
            .quantity(quantity)
            .time_in_force(cancelled.time_in_force.clone())
            .post_only(cancelled.post_only);
        let send = self.client.execute_order().body(new).send();
        let answer = self.watch.call(&operations::EXECUTE_ORDER, 1, send).await?;
        let (order, call) = answer.ok()?;
        let order = limit(order)?;
        expect(&order, &OrderStatus::New)?;
        let said = format!("order {} rests instead: {}", order.id, terms(&order));
        self.step(Step::called("replace", call.saying(said)));
        Ok(order)
    }

    fn step(&mut self, step: Step) {
        self.report.cancel_replace.steps.push(step);
    }
}
