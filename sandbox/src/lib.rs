//! bpx-sandbox
