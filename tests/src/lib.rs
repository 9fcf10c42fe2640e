//! bpx-tests
