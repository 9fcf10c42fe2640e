//! What all parts of a capability file are read with: keys, names, texts, and where complaints go.

use std::collections::BTreeSet;

use super::imports::{self, Item, Library};
use super::keys::{self, Keys, Style};
use super::model::{Bind, Capability};
use super::template::Template;
use super::warning::{Rule, Warning};
use super::{Read, resolve};
use bpx_contract::Cursor;
use bpx_contract::kind;
use bpx_contract::{Diagnostic, Diagnostics};

/// The versions this reader was written for.
const VERSIONS: [(Style, &str, &str); 2] = [
    (Style::Lists, "naftiko", "1.0.0-alpha2"),
    (Style::Maps, "ikanos", "1.0.0-beta5"),
];

/// State of one reading.
pub(super) struct Reader<'l> {
    pub(super) style: Style,
    library: &'l Library,
    version: String,
    pub(super) binds: Vec<Bind>,
    /// Variables that some template refers to, by their bind's namespace.
    used: BTreeSet<(String, String)>,
    warnings: Vec<Warning>,
    faults: Vec<Diagnostic>,
}

impl<'l> Reader<'l> {
    /// Finds out which style the file is written in.
    pub(super) fn new(root: &Cursor<'_>, library: &'l Library) -> Result<Self, Diagnostics> {
        let declared = VERSIONS
            .iter()
            .find_map(|(style, key, known)| Some((*style, root.get(key)?, *known)));
        let Some((style, at, known)) = declared else {
            return Err(Diagnostics::one(
                root.place(),
                "this is no capability file: it has neither `naftiko` nor `ikanos`",
                "begin it with `naftiko: 1.0.0-alpha2`",
            ));
        };
        let version = at.value.as_str().unwrap_or_default().to_owned();
        let mut this = Self {
            style,
            library,
            version,
            binds: Vec::new(),
            used: BTreeSet::new(),
            warnings: Vec::new(),
            faults: Vec::new(),
        };
        if this.version != known {
            let problem = format!("version {} is not known here", at.value);
            let reading = format!("as far as it agrees with {known}");
            this.warn(&at, Rule::Version, problem, &reading);
        }
        Ok(this)
    }

    pub(super) fn finish(mut self, mut capability: Capability) -> Result<Read, Diagnostics> {
        for bind in &self.binds {
            for name in bind.keys.keys() {
                let variable = (bind.namespace.clone(), name.clone());
                if !self.used.contains(&variable) {
                    self.warnings.push(Warning {
                        place: bind.place.clone(),
                        rule: Rule::UnusedVariable,
                        problem: format!("the variable `{name}` is bound, and used nowhere"),
                        reading: reading_of_unused(name).to_owned(),
                    });
                }
            }
        }
        capability.version = self.version;
        capability.binds = self.binds;
        self.warnings.sort();
        self.warnings.dedup();
        // What several routes and tools refer to is read for each of them.
        let mut faults: Vec<Diagnostic> = Vec::new();
        for fault in self.faults {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        Diagnostics::or(
            faults,
            Read {
                capability,
                warnings: self.warnings,
            },
        )
    }

    pub(super) fn fault(&mut self, at: &Cursor<'_>, problem: impl Into<String>, fix: &str) {
        self.faults.push(at.fault(problem, fix));
    }

    pub(super) fn warn(
        &mut self,
        at: &Cursor<'_>,
        rule: Rule,
        problem: impl Into<String>,
        reading: &str,
    ) {
        self.warnings.push(Warning {
            place: at.place(),
            rule,
            problem: problem.into(),
            reading: reading.to_owned(),
        });
    }

    /// Warns, once, of the keys that the declared version does not know here.
    pub(super) fn keys(&mut self, at: &Cursor<'_>, known: &Keys) {
        let Some(members) = at.value.as_object() else {
            return;
        };
        let unknown = members.keys().filter(|key| !known.has(self.style, key));
        let unknown: Vec<_> = unknown.map(|key| format!("`{key}`")).collect();
        if !unknown.is_empty() {
            let problem = format!("{} has no {}", known.what, unknown.join(", "));
            self.warn(
                at,
                Rule::Key,
                problem,
                "what is understood is kept, the rest left out",
            );
        }
    }

    /// The text at `key`; anything else there is a fault.
    pub(super) fn text(&mut self, at: &Cursor<'_>, key: &str) -> Option<String> {
        let found = at.get(key)?;
        match found.value.as_str() {
            Some(text) => Some(text.trim().to_owned()),
            None => {
                let problem = format!("`{key}` is {}, not a text", kind(found.value));
                self.fault(&found, problem, "write a text");
                None
            }
        }
    }

    pub(super) fn text_or_empty(&mut self, at: &Cursor<'_>, key: &str) -> String {
        self.text(at, key).unwrap_or_default()
    }

    /// The text at `key`, which has to be there and say something.
    pub(super) fn needed(&mut self, at: &Cursor<'_>, key: &str, what: &str) -> Option<String> {
        let text = if at.get(key).is_some() {
            self.text(at, key)?
        } else {
            String::new()
        };
        if text.is_empty() {
            self.fault(at, format!("{what} has no `{key}`"), "add it");
            return None;
        }
        Some(text)
    }

    pub(super) fn flag(&mut self, at: &Cursor<'_>, key: &str) -> Option<bool> {
        let found = at.get(key)?;
        let flag = found.value.as_bool();
        if flag.is_none() {
            let problem = format!("`{key}` is {}, not a boolean", kind(found.value));
            self.fault(&found, problem, "write `true` or `false`");
        }
        flag
    }

    /// The items of a section, written here or imported.
    pub(super) fn section<'a>(&mut self, at: &Cursor<'a>, key: &str) -> Vec<Item<'a>>
    where
        'l: 'a,
    {
        let Some(list) = at.get(key) else {
            return Vec::new();
        };
        if !list.value.is_array() && !list.value.is_object() {
            let problem = format!("`{key}` is {}, not a list", kind(list.value));
            self.fault(&list, problem, "write a list");
        }
        let mut items = Vec::new();
        for item in imports::written(at, key) {
            let at = item.at.clone();
            if self.objects(vec![at.clone()]).is_empty() {
                continue;
            }
            match self.library.resolved(item, key) {
                Ok(item) => items.push(item),
                Err(lost) => self.fault(&at, lost.problem, lost.fix),
            }
        }
        items
    }

    /// What an item of a section is called here.
    pub(super) fn namespace(&mut self, item: &Item<'_>, what: &str) -> Option<String> {
        match &item.name {
            Some(name) => Some(name.clone()),
            None => self.needed(&item.at, "namespace", what),
        }
    }

    /// The named things at `key`: a list of objects with a `name`, or a map keyed by it.
    pub(super) fn named<'a>(&mut self, at: &Cursor<'a>, key: &str) -> Vec<(String, Cursor<'a>)> {
        let Some(found) = at.get(key) else {
            return Vec::new();
        };
        if !found.value.is_array() && !found.value.is_object() {
            let problem = format!("`{key}` is {}, not a list", kind(found.value));
            self.fault(&found, problem, "write a list");
            return Vec::new();
        }
        if found.value.is_array() != (self.style == Style::Lists) {
            let problem = format!("`{key}` is {}", kind(found.value));
            self.warn(
                &found,
                Rule::Style,
                problem,
                "as if it were in the declared version's style",
            );
        }
        if found.value.is_object() {
            let members = found.members();
            self.objects(members.iter().map(|(_, item)| item.clone()).collect());
            let named = members
                .into_iter()
                .filter(|(_, item)| item.value.is_object());
            return named.map(|(name, item)| (name.to_owned(), item)).collect();
        }
        let items = self.objects(found.elements());
        let named = items.into_iter();
        named
            .map(|item| (self.text_or_empty(&item, "name"), item))
            .collect()
    }

    /// The objects among the values; anything else is a fault.
    fn objects<'a>(&mut self, items: Vec<Cursor<'a>>) -> Vec<Cursor<'a>> {
        let (objects, others): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|item| item.value.is_object());
        for other in others {
            let problem = format!("this is {}, not an object", kind(other.value));
            self.fault(&other, problem, "write an object, or remove it");
        }
        objects
    }

    /// A name that has to be there, and new in its scope.
    pub(super) fn unique(
        &mut self,
        at: &Cursor<'_>,
        name: &str,
        what: &str,
        taken: &mut BTreeSet<String>,
    ) {
        if name.is_empty() {
            self.fault(at, format!("{what} has no name"), "give it a `name`");
        } else if !taken.insert(name.to_owned()) {
            let problem = format!("two {what}s are called `{name}`");
            self.fault(at, problem, "rename one of the two");
        } else if !is_identifier(name) {
            let problem =
                format!("the name `{name}` has characters other than letters, digits and hyphens");
            self.warn(at, Rule::Name, problem, "as it is written");
        }
    }

    /// A text with references to variables, each of which some bind declares.
    pub(super) fn template(&mut self, at: &Cursor<'_>, key: &str) -> Option<Template> {
        let text = self.text(at, key)?;
        let place = at.get(key).unwrap_or_else(|| at.clone());
        let template = match Template::parse(&text) {
            Ok(template) => template,
            Err(problem) => {
                self.fault(&place, problem, "write `{{namespace.VARIABLE}}`");
                return None;
            }
        };
        for (namespace, name) in template.variables() {
            let declaring = self.binds.iter().filter(|bind| {
                bind.keys.contains_key(name) && namespace.is_none_or(|it| it == bind.namespace)
            });
            let declaring: Vec<_> = declaring.map(|bind| bind.namespace.clone()).collect();
            let shown = resolve::shown(namespace, name);
            match declaring.as_slice() {
                [] => self.faults.push(place.fault(
                    format!("no bind declares the variable `{shown}`"),
                    "add it to the `keys` of a bind, or correct the reference",
                )),
                [one] => drop(self.used.insert((one.clone(), name.to_owned()))),
                _ => self.faults.push(place.fault(
                    format!("several binds declare the variable `{shown}`"),
                    "write the namespace of one before it",
                )),
            }
        }
        Some(template)
    }

    /// `info`, which is for people.
    pub(super) fn info(&mut self, root: &Cursor<'_>) -> (String, String) {
        let Some(info) = root.get("info") else {
            return (String::new(), String::new());
        };
        self.keys(&info, &keys::INFO);
        let title = self.text(&info, "label");
        let title = title.or_else(|| self.text(&info, "display"));
        (
            title.unwrap_or_default(),
            self.text_or_empty(&info, "description"),
        )
    }
}

fn reading_of_unused(name: &str) -> &'static str {
    if name.ends_with("_SECRET") {
        "the seed that requests are signed with"
    } else {
        "as not there"
    }
}

fn is_identifier(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}
