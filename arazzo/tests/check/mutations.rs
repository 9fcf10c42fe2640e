//! No document makes the checker panic, or hang.

use bpx_arazzo::{Sources, check};
use bpx_contract::{Diagnostics, Document};
use serde_json::{Map, Value, json};

use crate::support::{CONTRACT, checked, passing, root, valid, with};

/// A small generator of numbers, so that every run sees the same documents.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }
}

/// Every pointer into a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (key, inner) in members {
                pointers(
                    inner,
                    &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                pointers(inner, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn odd(dice: &mut Dice) -> Value {
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("$"),
        json!("$inputs."),
        json!("$steps.a.outputs.b"),
        json!("{$"),
        json!("{$inputs.symbol}"),
        json!("$response.body#/a~"),
        json!("((("),
        json!("!!!!"),
        json!("$statusCode == "),
        json!("'"),
        json!([]),
        json!({}),
        json!([[[]]]),
        json!({"reference": "$components.parameters.x"}),
        json!({"$ref": "#/workflows/0/inputs"}),
        json!("$[?@.a == 1]"),
        json!("\u{0}"),
        json!("größe"),
        json!({"type": "goto", "name": "g", "stepId": "readOrder"}),
        json!("$workflows.flow.outputs.id"),
    ];
    values[dice.below(values.len())].clone()
}

/// One change somewhere: a value replaced, removed, copied from elsewhere, or a text cut.
fn mutate(document: &mut Value, dice: &mut Dice) {
    let mut all = Vec::new();
    pointers(document, "", &mut all);
    let target = all[1 + dice.below(all.len() - 1)].clone();
    let source = document
        .pointer(&all[dice.below(all.len())])
        .cloned()
        .unwrap_or_default();
    let (parent, key) = target.rsplit_once('/').unwrap();
    let choice = dice.below(5);
    let cut = dice.below(12);
    let replacement = odd(dice);
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => change(
            members,
            &key.replace("~1", "/"),
            choice,
            cut,
            source,
            replacement,
        ),
        Some(Value::Array(items)) => {
            let index = key.parse::<usize>().unwrap_or(0).min(items.len() - 1);
            match choice {
                0 => drop(items.remove(index)),
                1 => items.push(source),
                _ => items[index] = replacement,
            }
        }
        _ => {}
    }
}

fn change(
    members: &mut Map<String, Value>,
    key: &str,
    choice: usize,
    cut: usize,
    source: Value,
    replacement: Value,
) {
    match (choice, members.get(key).and_then(Value::as_str)) {
        (0, _) => drop(members.remove(key)),
        (1, _) => drop(members.insert(key.to_owned(), source)),
        (2, Some(text)) => {
            let text: String = text.chars().take(cut).collect();
            members.insert(key.to_owned(), text.into());
        }
        (3, _) => drop(members.insert(format!("{key}s"), replacement)),
        _ => drop(members.insert(key.to_owned(), replacement)),
    }
}

#[test]
fn a_thousand_mutated_documents_are_checked_or_refused() {
    let file = Document::read(&root().join("workflows/cancel-replace-order.arazzo.yaml")).unwrap();
    let sources = Sources {
        openapi: [
            ("backpack".to_owned(), &*CONTRACT),
            ("venue".to_owned(), &*CONTRACT),
        ]
        .into(),
        ..Sources::default()
    };
    let bases = [file.value, valid()];
    let (mut passed, mut refused) = (0, 0);
    for seed in 0..1000 {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (seed + 1));
        let mut document = bases[usize::try_from(seed % 2).unwrap()].clone();
        for _ in 0..=dice.below(3) {
            mutate(&mut document, &mut dice);
        }
        let Ok(document) = Document::parse("mutated.json", document.to_string().as_bytes()) else {
            continue;
        };
        match check(&document, &sources) {
            Ok(_) => passed += 1,
            Err(Diagnostics(faults)) => {
                refused += 1;
                assert!(
                    faults
                        .iter()
                        .all(|it| !it.problem.is_empty() && !it.fix.is_empty()),
                    "{faults:#?}"
                );
                assert!(faults.iter().all(|it| it.place.file == "mutated.json"));
            }
        }
    }
    assert!(
        passed > 50 && refused > 500,
        "{passed} passed, {refused} refused"
    );
}

#[test]
fn large_documents_are_answered() {
    let step = |index: usize| {
        let mut step = valid()["workflows"][0]["steps"][0].clone();
        step["stepId"] = json!(format!("s{index}"));
        step["description"] = json!("Long. ".repeat(100));
        step["parameters"][1]["value"] =
            json!(format!("$steps.s{}.outputs.id", index.saturating_sub(1)));
        step["onSuccess"] = json!([{"name": "back", "type": "goto", "stepId": format!("s{}", index / 2), "criteria": [{"condition": "$statusCode == 200"}]}]);
        step
    };
    let steps = |count: usize| -> Value { (0..count).map(step).collect::<Vec<_>>().into() };
    let mut wide = with(valid(), "/workflows/0/steps", &steps(1000));
    let outputs: Map<_, _> = (0..1000)
        .map(|index| {
            (
                format!("o{index}"),
                json!(format!("$steps.s{index}.outputs.id")),
            )
        })
        .collect();
    wide["workflows"][0]["outputs"] = outputs.into();
    assert!(wide.to_string().len() > 1_000_000);
    assert!(passing(&wide).workflows[0].loops);
    let too_wide = with(valid(), "/workflows/0/steps", &steps(1001));
    assert!(
        checked(&too_wide)
            .unwrap_err()
            .0
            .iter()
            .any(|it| it.problem == "the workflow has more than 1000 steps")
    );
}

#[test]
fn many_faults_and_many_workflows_are_all_told() {
    let workflow = |index: usize| {
        let mut workflow = valid()["workflows"][0].clone();
        workflow["workflowId"] = json!(format!("w{index}"));
        workflow["steps"][0]["operationId"] = json!("get_ordr");
        workflow
    };
    let workflows: Vec<_> = (0..500).map(workflow).collect();
    let document = with(valid(), "/workflows", &json!(workflows));
    assert_eq!(checked(&document).unwrap_err().0.len(), 500);
    let one_more: Vec<_> = (0..501).map(workflow).collect();
    let found = checked(&with(valid(), "/workflows", &json!(one_more)))
        .unwrap_err()
        .0;
    assert_eq!(found[0].problem, "the document has more than 500 workflows");
}

#[test]
fn long_texts_and_deep_payloads_are_answered() {
    let long = "a".repeat(1_000_000);
    for (pointer, value) in [
        ("/workflows/0/steps/0/operationId", json!(long)),
        (
            "/workflows/0/steps/0/successCriteria/0/condition",
            json!(format!("$statusCode == '{long}'")),
        ),
        (
            "/workflows/0/steps/0/successCriteria/0/condition",
            json!(format!("{}$statusCode == 200", "!".repeat(500_000))),
        ),
        (
            "/workflows/0/steps/0/parameters/1/value",
            json!("{$inputs.symbol}".repeat(50_000)),
        ),
        (
            "/workflows/0/outputs/id",
            json!(format!("$steps.read.outputs.{}", "a.".repeat(500_000))),
        ),
    ] {
        let answer = checked(&with(valid(), pointer, &value));
        assert!(answer.is_ok() || answer.is_err(), "it came back");
    }
    let deep = (0..100).fold(json!("$inputs.symbol"), |inner, _| json!([inner]));
    let found = checked(&with(
        valid(),
        "/workflows/0/steps/1/requestBody/payload/orderId",
        &deep,
    ))
    .unwrap_err()
    .0;
    assert_eq!(found[0].problem, "step `cancel`: a list is not a text");
}
