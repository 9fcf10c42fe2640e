//! Backpack Exchange, as dispatch asks about it.

use bpx_contract::api::Operation;
use bpx_dispatch::settle::{Resolved, Sent, Settler};
use bpx_dispatch::{
    Arguments, Finding, Order, PageHeaders, Policy, Problem, Refusal, Rejected, Reply, Settling,
    Success, Venue, Witness,
};
use serde_json::{Value, json};

use crate::operations::{
    CANCEL_OPEN_ORDERS, CANCEL_ORDER, EXECUTE_ORDER_BATCH, GET_FILLS, is,
};
use crate::settle::Look;
use crate::{orders, preflight, refusal, rules, summary};

/// Backpack Exchange: what its eight order operations mean.
#[derive(Debug, Clone, Copy, Default)]
pub struct Backpack;

impl Venue for Backpack {
    fn check(&self, operation: &Operation, arguments: &Arguments) -> Vec<Finding> {
        rules::check(operation, arguments)
    }

    fn orders(&self, operation: &Operation, arguments: &Arguments, policy: &Policy) -> Vec<Order> {
        orders::orders(operation, arguments, policy)
    }

    fn set_client_ids(&self, operation: &Operation, arguments: &mut Arguments, ids: &[u32]) {
        orders::set_client_ids(operation, arguments, ids);
    }

    fn is_batch(&self, operation: &Operation) -> bool {
        is(operation, &EXECUTE_ORDER_BATCH)
    }

    fn is_cancellation(&self, operation: &Operation) -> bool {
        is(operation, &CANCEL_ORDER) || is(operation, &CANCEL_OPEN_ORDERS)
    }

    fn refusal(&self, status: u16, code: Option<&str>) -> Refusal {
        refusal::of(status, code)
    }

    fn settle<'a>(
        &'a self,
        settler: &'a Settler<'a>,
        reply: Reply,
        sent: Sent<'a>,
    ) -> Settling<'a, Resolved> {
        let look = Look { settler };
        Box::pin(async move { look.settle(reply, sent).await })
    }

    fn reconcile<'a>(
        &'a self,
        settler: &'a Settler<'a>,
        sent: &'a Sent<'a>,
    ) -> Settling<'a, Resolved> {
        let look = Look { settler };
        Box::pin(async move { look.reconcile(sent).await })
    }

    fn is_closed<'a>(
        &'a self,
        settler: &'a Settler<'a>,
        symbol: &'a str,
        order_id: &'a str,
    ) -> Settling<'a, bool> {
        let look = Look { settler };
        Box::pin(async move { look.is_closed(symbol, order_id).await })
    }

    fn page(&self, success: &Success) -> PageHeaders {
        let number = |name| success.headers.get(name)?.to_str().ok()?.parse().ok();
        PageHeaders {
            page_count: number("x-page-count"),
            current_page: number("x-current-page"),
            page_size: number("x-page-size"),
            total: number("x-total"),
        }
    }

    fn describe(
        &self,
        operation: &Operation,
        arguments: &Arguments,
        policy: &Policy,
    ) -> Option<String> {
        Some(summary::of(operation, arguments, policy))
    }

    fn preflight(
        &self,
        read: &[(String, Value)],
        writes: &[(&Operation, &Arguments)],
    ) -> Result<(), Problem> {
        preflight::check(read, writes)
    }

    fn probe(&self) -> Option<(&str, Arguments)> {
        let arguments = json!({"limit": 1}).as_object().cloned().unwrap_or_default();
        Some((&GET_FILLS.id, arguments))
    }

    /// An order that was found not to be open is reported as the exchange reports it: not found.
    fn status_of(&self, operation: &Operation, rejected: &Rejected) -> u16 {
        match rejected.by {
            Witness::Evidence if is(operation, &CANCEL_ORDER) => 404,
            _ => 400,
        }
    }
}
