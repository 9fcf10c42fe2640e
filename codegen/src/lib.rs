//! bpx-codegen
