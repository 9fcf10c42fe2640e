//! What a command prints: results on stdout, remarks on stderr, colour only on a terminal.

use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;
use tracing_subscriber::EnvFilter;

use crate::failure::{Category, Described, Failure};

/// Prints text on stdout at once, so that a reader never sees half of it.
pub(crate) fn text(text: &str) -> Result<(), io::Error> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Prints one value as one line of JSON on stdout.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    Ok(text(&format!("{}\n", serde_json::to_string(value)?))?)
}

/// What else is known, and the failure, as one object.
#[derive(Serialize)]
struct Reported<'a, R> {
    #[serde(flatten)]
    report: &'a R,
    #[serde(flatten)]
    failure: Described<'a>,
}

impl Failure {
    /// Prints what is wrong: as one object on stdout for programs, else in words on stderr. Findings are printed in
    /// words, since the report that has them is on stdout already.
    pub(crate) fn print(&self, json: bool) {
        if self.faults().is_empty() {
            return;
        }
        // Without anybody to report to, the exit code is still right.
        if json && self.category() != Category::Findings {
            let _ = self::json(&self.described());
        } else {
            let _ = anstream::stderr().write_all(self.to_string().as_bytes());
        }
    }

    /// Prints the failure together with what else is known, as one object; what is left of it is the exit code.
    pub(crate) fn print_with(self, report: &impl Serialize) -> Result<Self, Self> {
        let failure = self.described();
        json(&Reported { report, failure })?;
        Ok(self.exit_only())
    }
}

/// Prints a remark for people on stderr.
pub(crate) fn remark(remark: &str) -> Result<(), io::Error> {
    writeln!(anstream::stderr(), "{remark}")
}

/// Sends logs to stderr; `RUST_LOG` chooses which, without it `level` does.
pub(crate) fn log_to_stderr(level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
}

/// Text that somebody else wrote, on one line and without what a terminal would obey or hide.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if is_hidden(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Whether a terminal obeys or hides the character. None is beyond U+FFFF.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_plain_text_moves_a_cursor_or_turns_the_direction() {
        assert_eq!(
            plain("a\u{1b}[2Jb\nc\u{202e}d"),
            "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d"
        );
        assert_eq!(plain("Größe 1.5"), "Größe 1.5");
    }
}
