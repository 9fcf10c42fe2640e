//! Each part comes with its rule, and with a note where clients differ.

mod common;

use bpx_signing::{Part, Rule, SignedOperation, SigningString};
use common::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH, GET_ORDER};

fn parts(operation: &SignedOperation, query: Option<&str>, body: Option<&str>) -> Vec<Part> {
    SigningString::explain(operation, query, body.map(str::as_bytes), 1, 5_000).unwrap_or_default()
}

/// The notes on one body field.
fn notes(field: &str) -> String {
    let parts = parts(&EXECUTE_ORDER, None, Some(&format!("{{{field}}}")));
    assert_eq!(parts.len(), 4, "{field}");
    let notes: Vec<_> = parts.iter().skip(1).take(1).flat_map(Part::notes).collect();
    notes.join("; ")
}

#[test]
fn parts_of_a_body_carry_the_rule_of_their_type() {
    let parts = parts(
        &EXECUTE_ORDER,
        None,
        Some(r#"{"d":null,"c":true,"b":2,"a":"x"}"#),
    );
    let rules: Vec<_> = parts
        .iter()
        .map(|part| (part.text.as_str(), part.rule))
        .collect();
    let expected = [
        ("instruction=orderExecute", Rule::Instruction),
        ("a=x", Rule::TextField),
        ("b=2", Rule::NumberField),
        ("c=true", Rule::BooleanField),
        ("d", Rule::NullField),
        ("timestamp=1", Rule::Timestamp),
        ("window=5000", Rule::Window),
    ];
    assert_eq!(rules, expected);
    assert!(
        parts
            .iter()
            .all(|part| part.rule.is_signed() == (part.text != "d"))
    );
}

#[test]
fn only_the_pairs_of_a_repeated_key_are_marked_as_repeated() {
    let parts = parts(&GET_ORDER, Some("b=2&m=Z&a=1&m=A&z=3"), None);
    let repeated: Vec<_> = parts
        .iter()
        .filter(|part| part.rule == Rule::RepeatedQueryPair)
        .map(|part| part.text.as_str())
        .collect();
    assert_eq!(repeated, ["m=Z", "m=A"]);
    assert_eq!(
        parts
            .iter()
            .filter(|part| part.rule == Rule::QueryPair)
            .count(),
        3
    );
    let noted = parts
        .iter()
        .filter(|part| part.notes().iter().any(|note| note.contains("unproven")))
        .count();
    assert_eq!(noted, 2);
}

#[test]
fn each_order_of_a_batch_starts_with_its_instruction() {
    let parts = parts(&EXECUTE_ORDER_BATCH, None, Some(r#"[{"b":1},{"a":1}]"#));
    let texts: Vec<_> = parts.iter().map(|part| part.text.as_str()).collect();
    let expected = [
        "instruction=orderExecute",
        "b=1",
        "instruction=orderExecute",
        "a=1",
        "timestamp=1",
        "window=5000",
    ];
    assert_eq!(texts, expected);
    assert_eq!(parts[2].rule, Rule::BatchInstruction);
}

#[test]
fn disputed_values_carry_a_note() {
    for (field, note) in [
        (r#""clientId":0"#, "bpx-py"),
        (r#""postOnly":false"#, "bpx-py"),
        (r#""triggerQuantity":"80%""#, "ccxt"),
        (r#""x":"\"a\"""#, "quotes"),
        (r#""x":"a\\b""#, "backslashes"),
        (r#""x":"TrueCoin""#, "hummingbot"),
        (r#""autoLend":true"#, "Go client"),
        (r#""slippageToleranceType":"Percent""#, "Go client"),
    ] {
        assert!(notes(field).contains(note), "{field}: {}", notes(field));
    }
}

#[test]
fn undisputed_values_carry_none() {
    for field in [
        r#""price":"1.50""#,
        r#""postOnly":true"#,
        r#""clientId":10"#,
        r#""side":"Bid""#,
    ] {
        assert_eq!(notes(field), "", "{field}");
    }
}
