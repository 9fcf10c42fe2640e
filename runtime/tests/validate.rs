//! Bodies against tables: what is fine, what is not, what is left to a parser, and what is counted.

use bpx_runtime::validate::{Arm, Counts, Field, Kind, Type, Verdict, judge};

static ORDER: [Field; 7] = [
    Field::must("id", Kind::Text),
    Field::must("price", Kind::Decimal),
    Field::may("at", Kind::NaiveDateTime),
    Field::may("count", Kind::Whole(-5, 4_294_967_295)),
    Field::may("postOnly", Kind::Flag),
    Field::may("side", Kind::Named(1)).or_null(),
    Field::may("aNameThatIsLongerThanThreeWords", Kind::List(&Kind::Text)),
];
static TYPES: [Type; 5] = [
    Type::object("Order", 0, &ORDER),
    Type::values("Side", 7, &["Bid", "Ask"]),
    Type::tagged("Inner", 9, "kind", &[Arm::new("order", Kind::Named(0))]),
    Type::tagged("Outer", 10, "of", &[Arm::new("in", Kind::Named(2))]),
    Type::doubt("Odd", 11),
];

fn said(kind: Kind, body: &str) -> (Verdict, Counts) {
    let mut counts = Counts::new(&TYPES);
    (judge(&TYPES, kind, body.as_bytes(), &mut counts), counts)
}

fn verdict(kind: Kind, body: &str) -> Verdict {
    said(kind, body).0
}

/// The verdict on an order that holds one more member.
fn member(member: &str) -> Verdict {
    verdict(
        Kind::Named(0),
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
        assert_eq!(verdict(Kind::Named(0), &body), expected, "{text}");
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
        verdict(Kind::Named(0), &format!("{order} x")),
        Verdict::Unsure
    );
    assert_eq!(
        verdict(Kind::Named(0), order.get(..9).unwrap()),
        Verdict::Unsure
    );
    assert_eq!(verdict(Kind::Named(4), order), Verdict::Unsure);
    assert_eq!(verdict(Kind::Doubt, order), Verdict::Unsure);
    assert_eq!(verdict(Kind::Named(99), order), Verdict::Unsure);
    assert_eq!(verdict(Kind::Named(0), "{}"), Verdict::Fail);
    assert_eq!(verdict(Kind::Named(0), r#"{"id":""}"#), Verdict::Fail);
    assert_eq!(verdict(Kind::Named(0), "null"), Verdict::Fail);
}

#[test]
fn text_that_is_not_utf_8_fails() {
    let mut counts = Counts::new(&TYPES);
    let body = b"{\"id\":\"\xff\",\"price\":\"1\"}";
    assert_eq!(
        judge(&TYPES, Kind::Named(0), body, &mut counts),
        Verdict::Fail
    );
}

#[test]
fn a_tag_is_found_wherever_it_stands_and_unions_nest() {
    for body in [
        r#"{"of":"in","kind":"order","id":"","price":"1"}"#,
        r#"{"id":"}\"","price":"1","kind":"order","aNameThatIsLongerThanThreeWords":["]"],"of":"in"}"#,
    ] {
        let (verdict, counts) = said(Kind::Named(3), body);
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
        assert_eq!(verdict(Kind::Named(3), body), Verdict::Fail, "{body}");
    }
    let twice = r#"{"of":"in","kind":"order","id":"","price":"1","of":"in"}"#;
    assert_eq!(verdict(Kind::Named(3), twice), Verdict::Unsure);
}

#[test]
fn what_is_seen_is_counted_and_undeclared_nulls_apart() {
    let body =
        r#"[{"id":"a","price":"1","side":null,"count":null},{"price":"2","id":"b","side":"Bid"}]"#;
    let (verdict, mut counts) = said(Kind::List(&Kind::Named(0)), body);
    assert_eq!(verdict, Verdict::Ok);
    assert_eq!(counts.seen, [2, 2, 0, 1, 0, 2, 0, 1, 0, 0, 0]);
    assert_eq!(counts.nulls, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(counts.names()[3], "Order.count");
    assert_eq!(counts.names()[10], "Outer:in");
    counts.clear();
    assert_eq!(counts.seen, [0; 11]);
    assert_eq!(member(r#""count":nul"#), Verdict::Unsure);
    let required = r#"{"id":null,"price":"1"}"#;
    assert_eq!(said(Kind::Named(0), required).0, Verdict::Fail);
}
