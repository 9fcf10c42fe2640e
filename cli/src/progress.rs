//! Progress of long work, on standard error, where that is a terminal.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const TICK: Duration = Duration::from_millis(100);
const OF_TOTAL: &str = "{wide_bar} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left, {msg}";
const UNBOUNDED: &str = "{spinner} {decimal_bytes}, {decimal_bytes_per_sec}, {msg}";

/// What was read so far.
pub(crate) struct Read {
    pub(crate) bytes: u64,
    pub(crate) interactions: u64,
}

/// Progress that is shown.
pub(crate) struct Shown {
    bar: ProgressBar,
    thread: JoinHandle<()>,
}

/// Shows how much of recordings was read, until the end.
pub(crate) fn read(total: Option<u64>, done: impl Fn() -> Read + Send + 'static) -> Shown {
    let bar = ProgressBar::no_length();
    bar.set_style(style(if total.is_some() { OF_TOTAL } else { UNBOUNDED }));
    if let Some(total) = total {
        bar.set_length(total);
    }
    let shown = bar.clone();
    let thread = thread::spawn(move || {
        while !shown.is_finished() {
            let Read {
                bytes,
                interactions,
            } = done();
            shown.set_position(bytes);
            shown.set_message(format!("{interactions} interactions"));
            thread::park_timeout(TICK);
        }
    });
    Shown { bar, thread }
}

impl Shown {
    /// Takes it away from the terminal.
    pub(crate) fn end(self) {
        self.bar.finish_and_clear();
        self.thread.thread().unpark();
        // It has nothing to report but progress.
        let _ = self.thread.join();
    }
}

/// Shows that something is under way, until the value is dropped.
pub(crate) fn spinner(doing: &'static str) -> impl Drop {
    struct Cleared(ProgressBar);
    impl Drop for Cleared {
        fn drop(&mut self) {
            self.0.finish_and_clear();
        }
    }
    let bar = ProgressBar::new_spinner().with_message(doing);
    bar.enable_steady_tick(TICK);
    Cleared(bar)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
