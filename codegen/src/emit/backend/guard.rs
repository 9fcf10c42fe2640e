//! The one place where a panic is caught: around the libraries that write Rust.
//!
//! Typify and progenitor answer some schemas with an assertion or a `todo!`. Lowering keeps those from them as
//! far as we know; what we do not know becomes a diagnostic here instead of a backtrace.

use std::cell::Cell;
use std::fmt::Display;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::emit::Fault;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; an error or a panic of the library becomes a fault. The panic hook stays silent meanwhile, on this
/// thread only.
pub(super) fn guarded<T, E: Display>(
    tool: &str,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, Fault> {
    static SILENCE: Once = Once::new();
    SILENCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !INSIDE.get() {
                usual(info);
            }
        }));
    });
    INSIDE.set(true);
    // What the library left half done is dropped with it.
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(false);
    match result {
        Ok(result) => result.map_err(|error| Fault::backend(tool, &error)),
        Err(payload) => {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
            Err(Fault::backend(
                tool,
                &format!("it gave up: {}", text.unwrap_or("no reason given")),
            ))
        }
    }
}
