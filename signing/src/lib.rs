//! bpx-signing
