//! Pages, and what of them can be checked: fenced blocks, links, headings.

use std::fs;
use std::path::Path;

use bpx_tests::workspace::root;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A page of Markdown.
pub(crate) struct Page {
    /// Its file, from the root.
    pub(crate) path: String,
    /// Its fenced blocks.
    pub(crate) blocks: Vec<Block>,
    /// Where its links and pictures lead.
    pub(crate) links: Vec<String>,
    /// The anchors of its headings.
    pub(crate) anchors: Vec<String>,
}

/// A fenced block.
pub(crate) struct Block {
    /// The line of its first line.
    pub(crate) line: usize,
    /// The language and what else the fence has.
    pub(crate) info: String,
    /// Its text.
    pub(crate) text: String,
}

/// The README, the pages for contributors, the book, and the pages of the crates.
pub(crate) fn all() -> Vec<Page> {
    let mut paths = Vec::new();
    let is_page = |name: &str| name.ends_with(".md");
    for entry in files(&root()) {
        let folder = root().join(&entry);
        if is_page(&entry) {
            paths.push(entry);
        } else if entry == "docs" {
            below(&folder, &entry, &mut paths);
        } else {
            for page in ["README.md", "src/README.md"] {
                paths.extend(
                    folder
                        .join(page)
                        .exists()
                        .then(|| format!("{entry}/{page}")),
                );
            }
        }
    }
    paths.sort();
    paths.into_iter().map(Page::read).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect()
}

fn below(folder: &Path, name: &str, paths: &mut Vec<String>) {
    for entry in files(folder) {
        let path = format!("{name}/{entry}");
        if folder.join(&entry).is_dir() {
            below(&folder.join(&entry), &path, paths);
        } else if path.ends_with(".md") {
            paths.push(path);
        }
    }
}

impl Page {
    fn read(path: String) -> Self {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        let mut page = Self {
            path,
            blocks: Vec::new(),
            links: Vec::new(),
            anchors: Vec::new(),
        };
        let mut heading = None::<String>;
        let mut is_code = false;
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        for (event, at) in Parser::new_ext(&text, options).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let info = match kind {
                        CodeBlockKind::Fenced(info) => info.to_string(),
                        CodeBlockKind::Indented => "indented".to_owned(),
                    };
                    let line = text[..at.start].lines().count() + 1;
                    page.blocks.push(Block {
                        line,
                        info,
                        text: String::new(),
                    });
                    is_code = true;
                }
                Event::End(TagEnd::CodeBlock) => is_code = false,
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.to_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    page.anchors
                        .extend(heading.take().map(|text| anchor(&text)));
                }
                Event::Text(text) | Event::Code(text) => {
                    let block = page.blocks.last_mut().filter(|_| is_code);
                    if let Some(text_of) = heading.as_mut().or(block.map(|it| &mut it.text)) {
                        text_of.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        page
    }
}

/// The anchor of a heading, as GitHub and mdBook make it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || "-_".contains(c) => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}
