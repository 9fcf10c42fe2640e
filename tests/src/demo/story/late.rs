//! A cancellation that is accepted with 202 and settles later: what became of it is asked, never assumed.

use std::time::Duration;

use anyhow::{bail, ensure};
use bpx_client::operations;
use bpx_client::types::{ApiErrorCode, CancelOrder, OrderStatus};

use super::{SYMBOL, Story, bid};
use crate::demo::order::{expect, limit};
use crate::demo::report::{Call, Step};

/// Longer than the exchange takes to settle, so that one question is enough as a rule.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(30);
const QUESTIONS_MAX: usize = 100;
const NOT_FOUND: u16 = 404;

impl Story<'_> {
    /// Places an order, cancels it with an exchange that only accepts, and confirms.
    pub(super) async fn cancel_late(&mut self) -> anyhow::Result<()> {
        let send = self.client.execute_order().body(bid("146.00", "1")?).send();
        let answer = self.watch.call(&operations::EXECUTE_ORDER, 1, send).await?;
        let order = limit(answer.ok()?.0)?;
        expect(&order, &OrderStatus::New)?;

        self.exchange.sandbox.settle_late(true);
        let accepted = self.cancel_accepted(&order.id).await?;
        self.exchange.sandbox.settle_late(false);
        let gone = self.wait_until_gone(&order.id).await?;
        let confirmed = self.confirm_cancelled(&order.id).await?;
        self.report.late_cancel = vec![
            Step::called("cancel", accepted),
            Step::called("ask", gone),
            Step::called("confirm", confirmed),
        ];
        Ok(())
    }

    async fn cancel_accepted(&mut self, id: &str) -> anyhow::Result<Call> {
        let body = CancelOrder::new(SYMBOL).order_id(id);
        let send = self.client.cancel_order().body(body).send();
        let answer = self.watch.call(&operations::CANCEL_ORDER, 1, send).await?;
        let (outcome, call) = answer.ok()?;
        ensure!(
            outcome.is_accepted() && call.status == 202,
            "a 202 without a body was expected: {outcome:?}"
        );
        Ok(call.saying(format!("order {id}: accepted, not yet carried out")))
    }

    /// An order that is no longer open is answered with 404.
    async fn wait_until_gone(&mut self, id: &str) -> anyhow::Result<Call> {
        for _ in 0..QUESTIONS_MAX {
            tokio::time::sleep(BETWEEN_QUESTIONS).await;
            let send = self.client.get_order().symbol(SYMBOL).order_id(id).send();
            let answer = self.watch.call(&operations::GET_ORDER, 1, send).await?;
            if answer.status() != NOT_FOUND {
                answer.ok()?;
                continue;
            }
            let (error, call) = answer.refused()?;
            ensure!(
                error.code == ApiErrorCode::ResourceNotFound,
                "404 with {}",
                error.code
            );
            return Ok(call.saying(format!("{}: no longer open", error.code)));
        }
        bail!("order {id} was to be cancelled and is still open")
    }

    /// Gone may also mean filled; the history knows.
    async fn confirm_cancelled(&mut self, id: &str) -> anyhow::Result<Call> {
        let send = self.client.get_order_history().order_id(id).send();
        let answer = self
            .watch
            .call(&operations::GET_ORDER_HISTORY, 1, send)
            .await?;
        let (page, call) = answer.ok()?;
        match &*page {
            [order] if order.id == id && order.status == OrderStatus::Cancelled => {
                Ok(call.saying(format!("order {id}: {}, none filled", order.status)))
            }
            other => bail!("order {id} should be cancelled, the history holds {other:?}"),
        }
    }
}
