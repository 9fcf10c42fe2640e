//! The story: a small trading session that needs all eight operations.

mod late;
mod replace;

use std::collections::BTreeMap;

use anyhow::{bail, ensure};
use bpx_client::types::{
    BatchResult, CancelAll, CancelOrder, Fill, LimitOrder, NewOrder, Order, OrderStatus, OrderType,
    Side, TimeInForce,
};
use bpx_client::{Client, Page, operations};

use super::order::{expect, is_open, limit, terms, verb};
use super::recording::Recorded;
use super::report::{Files, Report, Signatures, Workflow};
use super::watch::Watch;
use crate::exchange::{Exchange, decimal};

const SYMBOL: &str = "SOL_USDC";

/// One telling.
#[derive(Debug)]
pub(super) struct Story<'a> {
    client: &'a Client,
    exchange: &'a Exchange,
    watch: Watch<'a>,
    pub(super) report: Report,
}

impl<'a> Story<'a> {
    pub(super) fn new(exchange: &'a Exchange, files: Files) -> Self {
        Self {
            client: &exchange.client,
            exchange,
            watch: Watch::new(&exchange.sandbox),
            report: Report {
                files,
                ..Report::default()
            },
        }
    }

    /// Takes the workflow that was run after the story.
    pub(super) fn ran(&mut self, workflow: Workflow) {
        let Signatures { sent, verified } = workflow.signatures;
        self.watch.signatures.sent += sent;
        self.watch.signatures.verified += verified;
        self.report.workflow = Some(workflow);
    }

    /// Takes what was recorded. The exchange's own log says how much that should be.
    pub(super) fn took(&mut self, recorded: Recorded, logged: usize) {
        self.report.problems.extend(recorded.problems(logged));
        self.report.recording = Some(recorded);
    }

    pub(super) fn finish(mut self) -> Report {
        self.report.signatures = self.watch.signatures;
        self.report.settle();
        self.report
    }

    /// Every step depends on the one before; the first that goes wrong ends the story.
    pub(super) async fn tell(&mut self) -> anyhow::Result<()> {
        let resting = self.rest("148.20", "2.5").await?;
        self.read(&resting).await?;
        self.list(&resting).await?;
        let filled = self.take("150.50", "0.75").await?;
        let placed = self.batch().await?;
        self.cancel(&placed).await?;
        let replacement = self.replace(&resting, decimal("148.75")?).await?;
        self.cancel_late().await?;
        self.cancel_all(&replacement).await?;
        self.fills(&filled).await?;
        self.history().await
    }

    /// Places an order that may only rest.
    async fn rest(&mut self, price: &str, quantity: &str) -> anyhow::Result<LimitOrder> {
        let new = bid(price, quantity)?.post_only(true).client_id(1);
        let send = self.client.execute_order().body(new).send();
        let answer = self.watch.call(&operations::EXECUTE_ORDER, 1, send).await?;
        let (order, call) = answer.ok()?;
        let order = limit(order)?;
        expect(&order, &OrderStatus::New)?;
        let said = format!("order {} rests: {}", order.id, terms(&order));
        self.report.operations.push(call.saying(said));
        Ok(order)
    }

    async fn read(&mut self, placed: &LimitOrder) -> anyhow::Result<()> {
        let send = self.client.get_order().symbol(SYMBOL).order_id(&*placed.id);
        let answer = self
            .watch
            .call(&operations::GET_ORDER, 1, send.send())
            .await?;
        let (order, call) = answer.ok()?;
        let order = limit(order)?;
        ensure!(
            order == *placed,
            "order {} reads otherwise than it was placed: {order:?}",
            placed.id
        );
        let said = format!("order {}: {}, {}", order.id, order.status, terms(&order));
        self.report.operations.push(call.saying(said));
        Ok(())
    }

    async fn list(&mut self, placed: &LimitOrder) -> anyhow::Result<()> {
        let send = self.client.get_open_orders().symbol(SYMBOL).send();
        let answer = self
            .watch
            .call(&operations::GET_OPEN_ORDERS, 1, send)
            .await?;
        let (orders, call) = answer.ok()?;
        match &*orders {
            [order] if is_open(order, &placed.id) => {}
            other => bail!("one open order was expected, the answer holds {other:?}"),
        }
        let said = format!("1 open order: {}", placed.id);
        self.report.operations.push(call.saying(said));
        Ok(())
    }

    /// Places an order that trades at once, and is not in the table: the fills are.
    async fn take(&mut self, price: &str, quantity: &str) -> anyhow::Result<LimitOrder> {
        let new = bid(price, quantity)?.time_in_force(TimeInForce::Ioc);
        let send = self.client.execute_order().body(new).send();
        let answer = self.watch.call(&operations::EXECUTE_ORDER, 1, send).await?;
        let order = limit(answer.ok()?.0)?;
        expect(&order, &OrderStatus::Filled)?;
        Ok(order)
    }

    /// Places two orders at once, one of which the exchange must refuse: its quantity has nine decimals.
    async fn batch(&mut self) -> anyhow::Result<LimitOrder> {
        let orders = vec![bid("147.10", "1")?, bid("147.10", "1.000000001")?];
        let send = self.client.execute_order_batch().body(orders).send();
        let answer = self
            .watch
            .call(&operations::EXECUTE_ORDER_BATCH, 2, send)
            .await?;
        let (rows, call) = answer.ok()?;
        let rows: [BatchResult; 2] = rows
            .try_into()
            .map_err(|rows: Vec<_>| anyhow::anyhow!("2 rows were expected, not {}", rows.len()))?;
        let [BatchResult::Ok(order), BatchResult::Err(refusal)] = rows else {
            bail!("one good and one bad row were expected: {rows:?}");
        };
        let order = limit(order)?;
        expect(&order, &OrderStatus::New)?;
        let said = format!("order {} rests; 2nd refused: {}", order.id, refusal.message);
        self.report.operations.push(call.saying(said));
        Ok(order)
    }

    async fn cancel(&mut self, placed: &LimitOrder) -> anyhow::Result<()> {
        let body = CancelOrder::new(SYMBOL).order_id(&*placed.id);
        let send = self.client.cancel_order().body(body).send();
        let answer = self.watch.call(&operations::CANCEL_ORDER, 1, send).await?;
        let (outcome, call) = answer.ok()?;
        let Some(order) = outcome.done() else {
            bail!("the cancellation was only accepted");
        };
        let order = limit(order)?;
        expect(&order, &OrderStatus::Cancelled)?;
        let said = format!("order {}: {}", order.id, order.status);
        self.report.operations.push(call.saying(said));
        Ok(())
    }

    async fn cancel_all(&mut self, open: &LimitOrder) -> anyhow::Result<()> {
        let body = CancelAll::new(SYMBOL);
        let send = self.client.cancel_open_orders().body(body).send();
        let answer = self
            .watch
            .call(&operations::CANCEL_OPEN_ORDERS, 1, send)
            .await?;
        let (outcome, call) = answer.ok()?;
        match outcome.done().as_deref() {
            Some([order]) if is_open(order, &open.id) => {}
            other => bail!("order {} alone should be cancelled: {other:?}", open.id),
        }
        let said = format!("1 order cancelled: {}", open.id);
        self.report.operations.push(call.saying(said));
        Ok(())
    }

    async fn fills(&mut self, filled: &LimitOrder) -> anyhow::Result<()> {
        let send = self.client.get_fills().symbol(SYMBOL).send();
        let answer = self.watch.call(&operations::GET_FILLS, 1, send).await?;
        let (page, call) = answer.ok()?;
        let said = fill_in_words(&page, filled)?;
        self.report.operations.push(call.saying(said));
        Ok(())
    }

    async fn history(&mut self) -> anyhow::Result<()> {
        let send = self.client.get_order_history().limit(10_u64).send();
        let answer = self
            .watch
            .call(&operations::GET_ORDER_HISTORY, 1, send)
            .await?;
        let (page, call) = answer.ok()?;
        let said = history_in_words(&page)?;
        self.report.operations.push(call.saying(said));
        Ok(())
    }
}

/// An order to buy at a limit; decimals keep the digits they are written with.
fn bid(price: &str, quantity: &str) -> anyhow::Result<NewOrder> {
    Ok(NewOrder::new(OrderType::Limit, Side::Bid, SYMBOL)
        .price(decimal(price)?)
        .quantity(decimal(quantity)?))
}

fn fill_in_words(page: &Page<Fill>, filled: &LimitOrder) -> anyhow::Result<String> {
    let [fill] = &**page else {
        bail!("one fill was expected: {page:?}");
    };
    ensure!(
        fill.order_id == filled.id && fill.quantity == filled.executed_quantity,
        "the fill is not that of order {}: {fill:?}",
        filled.id
    );
    let Fill { price, fee, .. } = fill;
    let (verb, quantity) = (verb(&fill.side), fill.quantity);
    Ok(format!("1 fill: {verb} {quantity} at {price}, fee {fee}"))
}

fn history_in_words(page: &Page<Order>) -> anyhow::Result<String> {
    let mut counts = BTreeMap::new();
    for order in page {
        *counts.entry(order.status.to_string()).or_insert(0_u64) += 1;
    }
    let expected = [("Cancelled", 4), ("Filled", 1)];
    ensure!(
        counts
            .iter()
            .map(|(status, count)| (&**status, *count))
            .eq(expected)
            && page.total == Some(5),
        "four cancelled orders and a filled one were expected: {counts:?}"
    );
    let words = counts
        .iter()
        .map(|(status, count)| format!("{count} {status}"));
    Ok(format!(
        "{} orders: {}",
        counts.values().sum::<u64>(),
        words.collect::<Vec<_>>().join(", ")
    ))
}
