//! One report model, six ways to show it, and what other reports need to be shown in the same formats.

mod chart;
pub mod github;
pub mod html;
mod json;
pub mod junit;
pub mod sarif;
mod text;

use crate::Error;
use crate::view::View;

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Human,
    /// Everything, as JSON.
    Json,
    /// JUnit's XML.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
    /// One page with charts.
    Html,
}

impl Format {
    /// All formats with their names.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Human, "human"),
        (Self::Json, "json"),
        (Self::Junit, "junit"),
        (Self::Sarif, "sarif"),
        (Self::Github, "github"),
        (Self::Html, "html"),
    ];
}

/// Writes a report in a format.
///
/// # Errors
/// A number or name that JSON cannot hold; none is known.
pub fn render(view: &View<'_>, format: Format) -> Result<String, Error> {
    match format {
        Format::Human => Ok(text::render(view)),
        Format::Json => json::render(view),
        Format::Junit => Ok(junit::render(view)),
        Format::Sarif => sarif::render(view),
        Format::Github => Ok(github::render(view)),
        Format::Html => Ok(html::render(view)),
    }
}

/// `once`, or `5 times`.
fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}
