//! The strings and signatures other clients make, both ways.

#![cfg(test)]

mod common;

use bpx_signing::{Key, Rule, SigningString, verify};
use common::{CANCEL_ORDER, Vector, vectors};

fn string_of(vector: &Vector) -> SigningString {
    let query = vector.raw_query();
    SigningString::new(
        vector.operation(),
        query.as_deref(),
        vector.body(),
        vector.timestamp,
        vector.window,
    )
    .unwrap_or_else(|error| panic!("{}: {error}", vector.name))
}

#[test]
fn there_are_vectors_for_six_instructions() {
    let mut instructions: Vec<_> = vectors()
        .into_iter()
        .map(|vector| vector.instruction)
        .collect();
    instructions.sort();
    instructions.dedup();
    assert_eq!(instructions.len(), 6, "{instructions:?}");
}

#[test]
fn each_vector_gives_its_signing_string() {
    for vector in vectors() {
        assert_eq!(
            string_of(&vector).as_str(),
            vector.signing_string,
            "{}",
            vector.name
        );
        assert_eq!(
            vector.operation().instruction,
            vector.instruction,
            "{}",
            vector.name
        );
    }
}

#[test]
fn each_vector_gives_its_key_and_signature() {
    for vector in vectors() {
        let key = Key::from_base64(&vector.seed_b64).unwrap();
        assert_eq!(key.public_base64(), vector.pubkey_b64, "{}", vector.name);
        assert_eq!(
            key.sign(&string_of(&vector)),
            vector.signature_b64,
            "{}",
            vector.name
        );
    }
}

#[test]
fn each_vectors_signature_verifies_for_its_string_and_no_other() {
    for vector in vectors() {
        let check = |string: &str| verify(&vector.pubkey_b64, &vector.signature_b64, string);
        check(&vector.signing_string).unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert!(
            check(&vector.signing_string.replacen("window=", "window=1", 1)).is_err(),
            "{}",
            vector.name
        );
    }
}

#[test]
fn the_explained_parts_joined_are_the_string() {
    for vector in vectors() {
        let query = vector.raw_query();
        let parts = SigningString::explain(
            vector.operation(),
            query.as_deref(),
            vector.body(),
            vector.timestamp,
            vector.window,
        )
        .unwrap();
        let texts: Vec<_> = parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(texts.join("&"), vector.signing_string, "{}", vector.name);
        assert!(
            parts.iter().all(|part| !part.rule.text().is_empty()),
            "{}",
            vector.name
        );
    }
}

#[test]
fn an_explicit_null_is_left_out_and_explained() {
    let vector = vectors()
        .into_iter()
        .find(|vector| vector.name == "explicit_null_must_be_omitted")
        .unwrap();
    let body = br#"{"symbol":"SOL_USDC","clientId":null,"orderId":"1"}"#;
    let string = SigningString::new(
        &CANCEL_ORDER,
        None,
        Some(body),
        vector.timestamp,
        vector.window,
    )
    .unwrap();
    assert_eq!(string.as_str(), vector.signing_string);

    let parts = SigningString::explain(
        &CANCEL_ORDER,
        None,
        Some(body),
        vector.timestamp,
        vector.window,
    )
    .unwrap();
    let null = parts
        .iter()
        .find(|part| part.rule == Rule::NullField)
        .unwrap();
    assert_eq!(null.text, "clientId");
    assert!(null.notes().iter().any(|note| note.contains("None")));
}
