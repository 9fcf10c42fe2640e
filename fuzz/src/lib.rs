//! Checks for arbitrary input of the signer, and of the validators with the feature `validators`.
//!
//! Each takes bytes and panics when the signer does, or when it accepts something that a slow derivation, written here
//! without its code, refuses or reads otherwise. The fuzz targets feed them bytes for as long as one likes; a test of
//! `bpx-signing` feeds them a fixed number of them on every run.
//!
//! They do not check that whatever the derivation accepts is accepted: refusing is the signer's right.
//!
//! ```
//! bpx_fuzz::signing_string::check(b"\x01\x00{\"symbol\":\"SOL_USDC\"}");
//! bpx_fuzz::key::check(b"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=");
//! ```

pub mod json;
pub mod key;
pub mod signing_string;
#[cfg(feature = "validators")]
pub mod validators;
