//! What a person is shown before a call is made. It is written here, from the arguments that will be sent.

use std::fmt::Write as _;

use bpx_client::table::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH};
use bpx_runtime::Decimal;
use bpx_runtime::capability::Tool;
use bpx_runtime::table::{Location, Operation};
use rmcp::model::JsonObject;
use serde_json::Value;

use super::text::shown;

/// What a person looks for first; everything else follows in the order of the contract.
const FIRST: [&str; 6] = [
    "symbol",
    "side",
    "orderType",
    "quantity",
    "quoteQuantity",
    "price",
];

/// The whole call in plain words: every argument, and what an order comes to.
pub(super) fn of(tool: &Tool, arguments: &JsonObject, exchange: &str) -> String {
    let mut text = format!("{} on {}\n", tool.title, shown(exchange));
    let operation = tool.operation;
    if operation.id != EXECUTE_ORDER_BATCH.id {
        lines(&mut text, operation, arguments, "");
        if operation.id == EXECUTE_ORDER.id {
            let _ = writeln!(text, "comes to: {}", comes_to(arguments));
        }
        return text;
    }
    let orders = arguments.get("orders").and_then(Value::as_array);
    for (index, order) in orders.into_iter().flatten().enumerate() {
        let _ = writeln!(text, "order {}:", index + 1);
        if let Some(order) = order.as_object() {
            lines(&mut text, operation, order, "  ");
            let _ = writeln!(text, "  comes to: {}", comes_to(order));
        }
    }
    let rest: JsonObject = arguments
        .iter()
        .filter(|(name, _)| *name != "orders")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    lines(&mut text, operation, &rest, "");
    text
}

fn lines(text: &mut String, operation: &Operation, arguments: &JsonObject, indent: &str) {
    let first = FIRST
        .iter()
        .filter_map(|name| arguments.get_key_value(*name));
    let others = arguments
        .iter()
        .filter(|(name, _)| !FIRST.contains(&name.as_str()));
    for (name, value) in first.chain(others) {
        let _ = writeln!(
            text,
            "{indent}{}: {}",
            shown(name),
            plain(operation, name, value)
        );
    }
}

fn plain(operation: &Operation, name: &str, value: &Value) -> String {
    let mut params = operation.params.iter();
    if params.any(|row| row.name == name && row.location == Location::Header) {
        // One of them is a broker's key.
        return "given".to_owned();
    }
    match value {
        Value::String(text) if name == "side" && text == "Bid" => "Bid, which buys".to_owned(),
        Value::String(text) if name == "side" && text == "Ask" => "Ask, which sells".to_owned(),
        Value::String(text) => shown(text),
        other => shown(&other.to_string()),
    }
}

/// Quantity times price, or the amount itself, in the market's quote currency.
fn comes_to(order: &JsonObject) -> String {
    let text = |name| order.get(name).and_then(Value::as_str);
    let decimal = |name| text(name).and_then(|text| Decimal::from_str_exact(text).ok());
    let product = decimal("quantity")
        .zip(decimal("price"))
        .and_then(|(quantity, price)| quantity.checked_mul(price));
    let currency = text("symbol").and_then(|symbol| symbol.split('_').nth(1));
    match (product.or(decimal("quoteQuantity")), currency) {
        (Some(amount), Some(currency)) => format!("{} {}", amount.normalize(), shown(currency)),
        (Some(amount), None) => amount.normalize().to_string(),
        (None, _) => "not known before it trades".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bpx_client::capability::MCP;
    use serde_json::json;

    use super::*;

    fn summary(operation: &Operation, arguments: Value) -> String {
        let mut tools = MCP.iter().flat_map(|server| server.tools);
        let tool = tools
            .find(|tool| tool.operation.id == operation.id)
            .unwrap();
        of(tool, arguments.as_object().unwrap(), "127.0.0.1:8800")
    }

    #[test]
    fn an_order_is_shown_with_all_its_terms_and_what_it_comes_to() {
        let order = json!({
            "symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20.50",
            "quantity": "1.5", "clientId": 7, "X-BROKER-KEY": "secret",
        });
        let text = summary(&EXECUTE_ORDER, order);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[..6],
            [
                "Place one order on 127.0.0.1:8800",
                "symbol: SOL_USDC",
                "side: Bid, which buys",
                "orderType: Limit",
                "quantity: 1.5",
                "price: 20.50",
            ]
        );
        assert!(lines.contains(&"clientId: 7"));
        assert!(lines.contains(&"X-BROKER-KEY: given"));
        assert!(lines.contains(&"comes to: 30.75 USDC"));
    }

    #[test]
    fn a_market_order_says_what_is_not_known() {
        let order = json!({"symbol": "SOL_USDC", "side": "Ask", "orderType": "Market"});
        let mut known = order.clone();
        known["quoteQuantity"] = "100".into();
        let unknown = summary(&EXECUTE_ORDER, order);
        assert!(unknown.contains("comes to: not known before it trades"));
        assert!(summary(&EXECUTE_ORDER, known).contains("comes to: 100 USDC"));
    }

    #[test]
    fn every_order_of_a_batch_is_shown() {
        let order = json!({"symbol": "SOL_USDC", "side": "Bid", "quantity": "2", "price": "10"});
        let orders = json!({"orders": [order, order], "X-BROKER-ID": 3});
        let text = summary(&EXECUTE_ORDER_BATCH, orders);
        assert_eq!(text.matches("comes to: 20 USDC").count(), 2, "{text}");
        assert!(text.contains("order 2:") && text.contains("X-BROKER-ID: given"));
    }

    #[test]
    fn no_value_can_write_a_line_of_its_own() {
        let order = json!({"symbol": "SOL\nquantity: 0.001\u{202e}", "quantity": "900"});
        let text = summary(&EXECUTE_ORDER, order);
        assert_eq!(
            text.lines()
                .filter(|line| line.starts_with("quantity"))
                .count(),
            1
        );
    }
}
