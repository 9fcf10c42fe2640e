//! What a workflow has read of an order, compared with what it is about to do.

use bpx_contract::api::Operation;
use bpx_dispatch::{Arguments, Problem};
use serde_json::Value;

use crate::operations::{CANCEL_ORDER, GET_ORDER, is};
use crate::state::{self, State};

/// Whether the writes fit the orders that were read.
pub(crate) fn check(
    read: &[(String, Value)],
    writes: &[(&Operation, &Arguments)],
) -> Result<(), Problem> {
    let cancelled = writes
        .iter()
        .filter(|(operation, _)| is(operation, &CANCEL_ORDER));
    for (_, arguments) in cancelled {
        let order = arguments
            .get("orderId")
            .and_then(Value::as_str)
            .and_then(|id| order(read, id));
        if let Some(order) = order {
            is_open(order)?;
            writes.iter().try_for_each(|write| is_same(order, *write))?;
        }
    }
    Ok(())
}

/// The order with this identifier, as it was read last.
fn order<'a>(read: &'a [(String, Value)], id: &str) -> Option<&'a Value> {
    let mut orders = read
        .iter()
        .rev()
        .filter(|(operation, _)| *operation == GET_ORDER.id);
    orders.find_map(|(_, order)| (text(order, "id") == id).then_some(order))
}

fn is_open(order: &Value) -> Result<(), Problem> {
    let status = text(order, "status");
    if state::of_text(status) == State::Open {
        return Ok(());
    }
    Err(Problem {
        problem: format!("the order is {status}"),
        fix: "there is nothing left to cancel".to_owned(),
    })
}

/// Whether a write is for the market and side of the order.
fn is_same(order: &Value, (operation, arguments): (&Operation, &Arguments)) -> Result<(), Problem> {
    for name in ["symbol", "side"] {
        let given = arguments.get(name).and_then(Value::as_str);
        if let Some(given) = given.filter(|given| *given != text(order, name)) {
            return Err(Problem {
                problem: format!(
                    "{} is for {name} {given}, and the order has {}",
                    operation.id,
                    text(order, name)
                ),
                fix: "give the order's".to_owned(),
            });
        }
    }
    Ok(())
}

fn text<'a>(order: &'a Value, name: &str) -> &'a str {
    order.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cancel(status: &str) -> Result<(), Problem> {
        let read = [(
            "get_order".to_owned(),
            json!({"id": "7", "status": status, "symbol": "X_Y", "side": "Bid"}),
        )];
        let arguments = json!({"symbol": "X_Y", "orderId": "7"});
        check(&read, &[(&CANCEL_ORDER, arguments.as_object().unwrap())])
    }

    #[test]
    fn an_order_that_waits_for_its_trigger_can_be_cancelled() {
        for status in ["New", "PartiallyFilled", "TriggerPending"] {
            assert_eq!(cancel(status), Ok(()), "{status}");
        }
        for status in [
            "Filled",
            "Cancelled",
            "Expired",
            "TriggerFailed",
            "SomethingNew",
        ] {
            let problem = cancel(status).unwrap_err();
            assert_eq!(problem.problem, format!("the order is {status}"));
        }
    }
}
