//! The Ed25519 key pair in the venue's encoding, and verification.

use std::fmt;
use std::sync::Arc;

use base64::{DecodeSliceError, Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use ed25519_dalek::{Sha512, Signature, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::{SigningError, SigningString};

const SEED_BYTES: usize = 32;
const PAIR_BYTES: usize = 64;
const PUBLIC_BYTES: usize = 32;
/// What base64 may write while it decodes 64 bytes.
const DECODED_BYTES_MAX: usize = 66;
const SIGNATURE_CHARS: usize = 88;
const FINGERPRINT_CHARS: usize = 8;

/// An Ed25519 key pair. The seed is wiped from memory on drop and never shown by `Debug`.
#[derive(Clone)]
pub struct Key {
    pair: SigningKey,
    /// What signing derives from the seed, once instead of for each signature. Wiped on drop too.
    expanded: Arc<ExpandedSecretKey>,
}

impl Key {
    /// Makes a new key pair from the operating system's random source.
    ///
    /// # Errors
    /// [`SigningError::Entropy`] if the operating system gives no random bytes.
    pub fn generate() -> Result<Self, SigningError> {
        let mut seed = Zeroizing::new([0; SEED_BYTES]);
        getrandom::fill(seed.as_mut()).map_err(SigningError::Entropy)?;
        Ok(Self::new(SigningKey::from_bytes(&seed)))
    }

    /// Reads a seed as the venue hands it out: standard padded base64 of 32 bytes. The 64-byte form, seed followed by
    /// public key, is accepted when both halves belong together.
    ///
    /// # Errors
    /// [`SigningError::NotBase64`], [`SigningError::WrongLength`], or [`SigningError::PublicKeyMismatch`] when the
    /// second half is another key's.
    pub fn from_base64(seed: &str) -> Result<Self, SigningError> {
        let mut buffer = Zeroizing::new([0; DECODED_BYTES_MAX]);
        let bytes = decode(
            seed,
            buffer.as_mut(),
            "seed",
            "32 (seed) or 64 (seed and public key)",
        )?;
        let pair = match (
            <&[u8; SEED_BYTES]>::try_from(bytes),
            <&[u8; PAIR_BYTES]>::try_from(bytes),
        ) {
            (Ok(seed), _) => SigningKey::from_bytes(seed),
            (_, Ok(pair)) => {
                SigningKey::from_keypair_bytes(pair).map_err(|_| SigningError::PublicKeyMismatch)?
            }
            _ => {
                return Err(wrong_length(
                    "seed",
                    "32 (seed) or 64 (seed and public key)",
                ));
            }
        };
        Ok(Self::new(pair))
    }

    fn new(pair: SigningKey) -> Self {
        let expanded = Arc::new(ExpandedSecretKey::from(pair.as_bytes()));
        Self { pair, expanded }
    }

    /// The public key in standard base64: the value of `X-API-KEY`.
    #[must_use]
    pub fn public_base64(&self) -> String {
        STANDARD.encode(self.pair.verifying_key().as_bytes())
    }

    /// The seed in standard base64, wiped on drop. A secret: show it to its owner only.
    #[must_use]
    pub fn secret_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.pair.as_bytes()))
    }

    /// Checks that a supplied public key is the one that follows from the seed.
    ///
    /// # Errors
    /// [`SigningError::NotBase64`] or [`SigningError::WrongLength`] if it cannot be read,
    /// [`SigningError::PublicKeyMismatch`] if it is another key's.
    pub fn require_public(&self, base64: &str) -> Result<(), SigningError> {
        let given = decode_exactly::<PUBLIC_BYTES>(base64, "public key", "32")?;
        if &given == self.pair.verifying_key().as_bytes() {
            Ok(())
        } else {
            Err(SigningError::PublicKeyMismatch)
        }
    }

    /// Signs a signing string; the signature is standard padded base64, 88 characters.
    #[must_use]
    pub fn sign(&self, string: &SigningString) -> String {
        self.sign_text(string.as_str()).as_str().to_owned()
    }

    /// Signs without touching the heap.
    pub(crate) fn sign_text(&self, text: &str) -> SignatureText {
        // Safe for the key because both halves come from the one seed: `new` is the only place that pairs them.
        let public = self.pair.verifying_key();
        let signature = raw_sign::<Sha512>(&self.expanded, text.as_bytes(), &public);
        SignatureText::new(&signature)
    }
}

/// A signature in base64.
pub(crate) struct SignatureText([u8; SIGNATURE_CHARS]);

impl SignatureText {
    fn new(signature: &Signature) -> Self {
        let mut text = [0; SIGNATURE_CHARS];
        // 64 bytes always fill 88 characters.
        let _ = STANDARD.encode_slice(signature.to_bytes(), &mut text);
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public = self.public_base64();
        write!(
            f,
            "Key({}...)",
            public.get(..FINGERPRINT_CHARS).unwrap_or_default()
        )
    }
}

/// A public key that was read once and verifies many signatures. For servers and tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads the value of `X-API-KEY`: standard padded base64 of 32 bytes.
    ///
    /// # Errors
    /// [`SigningError::NotBase64`], [`SigningError::WrongLength`], or [`SigningError::InvalidPublicKey`] if the bytes
    /// are no key.
    pub fn from_base64(public_base64: &str) -> Result<Self, SigningError> {
        let bytes = decode_exactly::<PUBLIC_BYTES>(public_base64, "public key", "32")?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| SigningError::InvalidPublicKey)?;
        Ok(Self(key))
    }

    /// Checks a signature strictly: no weak keys, no second encoding of the same signature.
    ///
    /// # Errors
    /// [`SigningError::NotBase64`] or [`SigningError::WrongLength`] if the signature cannot be read,
    /// [`SigningError::SignatureMismatch`] if it is not this key's for that string.
    pub fn verify(&self, signature_base64: &str, signing_string: &str) -> Result<(), SigningError> {
        let bytes =
            decode_exactly::<{ Signature::BYTE_SIZE }>(signature_base64, "signature", "64")?;
        self.0
            .verify_strict(signing_string.as_bytes(), &Signature::from_bytes(&bytes))
            .map_err(|_| SigningError::SignatureMismatch)
    }
}

/// Checks one signature strictly. Who checks many of one key reads it once, as a [`PublicKey`].
///
/// # Errors
/// As [`PublicKey::from_base64`] and [`PublicKey::verify`].
pub fn verify(
    public_base64: &str,
    signature_base64: &str,
    signing_string: &str,
) -> Result<(), SigningError> {
    PublicKey::from_base64(public_base64)?.verify(signature_base64, signing_string)
}

fn decode_exactly<const N: usize>(
    text: &str,
    what: &'static str,
    expected: &'static str,
) -> Result<[u8; N], SigningError> {
    let mut buffer = [0; DECODED_BYTES_MAX];
    let bytes = decode(text, &mut buffer, what, expected)?;
    <[u8; N]>::try_from(bytes).map_err(|_| wrong_length(what, expected))
}

/// Decodes into the caller's buffer, so that a secret leaves no copy behind.
fn decode<'a>(
    text: &str,
    buffer: &'a mut [u8],
    what: &'static str,
    expected: &'static str,
) -> Result<&'a [u8], SigningError> {
    let written = STANDARD
        .decode_slice(text, buffer)
        .map_err(|error| match error {
            DecodeSliceError::DecodeError(_) => SigningError::NotBase64 { what },
            DecodeSliceError::OutputSliceTooSmall => wrong_length(what, expected),
        })?;
    buffer
        .get(..written)
        .ok_or_else(|| wrong_length(what, expected))
}

fn wrong_length(what: &'static str, expected: &'static str) -> SigningError {
    SigningError::WrongLength { what, expected }
}
