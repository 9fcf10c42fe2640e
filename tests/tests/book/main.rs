//! The README, the book and the pages of the crates: what they show is so, and what they link to is there.

#![cfg(test)]

mod commands;
mod examples;
mod links;
mod page;
mod reference;

use mdbook_driver::MDBook;

use bpx_tests::workspace::{root, target};

#[test]
fn the_book_builds_and_has_every_page() {
    let mut book = MDBook::load(root().join("docs")).unwrap();
    book.config.build.build_dir = target("book");
    book.build().unwrap();
    let summary = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    for page in page::all() {
        let Some(path) = page.path.strip_prefix("docs/") else {
            continue;
        };
        let is_listed = summary.contains(&format!("({path})"));
        assert!(
            is_listed || path == "SUMMARY.md",
            "docs/SUMMARY.md lacks {path}"
        );
        let built = target("book")
            .join(path.replace("README.md", "index.md"))
            .with_extension("html");
        assert!(
            built.exists() || path == "SUMMARY.md",
            "{}",
            built.display()
        );
    }
}
