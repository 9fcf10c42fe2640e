//! Types as the generator writes them: round trips, unknown values, nulls, refusals.

mod requests;
#[cfg(feature = "schemars")]
mod schema;
mod types;

use std::collections::BTreeMap;

use bpx_runtime::{
    Answer, Error, HeaderMap, Known, ParseEnumError, StatusCode, Tagged, WireEnum, convert, decode,
    known, serde_json,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use types::{BatchRow, LimitOrder, OrderStatus, OrderType, Side};

fn limit() -> Value {
    json!({
        "orderType": "Limit", "id": "28", "price": "20.10", "quantity": "1.50",
        "createdAt": "2025-09-11T20:10:40.699", "side": "Bid", "status": "New"
    })
}

fn with(mut object: Value, key: &str, value: Value) -> Value {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
    object
}

fn message<T: std::fmt::Debug>(result: Result<T, serde_json::Error>) -> String {
    result.map_or_else(
        |error| error.to_string(),
        |value| format!("read as {value:?}"),
    )
}

/// From text and from a tree alike.
fn read_order(value: &Value) -> Result<OrderType, serde_json::Error> {
    let from_tree = serde_json::from_value::<OrderType>(value.clone());
    let from_text = serde_json::from_str::<OrderType>(&value.to_string());
    assert_eq!(from_tree.is_ok(), from_text.is_ok());
    if let (Ok(tree), Ok(text)) = (&from_tree, &from_text) {
        assert_eq!(tree, text);
    }
    from_text
}

#[test]
fn a_known_object_round_trips() {
    let order = read_order(&limit()).unwrap();
    assert!(matches!(&order, OrderType::Limit(arm) if arm.status == OrderStatus::New));
    assert_eq!(serde_json::to_value(&order).unwrap(), limit());
    let market = json!({"orderType": "Market", "id": "1", "fills": ["0.10", "2"]});
    assert_eq!(
        serde_json::to_value(read_order(&market).unwrap()).unwrap(),
        market
    );
}

#[test]
fn null_and_absence_read_alike() {
    let null = with(
        with(limit(), "quantity", Value::Null),
        "createdAt",
        Value::Null,
    );
    let absent =
        json!({"orderType": "Limit", "id": "28", "price": "20.10", "side": "Bid", "status": "New"});
    assert_eq!(read_order(&null).unwrap(), read_order(&absent).unwrap());
    assert_eq!(
        serde_json::to_value(read_order(&null).unwrap()).unwrap(),
        absent
    );
}

#[test]
fn an_unknown_value_of_an_open_enum_is_kept() {
    let halted = with(limit(), "status", json!("Hal\"ted"));
    let order = read_order(&halted).unwrap();
    assert!(
        matches!(&order, OrderType::Limit(arm) if arm.status == OrderStatus::Unknown("Hal\"ted".to_owned()))
    );
    assert_eq!(serde_json::to_value(&order).unwrap(), halted);
}

#[test]
fn an_unknown_value_of_a_closed_enum_is_refused_with_the_field_and_the_known_ones() {
    let text = reason::<OrderType>(&with(limit(), "side", json!("Long")));
    assert_eq!(
        text,
        "side: `Long` is not a value of Side; use one of Bid, Ask"
    );
}

#[test]
fn an_unknown_arm_keeps_the_whole_object() {
    let iceberg =
        json!({"orderType": "Iceberg", "id": "1", "deep": [{"a": null}], "visible": "0.10"});
    let order = read_order(&iceberg).unwrap();
    assert_eq!(order, OrderType::Unknown(iceberg.clone()));
    assert_eq!(serde_json::to_value(&order).unwrap(), iceberg);
}

#[test]
fn a_batch_row_is_read_through_both_tags() {
    let rows = json!([
        with(limit(), "operation", json!("Ok")),
        {"operation": "Err", "code": "INVALID_PRICE", "message": "too far"},
        {"operation": "Ok", "orderType": "Iceberg", "id": "1"},
        {"operation": "Later", "id": "2"},
    ]);
    let read: Vec<BatchRow> = serde_json::from_str(&rows.to_string()).unwrap();
    assert_eq!(
        serde_json::from_value::<Vec<BatchRow>>(rows.clone()).unwrap(),
        read
    );
    assert!(matches!(&read[0], BatchRow::Ok(order) if matches!(**order, OrderType::Limit(_))));
    assert!(matches!(&read[1], BatchRow::Err(error) if error.code == "INVALID_PRICE"));
    let inner = json!({"orderType": "Iceberg", "id": "1"});
    assert_eq!(read[2], BatchRow::Ok(Box::new(OrderType::Unknown(inner))));
    assert_eq!(serde_json::to_value(&read).unwrap(), rows);
}

#[test]
fn the_tag_may_stand_last_or_be_escaped() {
    let text = r#"{"id":"1","fills":[],"order\u0054ype":"Mar\u006bet"}"#;
    assert!(matches!(
        serde_json::from_str(text),
        Ok(OrderType::Market(_))
    ));
    let text = r#"{"operat\u0069on":"Ok","id":"1","orderType":"Iceberg"}"#;
    let row: BatchRow = serde_json::from_str(text).unwrap();
    assert_eq!(
        row,
        BatchRow::Ok(Box::new(OrderType::Unknown(
            json!({"id": "1", "orderType": "Iceberg"})
        )))
    );
}

#[test]
fn a_faulty_tag_is_an_error_that_names_it() {
    for (text, expected) in [
        (r#"{"id":"1"}"#, "the tag `orderType` is missing"),
        (
            r#"{"orderType":1}"#,
            "invalid type: integer `1`, expected a string as the tag `orderType`",
        ),
        (
            r#"{"orderType":null}"#,
            "expected a string as the tag `orderType`",
        ),
        (
            r#"{"orderType":"Limit","orderType":"Market"}"#,
            "the tag `orderType` stands twice",
        ),
        (r"[1]", "expected an object with the tag `orderType`"),
        (r#""Limit""#, "expected an object with the tag `orderType`"),
        ("null", "expected an object with the tag `orderType`"),
    ] {
        let message = message(serde_json::from_str::<OrderType>(text));
        assert!(message.contains(expected), "{text}: {message}");
    }
    assert!(serde_json::from_str::<OrderType>("{").is_err());
    assert!(serde_json::from_str::<OrderType>(r#"{"orderType":"Limit"} 1"#).is_err());
}

/// The reason a whole answer with this body is not read.
fn reason<T: DeserializeOwned>(body: &Value) -> String {
    let (status, headers) = (StatusCode::OK, HeaderMap::new());
    let body = body.to_string().into();
    let read = decode::json::<T>(&Answer {
        status,
        headers,
        body,
    });
    read.map_or_else(|error| error.reason, |_| "read".to_owned())
}

#[test]
fn an_arm_that_does_not_fit_keeps_the_reason() {
    let text = message(read_order(&json!({"orderType": "Market", "fills": []})));
    assert!(text.starts_with("missing field `id`"), "{text}");
    let text = message(read_order(&with(limit(), "price", json!("1e5"))));
    assert!(text.starts_with("`1e5` is not a plain decimal"), "{text}");
}

#[test]
fn a_fault_in_an_answer_is_found_by_its_path_through_both_unions() {
    let ok = with(limit(), "operation", json!("Ok"));
    let rows = json!([
        ok,
        with(
            ok.clone(),
            "price",
            json!("1234567890123456789012345.12345")
        )
    ]);
    let text = reason::<Vec<BatchRow>>(&rows);
    assert!(
        text.starts_with("[1]: price: `1234567890") && text.contains("96 bits"),
        "{text}"
    );
    let text = reason::<OrderType>(&json!({"orderType": "Market", "id": "1", "fills": ["1", 2]}));
    assert_eq!(
        text,
        "fills[1]: invalid type: integer `2`, expected a decimal string"
    );
    let text = reason::<Vec<OrderType>>(&json!([limit(), {"id": "1"}]));
    assert!(
        text.starts_with("[1]: the tag `orderType` is missing"),
        "{text}"
    );
}

/// A union that contains itself.
#[derive(Debug)]
struct Chain;

impl<'de> Deserialize<'de> for Chain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Link {
            #[serde(rename = "next")]
            _next: Box<Chain>,
        }
        let object = Tagged::read(deserializer, "t")?;
        object.arm::<Link, _>().map(|_| Self)
    }
}

#[test]
fn a_fault_deep_in_nested_unions_is_found_without_reading_exponentially_often() {
    let mut value = json!({"t": 1});
    for _ in 0..120 {
        value = json!({"t": "Link", "next": value});
    }
    let text = reason::<Chain>(&value);
    assert!(text.starts_with("next: next: next: "), "{text}");
    let text = message(serde_json::from_value::<Chain>(value));
    assert_eq!(
        text,
        "invalid type: integer `1`, expected a string as the tag `t`"
    );
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(r#"{{"orderType":"Iceberg","x":{open}"]\"}}"{close}}}"#)
    };
    assert!(serde_json::from_str::<OrderType>(&nested(100)).is_ok());
    let brackets = json!({"orderType": "Iceberg", "x": format!("\\\"{}", "[".repeat(200)), "y": vec![[0]; 200]});
    assert!(read_order(&brackets).is_ok(), "many, but not deep");
    for depth in [200, 100_000] {
        let message = message(serde_json::from_str::<OrderType>(&nested(depth)));
        assert!(message.contains("nests deeper than 128"), "{message}");
    }
}

#[test]
fn a_closed_enum_parses_its_values_and_names_them_when_it_refuses() {
    assert_eq!("Bid".parse(), Ok(Side::Bid));
    assert_eq!(Side::try_from("Ask"), Ok(Side::Ask));
    assert_eq!(
        format!("{:>5}|{}", Side::Bid, Side::Ask.as_ref()),
        "  Bid|Ask"
    );
    let error = Side::try_from("bid".to_owned()).expect_err("wrong case");
    assert_eq!(
        error.to_string(),
        "`bid` is not a value of Side; use one of Bid, Ask"
    );
    assert_eq!(error.known, Side::KNOWN);
    let long = "x".repeat(10_000).parse::<Side>().expect_err("too long");
    assert!(long.value.len() < 100);
}

#[test]
fn an_open_enum_takes_any_text() {
    for text in ["New", "Halted", ""] {
        let status = text.parse::<OrderStatus>().unwrap();
        assert_eq!(status.to_string(), text);
        assert_eq!(status.is_unknown(), !OrderStatus::KNOWN.contains(&text));
    }
    let of_string: Result<OrderStatus, ParseEnumError> = "Filled".to_owned().try_into();
    assert_eq!(of_string, Ok(OrderStatus::Filled));
    let message = message(serde_json::from_str::<OrderStatus>("1"));
    assert!(
        message.contains("expected a string as OrderStatus"),
        "{message}"
    );
}

#[test]
fn a_request_with_an_unknown_value_is_refused_by_path() {
    let OrderType::Limit(order) = read_order(&with(limit(), "status", json!("Halted"))).unwrap()
    else {
        panic!("not a limit order");
    };
    let orders = vec![
        LimitOrder {
            status: OrderStatus::New,
            ..(*order).clone()
        },
        *order,
    ];
    let error = known::<_, ()>("orders", &orders).expect_err("unknown");
    assert!(matches!(&error, Error::InvalidRequest(_)));
    let text = error.to_string();
    assert!(
        text.ends_with("orders: [1]: status: `Halted` is not a value of OrderStatus"),
        "{text}"
    );
    assert!(!error.was_sent() && !error.is_unknown() && error.status().is_none());
}

#[test]
fn known_values_pass_at_any_depth() {
    assert!(known::<_, ()>("body", &read_order(&limit()).unwrap()).is_ok());
    assert!(known::<_, ()>("none", &None::<OrderStatus>).is_ok());
    let map = BTreeMap::from([(
        "a".to_owned(),
        Some(Box::new(OrderStatus::Unknown("X".to_owned()))),
    )]);
    assert_eq!(
        map.known(),
        Err("a: `X` is not a value of OrderStatus".to_owned())
    );
    assert!(
        read_order(&json!({"orderType": "Iceberg"}))
            .unwrap()
            .known()
            .is_err()
    );
}

#[test]
fn a_conversion_that_fails_names_parameter_and_types() {
    assert_eq!(convert::<u32, _>("limit", 5_i64), Ok(5));
    assert_eq!(
        convert::<u32, _>("limit", -5_i64),
        Err("limit: the given i64 cannot be made into u32".to_owned())
    );
    assert_eq!(
        convert::<Side, _>("side", "Long"),
        Err("side: the given &str cannot be made into Side".to_owned())
    );
    assert_eq!(convert::<Option<OrderStatus>, _>("status", None), Ok(None));
}
