//! A key from an arbitrary text.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    unreachable_pub,
    reason = "a check panics: that is what a fuzzer looks for"
)]

use bpx_signing::{Key, Payload, SignedOperation, SigningString, verify};
use ed25519_compact::{KeyPair, Seed};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Reads the bytes as the text of a seed, a public key and a signature.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    check_seed(text);
    // The verdict is not known; that there is one is.
    let _ = verify(text, text, text);
}

/// Reads a key and compares it, and a signature by it, with another implementation of the curve. Returns whether it
/// was accepted.
pub fn check_seed(text: &str) -> bool {
    let Ok(key) = Key::from_base64(text) else {
        return false;
    };
    let bytes = decoded(text).expect("what is accepted is base64");
    let (seed, public) = bytes.split_at(32);
    let other = KeyPair::from_seed(Seed::from_slice(seed).expect("a seed has 32 bytes"));
    assert!(public.is_empty() || public == other.pk.as_slice());
    assert_eq!(
        decoded(&key.public_base64()).as_deref(),
        Some(other.pk.as_slice())
    );
    assert_eq!(decoded(&key.secret_base64()).as_deref(), Some(seed));
    assert!(key.require_public(&key.public_base64()).is_ok());

    let operation = SignedOperation::new("fuzz", "GET", "/fuzz", "fuzz", Payload::Query);
    let string = SigningString::new(&operation, None, None, 1, 5_000).expect("it is fixed");
    let signature = other.sk.sign(string.as_str(), None);
    assert_eq!(
        decoded(&key.sign(&string)).as_deref(),
        Some(signature.as_slice())
    );
    true
}

/// Standard base64, one bit at a time; `None` for another alphabet, a wrong padding or bits left over.
#[must_use]
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    let content = text.trim_end_matches('=');
    let padding = text.len() - content.len();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut bits = Vec::new();
    for byte in content.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == byte)?;
        bits.extend((0..6).rev().map(|bit| (value >> bit) & 1 == 1));
    }
    let whole = bits.chunks(8).filter(|byte| byte.len() == 8);
    let bytes = whole.map(|byte| byte.iter().fold(0, |all, bit| all << 1 | u8::from(*bit)));
    let left_over = bits.iter().rev().take(bits.len() % 8);
    let is_clean = left_over.clone().all(|bit| !*bit) && left_over.len() < 6;
    is_clean.then(|| bytes.collect())
}
