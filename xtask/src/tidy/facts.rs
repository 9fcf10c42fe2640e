//! No generic crate contains a fact about the venue: what it needs to know comes from the contract or the venue crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bpx_contract::model::{Kind, Location};
use bpx_contract::{Api, Document};

/// The crates that know any API and no venue.
const GENERIC: [&str; 11] = [
    "arazzo",
    "capability",
    "codegen",
    "conformance",
    "contract",
    "dispatch",
    "evolve",
    "gateway",
    "recording",
    "runtime",
    "workflow",
];

/// Facts that a file has to know, and why; a row that no file needs any more is a fault.
const EXEMPT: [(&str, &str, &str); 9] = [
    (SCHEME, "x-api-key", WRITTEN_AS_PARAMETERS),
    (SCHEME, "x-signature", WRITTEN_AS_PARAMETERS),
    (SCHEME, "x-timestamp", WRITTEN_AS_PARAMETERS),
    (SCHEME, "x-window", WRITTEN_AS_PARAMETERS),
    (PAGES, "x-page-count", OWN_HEADERS),
    (PAGES, "x-current-page", OWN_HEADERS),
    (PAGES, "x-page-size", OWN_HEADERS),
    (PAGES, "x-total", OWN_HEADERS),
    (
        "contract/src/names/rule.rs",
        "\"New\"",
        "a type of generated code",
    ),
];
const SCHEME: &str = "contract/src/lower/signing.rs";
const WRITTEN_AS_PARAMETERS: &str =
    "documents write the signature as parameters, which are not arguments";
const PAGES: &str = "gateway/src/rest/headers.rs";
const OWN_HEADERS: &str = "headers of the gateway's own responses";

/// Headers of the signature and of pages, which the contract leaves to the signer and to readers.
const HEADERS: [&str; 8] = [
    "X-API-KEY",
    "X-SIGNATURE",
    "X-TIMESTAMP",
    "X-WINDOW",
    "X-PAGE-COUNT",
    "X-CURRENT-PAGE",
    "X-PAGE-SIZE",
    "X-TOTAL",
];

/// The facts that stand in generic crates, each as one fault.
pub(super) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let facts = Facts::read(root)?;
    let mut faults = Vec::new();
    let mut needed = BTreeSet::new();
    for name in GENERIC {
        for file in sources(&root.join(name).join("src"))? {
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let shown = file
                .strip_prefix(root)
                .unwrap_or(&file)
                .display()
                .to_string();
            let shown = shown.replace('\\', "/");
            for (line, fact) in facts.found(&text) {
                let exempt = EXEMPT
                    .iter()
                    .find(|(file, known, _)| *file == shown && *known == fact);
                match exempt {
                    Some(row) => drop(needed.insert(row)),
                    None => faults.push(format!(
                        "{shown}:{line}: `{fact}` is a fact about the venue\n  fix: read it from the contract, or ask the venue crate"
                    )),
                }
            }
        }
    }
    let stale = EXEMPT.iter().filter(|row| !needed.contains(row));
    faults.extend(stale.map(|(file, fact, _)| {
        format!("{file}: the exemption of `{fact}` is no longer needed\n  fix: delete it")
    }));
    Ok(faults)
}

/// What no generic crate may contain.
struct Facts {
    /// Names that may stand nowhere, not even in comments.
    words: Vec<String>,
    /// Values that are ordinary words, and facts only in quotes.
    quoted: Vec<String>,
}

impl Facts {
    fn read(root: &Path) -> anyhow::Result<Self> {
        let file = root.join("openapi/backpack-order.openapi.yaml");
        let api = Api::from_document(Document::read(&file)?)?;
        let described: Vec<_> = api.operations().filter_map(|it| it.described()).collect();
        let instructions = described.iter().filter_map(|it| it.signing.as_ref());
        let headers = described.iter().flat_map(|it| &it.params);
        let headers = headers.filter(|param| param.location == Location::Header);
        let ids = api.operations().map(|operation| operation.id.clone());
        let words = ids
            .chain(instructions.map(|signing| signing.instruction.clone()))
            .chain(headers.map(|header| header.name.clone()))
            .chain(HEADERS.map(str::to_owned))
            .chain(["backpack".to_owned()]);
        let words: BTreeSet<_> = words.map(|word| word.to_lowercase()).collect();
        let states = api.model().types.get("OrderStatus").map(|def| &def.kind);
        let Some(Kind::Enum(states)) = states else {
            anyhow::bail!("{}: there is no enumeration `OrderStatus`", file.display());
        };
        Ok(Self {
            words: words.into_iter().collect(),
            quoted: states
                .values
                .iter()
                .map(|state| format!("\"{state}\""))
                .collect(),
        })
    }

    /// The facts of a text with their lines. Unit tests, at its end, may use any example.
    fn found<'a>(&'a self, text: &str) -> Vec<(usize, &'a str)> {
        let mut found = Vec::new();
        let code = text.split("\n#[cfg(test)]\nmod ").next();
        for (number, line) in (1..).zip(code.unwrap_or_default().lines()) {
            let lower = line.to_lowercase();
            let words = self.words.iter().filter(|word| has_word(&lower, word));
            let quoted = self
                .quoted
                .iter()
                .filter(|value| line.contains(value.as_str()));
            found.extend(words.chain(quoted).map(|fact| (number, fact.as_str())));
        }
        found
    }
}

/// Whether the word stands in the line, not as a part of another.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut matches = line.match_indices(word);
    matches.any(|(at, _)| {
        let before = line.get(..at).and_then(|it| it.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|it| it.chars().next());
        !is_part(before) && !is_part(after)
    })
}

fn sources(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fact_is_found_and_ordinary_words_are_not() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let facts = Facts::read(&root).unwrap();
        for text in [
            "fn get_order() {}",
            "// the instruction orderExecute",
            "headers.get(\"x-window\")",
            "const KEY: &str = \"X-BROKER-KEY\";",
            "matches!(status, \"PartiallyFilled\")",
            "//! Orders on Backpack.",
        ] {
            assert_eq!(facts.found(text).len(), 1, "{text}");
        }
        for text in [
            "let order = New::Filled;",
            "get_orders_of_magnitude",
            "x-windows",
            "New",
            "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    // get_order\n}",
        ] {
            assert_eq!(facts.found(text), [], "{text}");
        }
    }
}
