//! Bodies and tables: what passes, what fails, what is left to the oracle, and what is counted.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong"
)]

use super::table::{Alternative, Arm, Field, Form, Json, Null, Object};
use super::words::Name;
use super::*;

const SLOTS: usize = 15;

fn must(name: &str, kind: Kind) -> Field {
    Field {
        name: Name::new(name),
        kind,
        required: true,
        null: Null::Wrong,
    }
}

fn may(name: &str, kind: Kind) -> Field {
    Field {
        required: false,
        null: Null::Undeclared,
        ..must(name, kind)
    }
}

fn tagged(slot: usize, tag: &str, value: &str, of: usize) -> Type {
    let arm = Arm {
        value: value.into(),
        kind: Kind::Named(of),
    };
    Type {
        slot,
        form: Form::Tagged(Name::new(tag), [arm].into()),
    }
}

fn object(slot: usize, fields: Vec<Field>) -> Type {
    let form = Form::Object(Box::new(Object::new(fields, true).unwrap()));
    Type { slot, form }
}

fn arm(kind: Kind, json: Json, required: &[&str]) -> Alternative {
    Alternative {
        kind,
        json,
        required: required.iter().map(|name| Name::new(name)).collect(),
    }
}

fn tables() -> Tables {
    let order = vec![
        must("id", Kind::Text),
        must("price", Kind::Decimal),
        may("at", Kind::NaiveDateTime),
        may("count", Kind::Whole(-5, 4_294_967_295)),
        may("postOnly", Kind::Flag),
        Field {
            null: Null::Fine,
            ..may("side", Kind::Named(1))
        },
        may(
            "aNameThatIsLongerThanThreeWords",
            Kind::List(Box::new(Kind::Text)),
        ),
    ];
    let sides = Form::Values(["Bid".into(), "Ask".into()].into());
    let untagged = Form::Untagged(
        [
            arm(Kind::Named(0), Json::Object, &["id", "price"]),
            arm(Kind::Named(6), Json::Object, &["code"]),
            arm(Kind::Named(1), Json::String, &[]),
            arm(Kind::Text, Json::String, &[]),
        ]
        .into(),
    );
    Tables {
        types: vec![
            object(0, order),
            Type {
                slot: 7,
                form: sides,
            },
            tagged(9, "kind", "order", 0),
            tagged(10, "of", "in", 2),
            Type {
                slot: 11,
                form: Form::Doubt,
            },
            Type {
                slot: 11,
                form: untagged,
            },
            object(
                0,
                vec![Field {
                    null: Null::Fine,
                    ..must("code", Kind::Any)
                }],
            ),
        ],
    }
}

fn said(kind: &Kind, body: &str) -> (Verdict, Counts) {
    let mut counts = Counts::new(SLOTS);
    (tables().judge(kind, body.as_bytes(), &mut counts), counts)
}

fn verdict(kind: &Kind, body: &str) -> Verdict {
    said(kind, body).0
}

/// The verdict on an order that holds one more member.
fn member(member: &str) -> Verdict {
    verdict(
        &Kind::Named(0),
        &format!(r#"{{"id":"é\n","price":"20.10",{member}}}"#),
    )
}

#[test]
fn members_of_every_kind_are_held_to_their_format() {
    for good in [
        r#""at":"2024-02-29T23:59:59""#,
        r#""at":"2025-09-11T20:10:40.699123456""#,
        r#""count":0"#,
        r#""count":-5 "#,
        r#""count":4294967295"#,
        r#" "postOnly" : true "#,
        r#""side":"Ask""#,
        r#""aNameThatIsLongerThanThreeWords":[]"#,
        r#""aNameThatIsLongerThanThreeWords":[ "a" , "longer than a word" ]"#,
    ] {
        assert_eq!(member(good), Verdict::Ok, "{good}");
    }
    for bad in [
        r#""at":"2025-02-29T00:00:00""#,
        r#""at":"2025-09-11T24:00:00""#,
        r#""at":"2025-09-11T20:10:40Z""#,
        r#""at":"2025-09-11T20:10:40.""#,
        r#""at":"2025-09-11T20:10:40.1234567890""#,
        r#""at":"""#,
        r#""count":-6"#,
        r#""count":4294967296"#,
        r#""count":"1""#,
        r#""postOnly":1"#,
        r#""side":"Both""#,
        r#""other":1"#,
        r#""aNameThatIsLongerThanThreeWordz":[]"#,
        r#""aNameThatIsLongerThanThreeWords":[1]"#,
    ] {
        assert_eq!(member(bad), Verdict::Fail, "{bad}");
    }
}

#[test]
fn decimals_are_plain_digits() {
    for (text, expected) in [
        ("0", Verdict::Ok),
        ("-0.50", Verdict::Ok),
        ("100000000000000000000000000000000.1", Verdict::Ok),
        ("", Verdict::Fail),
        ("01", Verdict::Fail),
        ("5.", Verdict::Fail),
        (".5", Verdict::Fail),
        ("1e3", Verdict::Fail),
        ("+1", Verdict::Fail),
        ("\\u0031", Verdict::Unsure),
    ] {
        let body = format!(r#"{{"id":"","price":"{text}"}}"#);
        assert_eq!(verdict(&Kind::Named(0), &body), expected, "{text}");
    }
}

#[test]
fn what_is_not_followed_is_left_open() {
    for open in [
        r#""id":"twice""#,
        r#""c\u006funt":1"#,
        r#""count":1.0"#,
        r#""count":1e2"#,
        r#""count":-0"#,
        r#""count":01"#,
        r#""count":99999999999999999999"#,
        r#""side":"A\u0073k""#,
        r#""postOnly":tru"#,
        r#""count":1,"#,
        r#""count":1]"#,
    ] {
        assert_eq!(member(open), Verdict::Unsure, "{open}");
    }
    let order = r#"{"id":"","price":"1"}"#;
    assert_eq!(
        verdict(&Kind::Named(0), &format!("{order} x")),
        Verdict::Unsure
    );
    assert_eq!(
        verdict(&Kind::Named(0), order.get(..9).unwrap()),
        Verdict::Unsure
    );
    assert_eq!(verdict(&Kind::Named(4), order), Verdict::Unsure);
    assert_eq!(verdict(&Kind::Doubt, order), Verdict::Unsure);
    assert_eq!(verdict(&Kind::Named(99), order), Verdict::Unsure);
    assert_eq!(verdict(&Kind::Named(0), "{}"), Verdict::Fail);
    assert_eq!(verdict(&Kind::Named(0), r#"{"id":""}"#), Verdict::Fail);
    assert_eq!(verdict(&Kind::Named(0), "null"), Verdict::Fail);
}

#[test]
fn text_that_is_not_utf_8_fails() {
    let mut counts = Counts::new(SLOTS);
    let body = b"{\"id\":\"\xff\",\"price\":\"1\"}";
    assert_eq!(
        tables().judge(&Kind::Named(0), body, &mut counts),
        Verdict::Fail
    );
}

#[test]
fn a_tag_is_found_wherever_it_stands_and_unions_nest() {
    for body in [
        r#"{"of":"in","kind":"order","id":"","price":"1"}"#,
        r#"{"id":"}\"","price":"1","kind":"order","aNameThatIsLongerThanThreeWords":["]"],"of":"in"}"#,
    ] {
        let (verdict, counts) = said(&Kind::Named(3), body);
        assert_eq!(
            (verdict, &counts.seen[9..11]),
            (Verdict::Ok, &[1, 1][..]),
            "{body}"
        );
    }
    for body in [
        r#"{"of":"out","kind":"order","id":"","price":"1"}"#,
        r#"{"kind":"order","id":"","price":"1"}"#,
        r#"{"of":1,"kind":"order","id":"","price":"1"}"#,
        "{}",
    ] {
        assert_eq!(verdict(&Kind::Named(3), body), Verdict::Fail, "{body}");
    }
    let twice = r#"{"of":"in","kind":"order","id":"","price":"1","of":"in"}"#;
    assert_eq!(verdict(&Kind::Named(3), twice), Verdict::Unsure);
}

#[test]
fn what_is_seen_is_counted_and_undeclared_nulls_apart() {
    let body =
        r#"[{"id":"a","price":"1","side":null,"count":null},{"price":"2","id":"b","side":"Bid"}]"#;
    let (verdict, mut counts) = said(&Kind::List(Box::new(Kind::Named(0))), body);
    assert_eq!(verdict, Verdict::Ok);
    assert_eq!(counts.seen[..11], [2, 2, 0, 1, 0, 2, 0, 1, 0, 0, 0]);
    assert_eq!(counts.nulls[..11], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    counts.clear();
    assert_eq!(counts, Counts::new(SLOTS));
    assert_eq!(member(r#""count":nul"#), Verdict::Unsure);
    let required = r#"{"id":null,"price":"1"}"#;
    assert_eq!(said(&Kind::Named(0), required).0, Verdict::Fail);
}

#[test]
fn date_times_with_an_offset_are_rfc_3339() {
    for (text, expected) in [
        ("2024-02-29T23:59:59Z", Verdict::Ok),
        ("2025-09-11T20:10:40.699123456+05:30", Verdict::Ok),
        ("2025-09-11T20:10:40-23:59", Verdict::Ok),
        // Rare spellings are left to the oracle's own function.
        ("2025-09-11t20:10:40z", Verdict::Ok),
        ("2016-12-31T23:59:60Z", Verdict::Ok),
        ("2016-12-31T15:59:60-08:00", Verdict::Ok),
        ("2016-12-31T22:59:60Z", Verdict::Fail),
        ("2016-12-31T23:58:60Z", Verdict::Fail),
        ("2025-09-11T20:10:40.1234567890Z", Verdict::Ok),
        ("2025-09-11T20:10:40", Verdict::Fail),
        ("2025-09-11T20:10:40+24:00", Verdict::Fail),
        ("2025-09-11T20:10:40+05:60", Verdict::Fail),
        ("2025-09-11T20:10:40+0530", Verdict::Fail),
        ("2025-02-29T20:10:40Z", Verdict::Fail),
        ("", Verdict::Fail),
        ("2025-09-11T20:10:40\\u005a", Verdict::Unsure),
    ] {
        let body = format!("\"{text}\"");
        assert_eq!(verdict(&Kind::DateTime, &body), expected, "{text}");
    }
    assert_eq!(verdict(&Kind::DateTime, "1"), Verdict::Fail);
}

#[test]
fn numbers_are_those_of_json_within_a_double() {
    for (text, expected) in [
        ("0", Verdict::Ok),
        ("-0", Verdict::Ok),
        ("1.50", Verdict::Ok),
        ("18446744073709551616", Verdict::Ok),
        ("-1.5E+99", Verdict::Ok),
        ("1e999", Verdict::Unsure),
        ("01", Verdict::Unsure),
        ("1.", Verdict::Unsure),
        ("-", Verdict::Unsure),
        ("1e", Verdict::Unsure),
        ("\"1\"", Verdict::Fail),
        ("null", Verdict::Fail),
    ] {
        assert_eq!(verdict(&Kind::Number, text), expected, "{text}");
    }
}

#[test]
fn maps_have_any_names_each_once() {
    let map = Kind::Map(Box::new(Kind::Whole(0, 9)));
    for (text, expected) in [
        ("{}", Verdict::Ok),
        (r#"{"b": 1, "a": 2 ,"é":3}"#, Verdict::Ok),
        (r#"{"a":1,"b":2,"a":3}"#, Verdict::Unsure),
        (r#"{"\u0061":1}"#, Verdict::Unsure),
        (r#"{"a":1,}"#, Verdict::Unsure),
        (r#"{"a":10}"#, Verdict::Fail),
        (r#"{"a":null}"#, Verdict::Fail),
        ("[]", Verdict::Fail),
    ] {
        assert_eq!(verdict(&map, text), expected, "{text}");
    }
}

#[test]
fn any_value_is_valid_json_whose_names_occur_once() {
    for (text, expected) in [
        (r#"{"a":[1.5,null,true,"x",{"b":{}}]}"#, Verdict::Ok),
        ("null", Verdict::Ok),
        (r#"{"a":{"b":1,"b":2}}"#, Verdict::Unsure),
        ("[1,]", Verdict::Unsure),
        ("nul", Verdict::Unsure),
        ("?", Verdict::Unsure),
    ] {
        assert_eq!(verdict(&Kind::Any, text), expected, "{text}");
    }
    let code = |value: &str| verdict(&Kind::Named(6), &format!("{{\"code\":{value}}}"));
    assert_eq!(code("null"), Verdict::Ok);
    assert_eq!(verdict(&Kind::Named(6), "{}"), Verdict::Fail);
}

#[test]
fn strings_have_as_many_characters_as_the_limits_allow() {
    let sized = Kind::Sized(1, 3);
    for (text, expected) in [
        ("\"abc\"", Verdict::Ok),
        ("\"\"", Verdict::Fail),
        ("\"abcd\"", Verdict::Fail),
        ("\"é\"", Verdict::Unsure),
        ("\"\\n\"", Verdict::Unsure),
    ] {
        assert_eq!(verdict(&sized, text), expected, "{text}");
    }
}

#[test]
fn an_arm_without_a_tag_is_chosen_where_no_other_fits() {
    let union = Kind::Named(5);
    for (text, expected, seen) in [
        (r#"{"id":"a","price":"1"}"#, Verdict::Ok, [1, 0, 0, 0]),
        (r#"{ "code" : {"price":[]} }"#, Verdict::Ok, [0, 1, 0, 0]),
        (r#""Ask""#, Verdict::Ok, [0, 0, 1, 0]),
        (r#""other""#, Verdict::Ok, [0, 0, 0, 1]),
        (
            r#"{"id":"a","price":"1","code":1}"#,
            Verdict::Unsure,
            [0; 4],
        ),
        (r#"{"id":"a"}"#, Verdict::Fail, [0; 4]),
        ("{}", Verdict::Fail, [0; 4]),
        ("1", Verdict::Fail, [0; 4]),
        (r#"{"code":1"#, Verdict::Unsure, [0; 4]),
    ] {
        let (verdict, counts) = said(&union, text);
        assert_eq!(verdict, expected, "{text}");
        assert_eq!(counts.seen[11..], seen, "{text}");
    }
}
