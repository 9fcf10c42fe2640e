//! `cargo +nightly fuzz run --features validators validators`; see `conformance/README.md`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    bpx_fuzz::validators::check(data);
});

#[cfg(not(fuzzing))]
fn main() {
    println!(
        "this is a fuzz target; run it with: cargo +nightly fuzz run --features validators validators"
    );
}
