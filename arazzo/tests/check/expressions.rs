//! The grammar of runtime expressions, and what they come to.

use bpx_arazzo::{
    Exchange, Expression, Interface, Message, Part, Root, Rules, Scope, Template, Version,
};
use serde_json::{Value, json};

const V1_0: Rules = Rules {
    version: Version::V1_0,
    operators: false,
};
const V1_1: Rules = Rules {
    version: Version::V1_1,
    operators: false,
};

/// Forms that both versions know.
const VALID: [&str; 54] = [
    "$url",
    "$method",
    "$statusCode",
    "$request.header.accept",
    "$request.header.X-Trace-Id",
    "$request.header.!#$%&'*+-.^_`|~09az",
    "$request.query.orderId",
    "$request.query.queryUrl",
    "$request.query.filter[status]",
    "$request.path.id",
    "$request.path.market name",
    "$request.body",
    "$request.body#",
    "$request.body#/",
    "$request.body#/symbol",
    "$request.body#/order/legs/0/price",
    "$request.body#/a~1b",
    "$request.body#/m~0n",
    "$request.body#/with space",
    "$request.body#/%20",
    "$response.header.Server",
    "$response.header.retry-after",
    "$response.query.page",
    "$response.path.id",
    "$response.body",
    "$response.body#/status",
    "$response.body#/0",
    "$response.body#/0/id",
    "$response.body#/-",
    "$response.body#//empty//tokens",
    "$response.body#/größe",
    "$response.body#/a.b",
    "$response.body#/a[0]",
    "$response.body#/ ",
    "$inputs.username",
    "$inputs.order-id",
    "$inputs.order_id",
    "$inputs.order.price",
    "$inputs.order#/price",
    "$inputs.a b",
    "$outputs.token",
    "$outputs.token.value",
    "$steps.login.outputs.token",
    "$steps.log-in_2.outputs.token.value",
    "$steps.login.outputs.pets#/0/id",
    "$workflows.login.inputs.username",
    "$workflows.login.outputs.token",
    "$workflows.login.outputs.list#/0",
    "$sourceDescriptions.petstore.url",
    "$sourceDescriptions.petstore.loginUser",
    "$sourceDescriptions.other.a-workflow",
    "$components.parameters.page",
    "$components.inputs.login",
    "$components.successActions.stop",
];

/// Forms of 1.0 that 1.1 bans: braces belong to templates there, and the operators to conditions.
const ONLY_1_0: [&str; 9] = [
    "$response.body.status",
    "$response.body[0]",
    "$request.body.rows[0]['id']",
    "$response.body#/{id}",
    "$response.body#/a}b",
    "$inputs.{name}",
    "$request.query.{q}",
    "$outputs.a#b",
    "$components.parameters.{page}",
];

const INVALID: [&str; 46] = [
    "",
    "$",
    "url",
    "$$url",
    "$URL",
    "$Method",
    "$statuscode",
    "$statusCode ",
    "$statusCode.x",
    "$status",
    "$url#/a",
    "$method.",
    "$message.payload",
    "$request",
    "$request.",
    "$request.headers.accept",
    "$request.header",
    "$request.header.",
    "$request.header.two words",
    "$request.header.a/b",
    "$request.header.a@b",
    "$request.header.naïve",
    "$request.query",
    "$request.query.",
    "$request.query.größe",
    "$request.cookie.a",
    "$response.body#status",
    "$response.body#/a~",
    "$response.body#/a~2b",
    "$response.body/status",
    "$response.bodystatus",
    "$response.status",
    "$input.username",
    "$inputs",
    "$inputs.",
    "$inputs.name\u{7}",
    "$steps.login",
    "$steps.login.outputs",
    "$steps.login.outputs.",
    "$steps.login.output.token",
    "$steps..outputs.token",
    "$workflows.login.steps.a",
    "$workflows.login.outputs",
    "$sourceDescriptions.petstore",
    "$components.schemas.a",
    "$components.parameters",
];

#[test]
fn every_valid_form_parses_in_both_versions_and_keeps_its_text() {
    for text in VALID {
        for rules in [V1_0, V1_1] {
            let parsed = Expression::parse(text, rules);
            assert_eq!(
                parsed.map(|it| it.to_string()).as_deref(),
                Ok(text),
                "{rules:?}"
            );
        }
    }
}

#[test]
fn every_invalid_form_is_refused_in_both_versions_with_place_and_fix() {
    for text in INVALID {
        for rules in [V1_0, V1_1] {
            let error = Expression::parse(text, rules).expect_err(text);
            assert!(error.at <= text.len(), "{text}: {error}");
            assert!(!error.problem.is_empty() && !error.fix.is_empty(), "{text}");
        }
    }
}

#[test]
fn braces_in_names_and_pointers_belong_to_1_0_and_self_to_1_1() {
    for text in ONLY_1_0 {
        assert!(Expression::parse(text, V1_0).is_ok(), "{text}");
        assert!(Expression::parse(text, V1_1).is_err(), "{text}");
    }
    assert!(Expression::parse("$self", V1_1).is_ok());
    let error = Expression::parse("$self", V1_0).unwrap_err();
    assert_eq!(error.problem, "`$self` came with 1.1.0");
}

#[test]
fn an_error_tells_where_the_text_leaves_the_grammar_and_what_was_meant() {
    let cases = [
        ("$input.a", 1, "the nearest is `inputs`"),
        (
            "$response.headers.a",
            10,
            "the nearest is `header`; there are: header, query, path, body",
        ),
        ("$response.body#/a~2", 17, "write `~0` for `~` itself"),
        ("$steps.a.output.b", 9, "write `$steps.a.outputs.NAME`"),
        ("$request.header.a b", 17, "name the header as it is sent"),
    ];
    for (text, at, fix) in cases {
        let error = Expression::parse(text, V1_0).unwrap_err();
        assert_eq!(error.at, at, "{text}: {error}");
        assert!(error.fix.starts_with(fix), "{text}: {error}");
    }
}

#[test]
fn pointers_are_unescaped() {
    let parsed = Expression::parse("$response.body#/a~1b/m~0n/~01/", V1_0).unwrap();
    let tokens = ["a/b", "m~n", "~1", ""].map(str::to_owned).to_vec();
    assert_eq!(*parsed.root(), Root::Response(Part::Body(tokens)));
}

/// A run with something in every place.
pub(crate) fn scope() -> Scope {
    let object = |value: Value| value.as_object().cloned().unwrap();
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Scope {
        self_uri: Some("https://example.org/flow".to_owned()),
        inputs: object(
            json!({"symbol": "SOL_USDC", "order": {"price": "1.50", "legs": [{"id": 7}]}, "a.b": "dotted", "zero": 0}),
        ),
        outputs: object(json!({"token": "t"})),
        steps: [(
            "read".to_owned(),
            object(json!({"side": "Bid", "rows": [{"id": "x"}]})),
        )]
        .into(),
        workflows: [(
            "login".to_owned(),
            Interface {
                inputs: object(json!({"user": "u"})),
                outputs: object(json!({"token": "t2"})),
            },
        )]
        .into(),
        sources: [("venue".to_owned(), object(json!({"url": "./venue.yaml"})))].into(),
        exchange: Some(Exchange {
            url: "https://example.org/api/v1/order?symbol=SOL_USDC".to_owned(),
            method: "GET".to_owned(),
            status: Some(200),
            request: Message {
                headers: vec![text("Accept", "application/json")],
                query: vec![text("symbol", "SOL_USDC")],
                path: vec![text("id", "9")],
                body: None,
            },
            response: Message {
                headers: vec![text("X-Total", "12")],
                body: Some(json!({
                    "orderType": "Limit", "id": "111", "price": "100", "quantity": "2", "executedQuantity": "0",
                    "status": "New", "side": "Bid", "symbol": "SOL_USDC", "timeInForce": "GTC",
                    "rows": [{"id": 1}, {"id": 2}], "a/b": {"m~n": true}, "nothing": null,
                })),
                ..Message::default()
            },
        }),
    }
}

#[test]
fn every_source_comes_to_its_value_with_its_type() {
    let cases = [
        (
            "$url",
            json!("https://example.org/api/v1/order?symbol=SOL_USDC"),
        ),
        ("$method", json!("GET")),
        ("$statusCode", json!(200)),
        ("$self", json!("https://example.org/flow")),
        ("$request.header.accept", json!("application/json")),
        ("$request.query.symbol", json!("SOL_USDC")),
        ("$request.path.id", json!("9")),
        ("$response.header.x-total", json!("12")),
        ("$response.body#/status", json!("New")),
        ("$response.body#/rows/1/id", json!(2)),
        ("$response.body#/rows", json!([{"id": 1}, {"id": 2}])),
        ("$response.body#/a~1b/m~0n", json!(true)),
        ("$response.body#/nothing", json!(null)),
        ("$inputs.symbol", json!("SOL_USDC")),
        ("$inputs.zero", json!(0)),
        ("$inputs.a.b", json!("dotted")),
        ("$inputs.order.price", json!("1.50")),
        ("$inputs.order#/legs/0/id", json!(7)),
        ("$outputs.token", json!("t")),
        ("$steps.read.outputs.side", json!("Bid")),
        ("$steps.read.outputs.rows#/0/id", json!("x")),
        ("$workflows.login.inputs.user", json!("u")),
        ("$workflows.login.outputs.token", json!("t2")),
        ("$sourceDescriptions.venue.url", json!("./venue.yaml")),
    ];
    for (text, value) in cases {
        let expression = Expression::parse(text, V1_1).unwrap();
        assert_eq!(
            expression.evaluate(&scope()).unwrap(),
            Some(value),
            "{text}"
        );
    }
}

#[test]
fn what_is_not_there_comes_to_nothing_and_to_no_error() {
    let missing = [
        "$request.header.nope",
        "$request.body",
        "$response.body#/nope",
        "$response.body#/rows/2",
        "$response.body#/rows/01",
        "$response.body#/status/inner",
        "$inputs.nope",
        "$steps.later.outputs.side",
        "$steps.read.outputs.nope",
        "$workflows.other.outputs.a",
        "$sourceDescriptions.other.url",
    ];
    for text in missing {
        let expression = Expression::parse(text, V1_0).unwrap();
        assert_eq!(expression.evaluate(&scope()), Ok(None), "{text}");
    }
}

#[test]
fn a_template_fills_scalars_as_text_and_the_rest_as_json() {
    let cases = [
        ("Bearer {$outputs.token}", "Bearer t"),
        (
            "{$statusCode}/{$response.body#/rows}",
            r#"200/[{"id":1},{"id":2}]"#,
        ),
        ("{$inputs.zero}", "0"),
        ("no expression {here}", "no expression {here}"),
    ];
    for (text, filled) in cases {
        let template = Template::parse(text, V1_1).unwrap();
        assert_eq!(template.fill(&scope()).as_deref(), Ok(filled));
    }
    let absent = Template::parse("x {$inputs.nope}", V1_1).unwrap();
    assert!(absent.fill(&scope()).is_err(), "never `undefined`");
}

#[test]
fn a_template_tells_which_of_its_expressions_is_wrong() {
    let error = Template::parse("a {$inputs.b} {$input.c}", V1_0).unwrap_err();
    assert_eq!(error.at, 16);
    let open = Template::parse("a {$inputs.b", V1_0).unwrap_err();
    assert_eq!((open.at, open.fix.as_str()), (2, "close it with `}`"));
}

#[test]
fn debug_shows_no_values_of_headers_inputs_or_outputs() {
    let mut scope = scope();
    let exchange = scope.exchange.as_mut().unwrap();
    let secret = ("X-SIGNATURE".to_owned(), "c2VjcmV0".to_owned());
    exchange.request.headers.push(secret);
    scope.inputs.insert("apiKey".to_owned(), json!("c2VjcmV0"));
    let shown = format!("{scope:?}");
    assert!(shown.contains("X-SIGNATURE") && shown.contains("apiKey"));
    assert!(!shown.contains("c2VjcmV0"), "{shown}");
}

#[test]
fn a_component_has_no_value() {
    let expression = Expression::parse("$components.parameters.page", V1_0).unwrap();
    let error = expression.evaluate(&scope()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("`$components.parameters.page` has no value here")
    );
}
