//! Simple conditions.

use bpx_arazzo::{Condition, EvaluationError, Rules, Version};

use crate::expressions::scope;

const RULES: Rules = Rules {
    version: Version::V1_0,
    operators: false,
};

fn holds(text: &str) -> Result<bool, EvaluationError> {
    let condition = Condition::parse(text, RULES).unwrap_or_else(|error| panic!("{text}: {error}"));
    condition.evaluate(&scope())
}

#[test]
fn the_eight_conditions_hold_and_their_companions_do_not() {
    let cases = [
        (
            "$response.body#/status == 'new'",
            "$response.body#/status == 'newer'",
        ),
        (
            "$response.body#/nope == null",
            "$response.body#/status == null",
        ),
        (
            "$response.body#/quantity > 1.5",
            "$response.body#/quantity > 10",
        ),
        (
            "$statusCode == 200 && ($response.body#/side == 'Ask' || $response.body#/side == 'Bid')",
            "$statusCode == 200 && ($response.body#/side == 'Sell' || $response.body#/side == 'Buy')",
        ),
        ("!($statusCode == 404)", "!($statusCode == 200)"),
        ("$response.body#/side != 'it''s'", "'it''s' == 'its'"),
        (
            "$response.body.status == 'New'",
            "$response.body.status == 'Filled'",
        ),
        (
            "$response.body.status != null",
            "$response.body.status == null",
        ),
    ];
    for (holding, companion) in cases {
        assert_eq!(holds(holding), Ok(true), "{holding}");
        assert_eq!(holds(companion), Ok(false), "{companion}");
    }
}

#[test]
fn numbers_are_compared_as_exact_decimals() {
    let cases = [
        ("'0.1000000000000000001' > '0.1'", true),
        ("0.1000000000000000001 > 0.1", true),
        ("'10' > '9'", true),
        ("'10' < '9'", false),
        ("'1e3' > '999'", true),
        ("'1E+2' == 100", true),
        ("'1e-2' == 0.01", true),
        ("'2' == 2", true),
        ("'2.0' == 2", true),
        ("'2.0' == '2'", false),
        ("2.0 == 2", true),
        ("'-0.5' < 0", true),
        ("0 == -0", true),
        ("$response.header.X-Total >= 12", true),
        ("$response.header.X-Total<13", true),
        ("'9007199254740993' > '9007199254740992'", true),
        ("'1_000' > '999'", false),
        ("'abc' > '10'", true),
        ("'007' == 7", false),
    ];
    for (text, expected) in cases {
        assert_eq!(holds(text), Ok(expected), "{text}");
    }
    let long = "'123456789012345678901234567890' > '1'";
    assert!(matches!(holds(long), Err(EvaluationError::Number(_))));
}

#[test]
fn strings_are_compared_without_regard_to_case_and_null_equals_only_null() {
    let cases = [
        ("'SOL_USDC' == 'sol_usdc'", true),
        ("'GRÖSSE' == 'grösse'", true),
        ("'a' < 'B'", true),
        ("null == null", true),
        ("null == ''", false),
        ("null == 0", false),
        ("null == false", false),
        ("null < 1", false),
        ("null >= null", false),
        ("true == true", true),
        ("true == 'true'", false),
        ("$response.body#/nothing == $response.body#/nope", true),
        ("$response.body#/rows == $response.body#/rows", true),
        ("$response.body#/rows > 1", false),
        ("'' == ''", true),
        ("'''' == ''''", true),
    ];
    for (text, expected) in cases {
        assert_eq!(holds(text), Ok(expected), "{text}");
    }
}

#[test]
fn not_binds_before_comparison_before_and_before_or() {
    let cases = [
        ("true || false && false", true),
        ("(true || false) && false", false),
        ("!false && true", true),
        ("!true || true", true),
        ("!!true", true),
        ("!!!true", false),
        ("!(1 == 2) && 1 < 2", true),
        ("1 < 2 == true || false", true),
        ("(1 < 2) == true", true),
        ("true && true && false", false),
        ("false || false || true", true),
    ];
    for (text, expected) in cases {
        let parsed = Condition::parse(text, RULES);
        if text.starts_with("1 < 2 ==") {
            assert!(parsed.is_err(), "comparisons cannot be chained");
        } else {
            assert_eq!(holds(text), Ok(expected), "{text}");
        }
    }
}

#[test]
fn properties_and_indices_lead_into_values() {
    let cases = [
        ("$response.body.rows[0].id == 1", true),
        ("$response.body.rows[1]['id'] == 2", true),
        ("$response.body#/rows[1].id == 2", true),
        ("$response.body['a/b']['m~n']", true),
        ("$inputs.order.legs[0].id == 7", true),
        ("$steps.read.outputs.rows[0].id == 'X'", true),
        ("$response.body.rows[9].id == null", true),
        ("$statusCode==200&&$response.body.side=='Bid'", true),
        ("($statusCode==200)", true),
    ];
    for (text, expected) in cases {
        assert_eq!(holds(text), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_neither_true_nor_false_is_an_error_that_fails() {
    for text in [
        "$response.body#/side",
        "!$response.body#/side",
        "1 && true",
        "null",
        "'true'",
    ] {
        assert!(
            matches!(holds(text), Err(EvaluationError::NotBoolean(_))),
            "{text}"
        );
    }
    assert_eq!(holds("false && 'text'"), Ok(false), "decided before");
    assert_eq!(holds("true || 'text'"), Ok(true), "decided before");
}

#[test]
fn broken_conditions_are_refused_with_place_and_fix() {
    let cases = [
        ("", 0, "write an expression"),
        ("$statusCode = 200", 12, "write `==` to compare"),
        ("$statusCode === 200", 12, "write `==`"),
        ("$statusCode == 200 & true", 19, "write `&&`"),
        ("$statusCode == 200 | true", 19, "write `||`"),
        (
            "$response.body#/side == \"Bid\"",
            24,
            "write text in single quotes",
        ),
        (
            "$response.body#/side == Bid",
            24,
            "write text in single quotes, or begin an expression with `$`",
        ),
        (
            "$response.body#/side == 'Bid",
            24,
            "close it with a single quote",
        ),
        ("($statusCode == 200", 0, "close it with `)`"),
        ("$statusCode == 200)", 18, "join the parts"),
        ("$statusCode ==", 14, "write an expression"),
        ("&& true", 0, "write an expression"),
        ("1 < 2 < 3", 6, "join two comparisons"),
        ("true false", 5, "join the parts"),
        ("$status == 200", 1, "the nearest is `statusCode`"),
        (
            "$response.body[x] == 1",
            15,
            "write a number, or a name in single quotes",
        ),
        ("$response.body[0 == 1", 14, "close it with `]`"),
        ("01 == 1", 0, "write text in single quotes"),
    ];
    for (text, at, fix) in cases {
        let error = Condition::parse(text, RULES).expect_err(text);
        assert_eq!(error.at, at, "{text}: {error}");
        assert!(error.fix.starts_with(fix), "{text}: {error}");
    }
}

#[test]
fn deep_parentheses_are_refused_and_many_negations_are_not_deep() {
    let deep = format!("{}true{}", "(".repeat(10_000), ")".repeat(10_000));
    let error = Condition::parse(&deep, RULES).unwrap_err();
    assert!(error.problem.contains("deeper than 64"), "{error}");
    assert_eq!(holds(&format!("{}true", "!".repeat(100_000))), Ok(true));
    let wide = vec!["true"; 50_000].join(" && ");
    assert_eq!(holds(&wide), Ok(true));
}
