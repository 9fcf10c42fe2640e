//! What the exchange answers, as lines for people: a list as a table of its chief columns, one object whole.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::output::plain;

/// The columns of a list, in this order, as far as its rows have them; the others stand in the JSON. An object begins with
/// them.
const COLUMNS: [&str; 20] = [
    "operation",
    "id",
    "tradeId",
    "orderId",
    "clientId",
    "symbol",
    "side",
    "orderType",
    "price",
    "triggerPrice",
    "quantity",
    "executedQuantity",
    "fee",
    "feeSymbol",
    "isMaker",
    "status",
    "code",
    "message",
    "timestamp",
    "createdAt",
];
const GAP: &str = "  ";

/// The lines, with an end of line after each.
pub(super) fn shown(body: &RawValue) -> String {
    let read = serde_json::from_str(body.get());
    match read.unwrap_or_default() {
        Value::Array(rows) => table(&rows),
        Value::Object(members) => object(&members),
        Value::Null => String::new(),
        other => format!("{}\n", cell(&other)),
    }
}

fn object(members: &Map<String, Value>) -> String {
    let first = COLUMNS
        .iter()
        .filter_map(|name| members.get_key_value(*name));
    let others = members
        .iter()
        .filter(|(name, _)| !COLUMNS.contains(&name.as_str()));
    let rows: Vec<_> = first
        .chain(others)
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| vec![plain(name), cell(value)])
        .collect();
    aligned(&rows)
}

fn table(rows: &[Value]) -> String {
    let has = |name: &&&str| {
        rows.iter()
            .any(|row| row.get(**name).is_some_and(|it| !it.is_null()))
    };
    let columns: Vec<_> = COLUMNS.iter().filter(has).collect();
    if columns.is_empty() {
        return rows.iter().map(|row| format!("{}\n", cell(row))).collect();
    }
    let heading = columns.iter().map(|name| (**name).to_owned()).collect();
    let cells = rows.iter().map(|row| {
        let cells = columns
            .iter()
            .map(|name| row.get(**name).map_or_else(String::new, cell));
        cells.collect()
    });
    aligned(&std::iter::once(heading).chain(cells).collect::<Vec<_>>())
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

/// Each column as wide as its widest cell.
fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<_> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", cells.join(GAP).trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(json: &str) -> Vec<String> {
        let body: Box<RawValue> = serde_json::from_str(json).unwrap();
        shown(&body).lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_list_is_a_table_of_the_columns_that_it_has() {
        let rows =
            r#"[{"symbol":"A","id":"1","other":5},{"id":"22","price":"1.50","symbol":null}]"#;
        assert_eq!(
            lines(rows),
            ["id  symbol  price", "1   A", "22          1.50"]
        );
        assert_eq!(lines("[]").len(), 0);
        assert_eq!(lines(r#"[{"other":5}, 7]"#), [r#"{"other":5}"#, "7"]);
    }

    #[test]
    fn an_object_is_shown_whole_but_for_what_is_absent() {
        let order = r#"{"b":null,"longer":true,"id":"1\n2"}"#;
        assert_eq!(lines(order), ["id      1\u{fffd}2", "longer  true"]);
        assert_eq!(lines("null").len(), 0);
    }
}
