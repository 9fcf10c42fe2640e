//! What the only reader of files accepts, and what it makes of it.

#![cfg(test)]

use std::path::Path;

use bpx_contract::{Document, read_text};
use serde_json::{Value, json};

fn yaml(text: &str) -> Value {
    Document::parse("a.yaml", text.as_bytes()).unwrap().value
}

#[test]
fn yaml_and_json_give_the_same_value() {
    let json = Document::parse(
        "a.json",
        br#"{"openapi": "3.0.3", "paths": {"/a": {"get": {}}}}"#,
    )
    .unwrap();
    let yaml = Document::parse("a.yaml", b"openapi: 3.0.3\npaths:\n  /a:\n    get: {}\n").unwrap();
    assert_eq!(json.value, yaml.value);
}

#[test]
fn members_keep_the_order_of_the_file() {
    for (file, text) in [
        ("a.yaml", "z: 1\na: 2\nm: 3\n"),
        ("a.json", r#"{"z": 1, "a": 2, "m": 3}"#),
    ] {
        let document = Document::parse(file, text.as_bytes()).unwrap();
        let keys: Vec<_> = document.value.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["z", "a", "m"], "{file}");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    for (file, text) in [("a.yaml", "\u{feff}a: 1"), ("a.json", "\u{feff}{\"a\": 1}")] {
        assert_eq!(
            Document::parse(file, text.as_bytes()).unwrap().value,
            json!({"a": 1}),
            "{file}"
        );
    }
}

#[test]
fn the_digest_is_that_of_the_bytes() {
    let one = Document::parse("a.yaml", b"a: 1\n").unwrap();
    let other = Document::parse("a.yaml", b"a: 1 # said again\n").unwrap();
    assert_eq!(
        one.sha256,
        "37b128c59f1f5097f73f82691cb519f1f568667faab5ced1b4ab979d36837eae".to_owned()
    );
    assert_ne!(one.sha256, other.sha256);
}

#[test]
fn only_true_and_false_are_booleans() {
    let value = yaml("a: true\nb: false\nc: yes\nd: No\ne: on\nf: OFF\ng: y\n");
    let expected =
        json!({"a": true, "b": false, "c": "yes", "d": "No", "e": "on", "f": "OFF", "g": "y"});
    assert_eq!(value, expected);
}

#[test]
fn dates_and_times_stay_text() {
    let value = yaml("a: 2025-09-11\nb: 2025-09-11T20:10:40.699\nc: 12:30:45\n");
    assert_eq!(
        value,
        json!({"a": "2025-09-11", "b": "2025-09-11T20:10:40.699", "c": "12:30:45"})
    );
}

#[test]
fn keys_are_text_even_without_quotes() {
    let value = yaml("200: a\n3.1: b\ntrue: c\n2025-09-11: d\n");
    assert_eq!(
        value,
        json!({"200": "a", "3.1": "b", "true": "c", "2025-09-11": "d"})
    );
}

#[test]
fn a_version_without_quotes_is_a_number_that_prints_alike() {
    assert_eq!(yaml("openapi: 3.1")["openapi"].to_string(), "3.1");
    assert_eq!(yaml("version: 1.0")["version"].to_string(), "1.0");
    assert_eq!(yaml("version: 1.0.0")["version"], "1.0.0");
}

#[test]
fn large_integers_keep_every_digit_they_can() {
    let value = yaml("a: 18446744073709551615\nb: -9223372036854775808\nc: 18446744073709551616\n");
    assert_eq!(value["a"], json!(u64::MAX));
    assert_eq!(value["b"], json!(i64::MIN));
    assert_eq!(value["c"], json!(18_446_744_073_709_551_616.0));
}

#[test]
fn an_alias_stands_for_what_it_names_and_a_merge_key_merges() {
    let value = yaml("a: &x {p: 1, q: 2}\nb: *x\nc:\n  <<: *x\n  q: 3\n");
    assert_eq!(value["b"], json!({"p": 1, "q": 2}));
    assert_eq!(value["c"], json!({"p": 1, "q": 3}));
}

#[test]
fn one_anchor_may_be_used_often() {
    let text = format!("a: &x {{p: 1}}\nb:\n{}", "  - *x\n".repeat(1000));
    assert_eq!(yaml(&text)["b"].as_array().unwrap().len(), 1000);
}

#[test]
fn many_lines_of_comment_are_no_burden() {
    let text = format!(
        "a:\n{}  - 1\n{}b: 2\n",
        "  # why\n".repeat(500),
        "# why\n".repeat(500)
    );
    assert_eq!(yaml(&text), json!({"a": [1], "b": 2}));
}

#[test]
fn nesting_up_to_a_hundred_is_read_and_dropped() {
    let json = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
    let block: String = (0..100)
        .map(|level| format!("{}a:\n", " ".repeat(level)))
        .collect();
    Document::parse("a.json", json.as_bytes()).unwrap();
    Document::parse("a.yaml", block.as_bytes()).unwrap();
}

#[test]
fn a_file_is_read_under_the_name_the_caller_gave() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.yaml");
    std::fs::write(&path, "a: 1\n").unwrap();
    let document = Document::read(&path).unwrap();
    assert_eq!(document.file, path.to_str().unwrap().replace('\\', "/"));
    assert_eq!(document.value, json!({"a": 1}));
    assert_eq!(read_text(&path).unwrap(), "a: 1\n");
}

#[test]
fn the_contracts_of_this_workspace_are_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for file in [
        "openapi/backpack-order.openapi.yaml",
        "openapi/venue.overlay.yaml",
        "schemas/order.schema.json",
    ] {
        Document::read(&root.join(file)).unwrap();
    }
    assert!(
        read_text(&root.join("openapi/names.toml"))
            .unwrap()
            .contains("[[type]]")
    );
}

#[test]
fn references_by_identity_become_pointers() {
    let value = yaml(
        "$id: https://x.test/a/root\n\
         refs: [{$ref: '#here'}, {$ref: inner}, {$ref: 'https://x.test/a/inner#deep'}, {$ref: '/a/inner#/n'}, {$ref: 'root#/n'}, \
         {$ref: 'urn:x:1'}, {$ref: '#/n'}, {$ref: other}]\n\
         n: {$anchor: here}\n\
         i: {$id: ./inner, n: {}, d: {$anchor: deep}, refs: [{$ref: '#deep'}, {$ref: '#'}, {$ref: '#/n'}, {$ref: '#/i/d'}]}\n\
         u: {$id: 'urn:x:1', example: {$id: inner}, properties: {example: {$ref: 'https://x.test/a/root#here'}}}\n\
         o: {id: old, k: {$ref: '#/k'}}\n",
    );
    let refs = |at: &str| {
        let items = value.pointer(at).unwrap().as_array().unwrap().iter();
        items
            .map(|it| it["$ref"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    let expected = ["#/n", "#/i", "#/i/d", "#/i/n", "#/n", "#/u", "#/n", "other"];
    assert_eq!(refs("/refs"), expected);
    assert_eq!(refs("/i/refs"), ["#/i/d", "#/i", "#/i/n", "#/i/d"]);
    assert_eq!(value["o"]["k"]["$ref"], "#/o/k");
    assert_eq!(value["$id"], "https://x.test/a/root");
    assert!(value["i"].get("$id").is_none());
    assert_eq!(value["u"]["example"]["$id"], "inner");
    assert_eq!(value["u"]["properties"]["example"]["$ref"], "#/n");
}

#[test]
fn the_schema_true_says_nothing() {
    assert_eq!(yaml("true"), json!({}));
}
