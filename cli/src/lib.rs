//! bpx
