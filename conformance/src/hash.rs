//! Digests: stable across runs, machines and versions.

use sha2::{Digest as _, Sha256};
use xxhash_rust::xxh3::xxh3_64;

/// Sixteen hexadecimal digits over the parts, which cannot run into one another.
pub(crate) fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize().get(..8).unwrap_or_default())
}

/// Where in the order of samples a place stands: by chance, and the same on every run.
pub(crate) fn rank(file: &str, entry: u64) -> u64 {
    xxh3_64(file.as_bytes()) ^ xxh3_64(&entry.to_le_bytes())
}
