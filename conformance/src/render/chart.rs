//! Charts as inline SVG; colours come from the page, so they follow its theme.

use std::fmt::Write as _;

use crate::report::Histogram;
use crate::view::{Coverage, time};
use bpx_contract::prose::xml as escaped;

const WIDTH: usize = 720;
const HEIGHT: usize = 160;
/// Room for the labels below and above the columns.
const FOOT: usize = 22;
const HEAD: usize = 8;
const ROW_HEIGHT: usize = 26;
const LABEL_WIDTH: usize = 190;
/// Columns of a chart at most; neighbours are put together.
const COLUMNS_MAX: i64 = 90;

struct Bar {
    from_ms: i64,
    exchanges: u64,
    findings: u64,
}

/// Findings over time, above the exchanges they were found in.
pub(super) fn over_time(times: &Histogram) -> String {
    let bars = bars(times);
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else {
        return "<p class=\"quiet\">The recordings carry no times.</p>".to_owned();
    };
    let most = |value: fn(&Bar) -> u64| bars.iter().map(value).max().unwrap_or(0).max(1);
    let (exchanges_max, findings_max) = (most(|bar| bar.exchanges), most(|bar| bar.findings));
    let step = (WIDTH / bars.len()).clamp(1, 40);
    let mut columns = String::new();
    for (index, bar) in bars.iter().enumerate() {
        let at = time(Some(bar.from_ms)).unwrap_or_default();
        let title = format!(
            "{at}: {} findings in {} exchanges",
            bar.findings, bar.exchanges
        );
        let _ = write!(columns, "<g><title>{}</title>", escaped(&title));
        column(
            &mut columns,
            "muted",
            index * step,
            step,
            bar.exchanges,
            exchanges_max,
        );
        column(
            &mut columns,
            "bad",
            index * step,
            step,
            bar.findings,
            findings_max,
        );
        columns.push_str("</g>");
    }
    let at = |bar: &Bar| time(Some(bar.from_ms)).unwrap_or_default();
    let span = escaped(&format!("{} to {}", at(first), at(last)));
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Findings over time\">{columns}\
         <text x=\"0\" y=\"{foot}\">{span}</text></svg>\
         <p class=\"legend\"><i class=\"bad\"></i>findings (at most {findings_max} in a column)\
         <i class=\"muted\"></i>exchanges (at most {exchanges_max})</p>",
        height = HEIGHT + HEAD + FOOT,
        foot = HEIGHT + HEAD + FOOT - 6,
    )
}

fn column(out: &mut String, class: &str, x: usize, step: usize, value: u64, most: u64) {
    if value == 0 {
        return;
    }
    let scaled = value.saturating_mul(HEIGHT as u64) / most;
    let height = usize::try_from(scaled).unwrap_or(HEIGHT).clamp(2, HEIGHT);
    // Findings stand inside the exchanges they were found in, on a scale of their own.
    let inset = if class == "bad" { step / 4 } else { 0 };
    let width = step
        .saturating_sub(2 * inset + usize::from(step > 3))
        .max(1);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" rx=\"1\"/>",
        x + inset,
        HEAD + HEIGHT - height
    );
}

/// Columns of equal width, gaps included.
fn bars(times: &Histogram) -> Vec<Bar> {
    let (Some((first, _)), Some((last, _))) = (
        times.columns.first_key_value(),
        times.columns.last_key_value(),
    ) else {
        return Vec::new();
    };
    let span = last.saturating_sub(*first).saturating_add(1);
    let together = span.saturating_add(COLUMNS_MAX - 1) / COLUMNS_MAX;
    let count = span.saturating_add(together - 1) / together;
    let mut bars: Vec<_> = (0..count)
        .map(|index| Bar {
            from_ms: first
                .saturating_add(index * together)
                .saturating_mul(times.width_ms),
            exchanges: 0,
            findings: 0,
        })
        .collect();
    for (at, column) in &times.columns {
        let index = usize::try_from(at.saturating_sub(*first) / together).unwrap_or(0);
        if let Some(bar) = bars.get_mut(index) {
            bar.exchanges = bar.exchanges.saturating_add(column.exchanges);
            bar.findings = bar.findings.saturating_add(column.findings);
        }
    }
    bars
}

/// How much of each operation was seen.
pub(super) fn coverage(rows: &[Coverage]) -> String {
    let track = WIDTH - LABEL_WIDTH - 60;
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"Coverage by operation\">",
        rows.len() * ROW_HEIGHT + 4
    );
    for (index, row) in rows.iter().enumerate() {
        let (y, percent) = (index * ROW_HEIGHT, row.percent());
        let seen = row.statuses_seen + row.slots_seen;
        let all = seen + row.statuses_never.len() + row.slots_never.len();
        let title = format!(
            "{}: {seen} of {all} statuses, fields, values and arms",
            row.operation
        );
        let _ = write!(
            out,
            "<g><title>{title}</title><text x=\"0\" y=\"{baseline}\">{name}</text>\
             <rect class=\"muted\" x=\"{LABEL_WIDTH}\" y=\"{top}\" width=\"{track}\" height=\"12\" rx=\"2\"/>\
             <rect class=\"good\" x=\"{LABEL_WIDTH}\" y=\"{top}\" width=\"{filled}\" height=\"12\" rx=\"2\"/>\
             <text x=\"{WIDTH}\" y=\"{baseline}\" text-anchor=\"end\">{percent} %</text></g>",
            title = escaped(&title),
            name = escaped(&row.operation),
            baseline = y + 16,
            top = y + 6,
            filled = track * percent / 100,
        );
    }
    out.push_str("</svg>");
    out
}
