//! `cargo +nightly fuzz run signing_string`; see `signing/README.md`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bpx_fuzz::signing_string::check(data));

#[cfg(not(fuzzing))]
fn main() {
    println!("this is a fuzz target; run it with: cargo +nightly fuzz run signing_string");
}
