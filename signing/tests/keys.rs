//! The forms of keys and signatures that are accepted, and that secrets stay secret.

mod common;

use bpx_signing::{Key, PublicKey, SigningError, SigningString, verify};
use common::{CANCEL_ORDER, PUBLIC, SEED};

/// Seed and public key of the vectors, joined, and the same seed with another second half.
const PAIR: &str =
    "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==";
const WRONG_PAIR: &str =
    "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2CdYbGd7/1aYLqESvSS7CzEREnFaXsyaRlwO6wDHK5/YA==";

#[test]
fn the_seed_of_32_bytes_gives_the_pair() {
    let key = Key::from_base64(SEED).unwrap();
    assert_eq!(key.public_base64(), PUBLIC);
    assert_eq!(key.secret_base64().as_str(), SEED);
}

#[test]
fn the_form_of_64_bytes_is_accepted_and_checked() {
    assert_eq!(
        Key::from_base64(PAIR).unwrap().secret_base64().as_str(),
        SEED
    );
    assert!(matches!(
        Key::from_base64(WRONG_PAIR),
        Err(SigningError::PublicKeyMismatch)
    ));
}

#[test]
fn seeds_of_another_length_are_refused() {
    let long = "A".repeat(88) + &"AAAA".repeat(1000);
    for seed in [
        "",
        "AAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        &"A".repeat(44),
        &"A".repeat(88),
        &long,
    ] {
        assert!(
            matches!(
                Key::from_base64(seed),
                Err(SigningError::WrongLength { .. })
            ),
            "{}",
            seed.len()
        );
    }
}

#[test]
fn seeds_that_are_not_standard_padded_base64_are_refused() {
    let url_alphabet = SEED.replace('/', "_");
    let hex = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f6".to_owned() + "!";
    let line_end = SEED.to_owned() + "\n";
    for seed in [
        SEED.trim_end_matches('='),
        &url_alphabet,
        &hex,
        &line_end,
        " ",
        "ü",
        "====",
    ] {
        let error = Key::from_base64(seed).unwrap_err();
        assert!(
            matches!(error, SigningError::NotBase64 { what: "seed" }),
            "{error:?}"
        );
    }
}

#[test]
fn a_supplied_public_key_must_be_the_derived_one() {
    let key = Key::from_base64(SEED).unwrap();
    key.require_public(PUBLIC).unwrap();
    let other = Key::generate().unwrap().public_base64();
    assert!(matches!(
        key.require_public(&other),
        Err(SigningError::PublicKeyMismatch)
    ));
    assert!(matches!(
        key.require_public("AAAA"),
        Err(SigningError::WrongLength {
            what: "public key",
            ..
        })
    ));
    assert!(matches!(
        key.require_public("*"),
        Err(SigningError::NotBase64 { what: "public key" })
    ));
}

#[test]
fn generated_keys_differ_and_survive_their_own_encoding() {
    let (a, b) = (Key::generate().unwrap(), Key::generate().unwrap());
    assert_ne!(a.public_base64(), b.public_base64());
    assert_eq!(
        Key::from_base64(&a.secret_base64())
            .unwrap()
            .public_base64(),
        a.public_base64()
    );
}

#[test]
fn verification_names_what_is_wrong() {
    let key = Key::from_base64(SEED).unwrap();
    let string = SigningString::new(&CANCEL_ORDER, None, Some(b"{}"), 1, 1).unwrap();
    let signature = key.sign(&string);
    let text = string.as_str();
    verify(PUBLIC, &signature, text).unwrap();

    let not_a_point = "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert!(matches!(
        verify(not_a_point, &signature, text),
        Err(SigningError::InvalidPublicKey)
    ));
    assert!(matches!(
        verify("?", &signature, text),
        Err(SigningError::NotBase64 { what: "public key" })
    ));
    assert!(matches!(
        verify(PUBLIC, "?", text),
        Err(SigningError::NotBase64 { what: "signature" })
    ));
    assert!(matches!(
        verify(PUBLIC, PUBLIC, text),
        Err(SigningError::WrongLength {
            what: "signature",
            ..
        })
    ));
    let other = Key::generate().unwrap().public_base64();
    assert!(matches!(
        verify(&other, &signature, text),
        Err(SigningError::SignatureMismatch)
    ));
}

#[test]
fn a_weak_public_key_verifies_nothing() {
    // The neutral element of the curve, with which an all-zero signature would fit any text.
    let weak = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let signature = format!("AQ{}==", "A".repeat(84));
    assert!(matches!(
        verify(weak, &signature, "anything"),
        Err(SigningError::SignatureMismatch)
    ));
}

#[test]
fn debug_shows_neither_seed_nor_whole_public_key_nor_order_data() {
    let key = Key::from_base64(SEED).unwrap();
    assert_eq!(format!("{key:?}"), "Key(11qYAYKx...)");
    let body: &[u8] = br#"{"symbol":"BTC_USDC"}"#;
    let string = SigningString::new(&CANCEL_ORDER, None, Some(body), 1, 1).unwrap();
    assert_eq!(
        format!("{string:?}"),
        r#"SigningString { instruction: "orderCancel", bytes: 60 }"#
    );
    let parts = SigningString::explain(&CANCEL_ORDER, None, Some(body), 1, 1).unwrap();
    assert!(!format!("{parts:?}").contains("BTC_USDC"));
}

#[test]
fn a_public_key_that_was_read_once_verifies_many_signatures() {
    let key = Key::from_base64(SEED).unwrap();
    let public = PublicKey::from_base64(&key.public_base64()).unwrap();
    for timestamp_ms in 0..3 {
        let string = SigningString::new(&CANCEL_ORDER, None, Some(b"{}"), timestamp_ms, 1).unwrap();
        public.verify(&key.sign(&string), string.as_str()).unwrap();
        let error = public.verify(&key.sign(&string), "another").unwrap_err();
        assert!(matches!(error, SigningError::SignatureMismatch));
    }
}
