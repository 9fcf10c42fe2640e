//! Parts of other files: `{import: NAMESPACE, location: FILE, as: NAME}`, later `{import: …, from: FILE}`.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use bpx_contract::{Cursor, Diagnostics, Document};

/// The sections that can import.
const SECTIONS: [&str; 4] = ["binds", "consumes", "aggregates", "exposes"];
/// How far one import may lead to another.
const CHAIN_MAX: usize = 16;

/// The files that a capability file imports from, directly or through others.
#[derive(Debug, Default)]
pub(super) struct Library(BTreeMap<PathBuf, Result<Document, Diagnostics>>);

/// An item of a section, where it is written, and the name it has here.
pub(super) struct Item<'a> {
    /// What `as` says, or the name of what is imported; the key of a map.
    pub(super) name: Option<String>,
    pub(super) at: Cursor<'a>,
}

/// Why an import leads nowhere.
pub(super) struct Lost {
    pub(super) problem: String,
    pub(super) fix: &'static str,
}

impl Library {
    /// Reads every file that is imported from.
    pub(super) fn of(document: &Document) -> Self {
        let mut this = Self::default();
        let mut waiting = files(document);
        while let Some(file) = waiting.pop() {
            if this.0.contains_key(&file) {
                continue;
            }
            let read = Document::read(&file);
            if let Ok(document) = &read {
                waiting.extend(files(document));
            }
            this.0.insert(file, read);
        }
        this
    }

    /// The item that an import names; the item itself if it is written here.
    pub(super) fn resolved<'a>(
        &'a self,
        mut item: Item<'a>,
        section: &str,
    ) -> Result<Item<'a>, Lost> {
        for _ in 0..CHAIN_MAX {
            if !is_import(&item.at) {
                return Ok(item);
            }
            item = self.target(item, section)?;
        }
        let problem = "this import leads in a circle".to_owned();
        let fix = "import the part from the file that defines it";
        Err(Lost { problem, fix })
    }

    fn target<'a>(&'a self, item: Item<'a>, section: &str) -> Result<Item<'a>, Lost> {
        let lost = |problem, fix| Lost { problem, fix };
        let (Some(wanted), Some(file)) = (item.at.str("import"), location(&item.at)) else {
            let problem = "an import that does not say what from which file".to_owned();
            return Err(lost(
                problem,
                "write `import: <namespace>` and `location: <file>`",
            ));
        };
        let document = match self.0.get(&beside(&item.at.document.file, file)) {
            Some(Ok(document)) => document,
            Some(Err(faults)) => {
                let problem = faults.0.first().map_or("", |fault| &fault.problem);
                let problem = format!("`{file}` cannot be imported: {problem}");
                return Err(lost(problem, "correct the path, or the file"));
            }
            None => {
                let problem = format!("`{file}` is not a file beside this one");
                return Err(lost(problem, "name a file of this computer"));
            }
        };
        let root = Cursor::root(document);
        let inner = root.get("capability");
        let levels = [Some(root), inner].into_iter().flatten();
        let mut items = levels.flat_map(|level| written(&level, section));
        let found = items.find(|found| {
            found.name.as_deref() == Some(wanted) || found.at.str("namespace") == Some(wanted)
        });
        match found {
            Some(found) => Ok(Item {
                name: item.name.or(found.name),
                at: found.at,
            }),
            None => Err(lost(
                format!("`{file}` has no `{wanted}` among its `{section}`"),
                "correct the name",
            )),
        }
    }
}

/// The items of a section, a list or a map.
pub(super) fn written<'a>(level: &Cursor<'a>, section: &str) -> Vec<Item<'a>> {
    let Some(found) = level.get(section) else {
        return Vec::new();
    };
    let named = found.members().into_iter();
    let named = named.map(|(name, at)| (Some(name.to_owned()), at));
    let listed = found.elements().into_iter().map(|at| (None, at));
    let items = named.chain(listed);
    items
        .map(|(name, at)| {
            let imported = at.str("as").or_else(|| at.str("import"));
            let name = imported.map(str::to_owned).or(name);
            Item { name, at }
        })
        .collect()
}

fn is_import(at: &Cursor<'_>) -> bool {
    at.get("import").is_some() || at.get("from").is_some()
}

fn location<'a>(at: &Cursor<'a>) -> Option<&'a str> {
    at.str("location").or_else(|| at.str("from"))
}

/// The files that a document imports from.
fn files(document: &Document) -> Vec<PathBuf> {
    let root = Cursor::root(document);
    let inner = root.get("capability");
    let levels: Vec<_> = [Some(root), inner].into_iter().flatten().collect();
    let items = levels
        .iter()
        .flat_map(|level| SECTIONS.iter().flat_map(|section| written(level, section)));
    let imports = items.filter(|item| is_import(&item.at));
    let named = imports.filter_map(|item| location(&item.at));
    named.map(|file| beside(&document.file, file)).collect()
}

/// A path that is relative to a file, without `.` and `..` in it.
fn beside(file: &str, other: &str) -> PathBuf {
    let other = other.strip_prefix("file://").unwrap_or(other);
    let other = other.strip_prefix("/./").unwrap_or(other);
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let mut path = PathBuf::new();
    for part in folder.join(other).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if path.file_name().is_some() => drop(path.pop()),
            part => path.push(part),
        }
    }
    path
}
