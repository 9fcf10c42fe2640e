//! bpx-runtime
