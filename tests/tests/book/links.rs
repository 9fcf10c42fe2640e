//! Every link leads somewhere.

use std::path::{Component, Path, PathBuf};

use bpx_tests::workspace::root;

use super::page::{self, Page};

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_exist() {
    let pages = page::all();
    let mut faults = Vec::new();
    for page in &pages {
        let links = page.links.iter().filter(|link| !link.starts_with("http"));
        faults.extend(links.filter_map(|link| fault(page, link, &pages)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn fault(page: &Page, link: &str, pages: &[Page]) -> Option<String> {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let folder = Path::new(&page.path).parent().unwrap();
    let target = match file {
        "" => PathBuf::from(&page.path),
        file => normal(&folder.join(file)),
    };
    let from = &page.path;
    if !root().join(&target).exists() {
        return Some(format!("{from} links to {link}, which does not exist"));
    }
    // A link that leaves the book works in the repository alone.
    if from.starts_with("docs/") && !target.starts_with("docs") {
        return Some(format!(
            "{from} links to {link}, which is outside of the book"
        ));
    }
    let target = target.to_string_lossy();
    let known = pages.iter().find(|page| page.path == target);
    let is_there =
        anchor.is_empty() || known.is_some_and(|it| it.anchors.iter().any(|it| it == anchor));
    (!is_there).then(|| format!("{from} links to {link}, and there is no such heading"))
}

/// The path without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.into_iter().collect()
}
