//! Finds the line of a JSON Pointer in a text of YAML in block style, or of JSON with one member per line.

use std::borrow::Cow;

use bpx_contract::pointer::unescape;

use super::yaml::{Child, children, first_indent, list_item, mapping_key};

/// The one-based line of what the pointer leads to, or of the innermost part around it that has a line of its own.
#[must_use]
pub fn line_of(text: &str, pointer: &str) -> Option<usize> {
    let lines: Vec<&str> = text.lines().map(plain).collect();
    let mut block: &[&str] = &lines;
    // What precedes the block that is searched.
    let mut before = 0;
    let mut found = None;
    for step in pointer.split('/').skip(1) {
        let step = unescape(step);
        let Some((offset, length)) = member(block, &step) else {
            break;
        };
        found = Some(before + offset + 1);
        // The line of an item of a list can hold its first member.
        let is_item = block
            .get(offset)
            .is_some_and(|line| list_item(line.trim_start()).is_some());
        let skipped = offset + usize::from(!is_item);
        block = block.get(skipped..offset + length).unwrap_or_default();
        before += skipped;
    }
    found
}

/// A line of JSON without the brace that opens or closes the document.
fn plain(line: &str) -> &str {
    match line {
        "{" | "}" => "",
        line => line,
    }
}

/// Where a member begins in a block, and how many lines it has.
fn member(block: &[&str], step: &str) -> Option<(usize, usize)> {
    let opened: Vec<Cow<'_, str>> = match block.first() {
        Some(first)
            if list_item(first.trim_start()).is_some() && step.parse::<usize>().is_err() =>
        {
            let opened = first.replacen('-', " ", 1);
            let rest = block.iter().skip(1).map(|line| Cow::Borrowed(*line));
            std::iter::once(Cow::Owned(opened)).chain(rest).collect()
        }
        _ => block.iter().map(|line| Cow::Borrowed(*line)).collect(),
    };
    let lines: Vec<&str> = opened.iter().map(|line| &**line).collect();
    let indent = first_indent(&lines)?;
    let index = step.parse::<usize>().ok();
    let is_list = lines
        .iter()
        .any(|line| list_item(line.trim_start()).is_some());
    let (all, at) = match index.filter(|_| is_list) {
        Some(index) => {
            let all = children(&lines, indent, list_item);
            (all, Some(index))
        }
        None => {
            let all = children(&lines, indent, mapping_key);
            let at = all.iter().position(|child| child.key == step);
            (all, at)
        }
    };
    let at = at?;
    let length = |child: &Child<'_>| child.lead.len() + child.body.len();
    let offset: usize = all.iter().take(at).map(length).sum();
    let child = all.get(at)?;
    Some((offset + child.lead.len(), child.body.len()))
}
