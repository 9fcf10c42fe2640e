//! Matches types by their use: a type of the new document stands where one of ours does, whatever it is called.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bpx_contract::Document;
use bpx_contract::model::{Content, Kind, Model, Operation, Shape, TypeDef, Union};

use super::facts::same_kind;
use super::write::Style;

/// What has to be renamed so that both documents use the same names.
#[derive(Debug, Default)]
pub(super) struct Renames {
    /// Components of ours, with their new names.
    pub(super) ours: BTreeMap<String, String>,
    /// Types of theirs that one document writes without a name, with our names.
    pub(super) theirs: BTreeMap<String, String>,
}

type Partners = BTreeMap<String, BTreeSet<String>>;

/// Types in the same positions of both models.
#[derive(Default)]
struct Pairs {
    ours: Partners,
    theirs: Partners,
}

/// The renames between two models, whose operations have the same ids.
pub(super) fn renames(
    (ours, new): (&Model, &Model),
    (document, style): (&Document, &Style),
    theirs: &Document,
) -> Renames {
    let pairs = pairs(ours, new);
    let is_ours = |name: &str| document.value.pointer(&style.pointer(name)).is_some();
    let is_theirs = |name: &str| {
        let pointer = Style::OpenApi.pointer(name);
        theirs.value.pointer(&pointer).is_some()
    };
    let mut found = Renames::default();
    for (name, partners) in &pairs.ours {
        if let Some(def) = new.types.get(name) {
            // Written out where the component has the same values.
            let copies = partners.iter().filter(|it| *it != name && !is_theirs(it));
            let copies = copies.filter(|it| pairs.is_only(it, name) && is_copy(new, it, def));
            found
                .theirs
                .extend(copies.map(|it| (it.clone(), name.clone())));
            continue;
        }
        let Some(defs) = pairs.alike(name, partners, (ours, new)) else {
            continue;
        };
        let only = partners.first();
        let only = only.filter(|only| partners.len() == 1 && is_ours(name) && is_theirs(only));
        match only {
            Some(only) if is_ours(only) || ours.types.contains_key(only) => {}
            Some(only) => drop(found.ours.insert(name.clone(), only.clone())),
            None if !defs.windows(2).all(same_def) => {}
            None => {
                let aliases = partners.iter().map(|it| (it.clone(), name.clone()));
                found.theirs.extend(aliases);
            }
        }
    }
    found
}

fn same_def(pair: &[&TypeDef]) -> bool {
    match pair {
        [a, b] => same_kind(&a.kind, &b.kind),
        _ => true,
    }
}

fn is_copy(new: &Model, name: &str, def: &TypeDef) -> bool {
    let copy = new.types.get(name);
    copy.is_some_and(|copy| same_kind(&copy.kind, &def.kind))
}

impl Pairs {
    /// Whether a type of theirs stands nowhere but where `name` does.
    fn is_only(&self, theirs: &str, name: &str) -> bool {
        let back = self.theirs.get(theirs);
        back.is_some_and(|back| back.len() == 1 && back.contains(name))
    }

    /// The types that stand where `name` does, if they stand nowhere else and are like it.
    fn alike<'a>(
        &self,
        name: &str,
        partners: &BTreeSet<String>,
        (ours, new): (&Model, &'a Model),
    ) -> Option<Vec<&'a TypeDef>> {
        let known = ours.types.get(name)?;
        let is_free = |it: &String| it != name && self.is_only(it, name);
        if !partners.iter().all(is_free) {
            return None;
        }
        let defs = partners.iter().map(|it| new.types.get(it));
        let defs: Vec<_> = defs.collect::<Option<_>>()?;
        let all = defs.iter().all(|def| is_like(&known.kind, &def.kind));
        all.then_some(defs)
    }
}

/// Whether two types are of one kind and share something, so that one can have become the other.
fn is_like(one: &Kind, other: &Kind) -> bool {
    match (one, other) {
        (Kind::Object(a), Kind::Object(b)) => {
            (a.is_empty() && b.is_empty()) || a.iter().any(|a| b.iter().any(|b| a.name == b.name))
        }
        (Kind::Enum(a), Kind::Enum(b)) => a.values.iter().any(|it| b.values.contains(it)),
        (Kind::IntegerEnum(_), Kind::IntegerEnum(_)) => true,
        (Kind::Union(a), Kind::Union(b)) => a.statuses.is_empty() == b.statuses.is_empty(),
        _ => false,
    }
}

fn pairs(ours: &Model, new: &Model) -> Pairs {
    let mut open = VecDeque::new();
    for (id, known) in &ours.operations {
        if let Some(operation) = new.operations.get(id) {
            positions(known, operation, &mut open);
        }
    }
    let mut pairs = Pairs::default();
    while let Some((a, b)) = open.pop_front() {
        match (a, b) {
            (Shape::Named(a), Shape::Named(b)) => {
                let partners = pairs.ours.entry(a.clone()).or_default();
                if partners.insert(b.clone()) {
                    let back = pairs.theirs.entry(b.clone()).or_default();
                    back.insert(a.clone());
                    members((ours, a), (new, b), &mut open);
                }
            }
            (Shape::Nullable(a), b) => open.push_back((a, b)),
            (a, Shape::Nullable(b)) => open.push_back((a, b)),
            (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) => {
                open.extend(a.parts().into_iter().zip(b.parts()));
            }
            _ => {}
        }
    }
    pairs
}

type Open<'a> = VecDeque<(&'a Shape, &'a Shape)>;

/// The shapes in the same positions of two operations.
fn positions<'a>(ours: &'a Operation, new: &'a Operation, open: &mut Open<'a>) {
    for param in &new.params {
        let mut params = ours.params.iter();
        let known = params.find(|it| it.is(&param.name, param.location));
        open.extend(known.map(|known| (&known.shape, &param.shape)));
    }
    let sent = ours.body.as_ref().zip(new.body.as_ref());
    open.extend(sent.map(|(a, b)| (&a.shape, &b.shape)));
    let contents = |a: &'a Content, b: &'a Content| a.json().zip(b.json());
    open.extend(contents(&ours.success.content, &new.success.content));
    open.extend(ours.error.as_ref().zip(new.error.as_ref()));
    for failure in &new.errors {
        let mut failures = ours.errors.iter();
        let known = failures.find(|it| it.status == failure.status);
        open.extend(known.and_then(|known| contents(&known.content, &failure.content)));
    }
}

/// The shapes in the same positions of two types.
fn members<'a>((ours, a): (&'a Model, &str), (new, b): (&'a Model, &str), open: &mut Open<'a>) {
    let (Some(a), Some(b)) = (ours.types.get(a), new.types.get(b)) else {
        return;
    };
    open.extend(a.extra.as_ref().zip(b.extra.as_ref()));
    match (&a.kind, &b.kind) {
        (Kind::Object(a), Kind::Object(b)) => {
            let find = |name: &str| a.iter().find(|it| it.name == name);
            let both = b.iter().filter_map(|b| Some((find(&b.name)?, b)));
            open.extend(both.map(|(a, b)| (&a.shape, &b.shape)));
        }
        (Kind::Union(a), Kind::Union(b)) => arms(a, b, open),
        _ => {}
    }
}

/// Arms by the value of their tag, else by position, since their names are those of their types.
fn arms<'a>(a: &'a Union, b: &'a Union, open: &mut Open<'a>) {
    let is_tagged = a.tag.is_some() && b.tag.is_some();
    for (index, arm) in b.arms.iter().enumerate() {
        let same = a.arms.iter().find(|it| it.value == arm.value);
        let by_index = || (!is_tagged && a.arms.len() == b.arms.len()).then(|| a.arms.get(index));
        let known = same.or_else(|| by_index().flatten());
        open.extend(known.map(|known| (&known.shape, &arm.shape)));
    }
}
