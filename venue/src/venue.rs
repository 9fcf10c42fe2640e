//! Backpack Exchange, as dispatch asks about it.

use std::future::ready;

use bpx_contract::api::Operation;
use bpx_dispatch::settle::{Resolved, Sent, Settler};
use bpx_dispatch::{
    Arguments, Finding, Happenings, Order, PageHeaders, Policy, Problem, Refusal, Rejected, Reply,
    Settling, Standing, Success, Venue, Witness, of_reply,
};
use bpx_runtime::Connection;
use bpx_runtime::signing::WINDOW_MS_MAX;
use serde_json::{Value, json};

use crate::operations::{
    CANCEL_OPEN_ORDERS, CANCEL_ORDER, EXECUTE_ORDER_BATCH, GET_FILLS, GET_OPEN_ORDERS,
    GET_ORDER_HISTORY, is,
};
use crate::settle::Look;
use crate::state::{self, State};
use crate::{operations, orders, preflight, refusal, rules, stream, summary};

const WINDOW_PARAMETER: &str = "X-WINDOW";

/// Backpack Exchange: what its eight order operations mean.
#[derive(Debug, Clone, Copy, Default)]
pub struct Backpack;

impl Venue for Backpack {
    fn check(&self, operation: &Operation, arguments: &Arguments) -> Vec<Finding> {
        rules::check(operation, arguments)
    }

    fn knows(&self, operation: &Operation) -> bool {
        operations::is_known(operation)
    }

    fn listed_argument(&self, operation: &Operation) -> Option<&'static str> {
        operations::is_withdrawal(operation).then_some("/address")
    }

    fn is_secret(&self, argument: &str) -> bool {
        summary::SECRET.contains(&argument)
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

    fn refusal(&self, rejected: &Rejected) -> Refusal {
        refusal::of_response(rejected)
    }

    fn settle<'a>(
        &'a self,
        settler: &'a Settler<'a>,
        reply: Reply,
        sent: Sent<'a>,
    ) -> Settling<'a, Resolved> {
        if !self.knows(sent.operation) {
            let outcome = of_reply(|rejected| self.refusal(rejected), reply, &sent);
            return Box::pin(ready(outcome.into()));
        }
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

    fn happenings(&self, connection: &Connection) -> Option<Happenings> {
        Some(stream::happenings(connection))
    }

    fn standing<'a>(
        &'a self,
        settler: &'a Settler<'a>,
        symbol: &'a str,
        order_id: &'a str,
    ) -> Settling<'a, Standing> {
        let look = Look { settler };
        Box::pin(async move { look.standing(symbol, order_id).await })
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

    fn order_component(&self) -> Option<&str> {
        Some("Order")
    }

    /// An order that was found not to be open is reported as the exchange reports it: not found.
    fn status_of(&self, operation: &Operation, rejected: &Rejected) -> u16 {
        match rejected.by {
            Witness::Evidence if is(operation, &CANCEL_ORDER) => 404,
            _ => 400,
        }
    }

    fn client_id_argument(&self) -> Option<&'static str> {
        Some("clientId")
    }

    fn subject(&self, arguments: &Arguments) -> Option<String> {
        let id = arguments.get("orderId")?.as_str()?;
        Some(format!("order {id}"))
    }

    /// An order's row in the history; without its identifier, the open orders.
    fn look_up(&self, arguments: &Arguments) -> Option<(&str, Arguments)> {
        let of_order = ["symbol", "orderId"].map(|name| arguments.get_key_value(name));
        let [Some(symbol), Some(order)] = of_order else {
            return Some((&GET_OPEN_ORDERS.id, Arguments::new()));
        };
        let given = [symbol, order].map(|(name, value)| (name.clone(), value.clone()));
        let mut arguments = Arguments::from_iter(given);
        arguments.insert("limit".to_owned(), 1.into());
        Some((&GET_ORDER_HISTORY.id, arguments))
    }

    /// The status of the order that a response shows, which may be a list of one, if nothing more can happen to it.
    fn final_state(&self, response: &Value) -> Option<String> {
        let order = response.get(0).unwrap_or(response);
        let status = order.get("status")?.as_str()?;
        (state::of_text(status) == State::Closed).then(|| status.to_owned())
    }

    fn check_signature_parameter(&self, name: &str, value: &Value) -> Result<(), Problem> {
        let is_window = name.eq_ignore_ascii_case(WINDOW_PARAMETER);
        if !is_window || value.as_u64().is_some_and(|ms| ms <= WINDOW_MS_MAX) {
            return Ok(());
        }
        Err(Problem {
            problem: "not a valid window".to_owned(),
            fix: format!("use 1 to {WINDOW_MS_MAX} ms, or leave it out"),
        })
    }
}
