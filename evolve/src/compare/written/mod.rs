//! A second comparison, of the documents as they are written: it sees every key, also of what the model does not keep.
//!
//! Operations are matched by method and path ([`sites`]). Their schemas are walked side by side, level by level, with
//! references followed and `allOf` put together ([`level`], [`schemas`]), so that it does not matter how a document is
//! arranged. What the walk through the models reports already is not reported again.

mod counts;
mod expanded;
mod keywords;
mod level;
mod media;
mod operation;
mod parameters;
mod relation;
mod schemas;
mod security;
mod union;
mod unused;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::model::Operation;
use bpx_contract::{Api, Cursor, Document, Place};

use self::keywords::Use;
use self::operation::{compare as compare_sites, hooks};
use self::schemas::{Found, Schemas};
use self::walk::{CALL, Root, Walk, rest};
use super::algebra::covers;
use super::drafts::{Draft, Drafts, Known};
use super::sites::{Site, matched, operation, sites};
use super::witness::Probe;
use crate::change::Answer;
use crate::rules::{Class, Rule};
use crate::side::Side;

/// Schemas of bodies that the algebra is asked about. More are left undecided.
const ASKED_MAX: usize = 500;

/// What the comparison of the documents says beside its changes.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) descriptions: usize,
    pub(super) examples: usize,
    pub(super) uncompared: BTreeMap<String, usize>,
    /// Whether the bodies of an operation include each other, where that was asked.
    pub(super) answers: BTreeMap<(String, Side), Answer>,
    /// Operations and directions of which nothing differs that is sent.
    pub(super) silent: BTreeSet<(String, Side)>,
}

/// Adds the changes that no other change is about.
pub(super) fn compare(old: &Api, new: &Api, drafts: &mut Drafts<'_>) -> Written {
    if is_schema(old) || is_schema(new) {
        return Written::default();
    }
    let documents = (old.document().in_2020_12(), new.document().in_2020_12());
    let mut this = Comparing {
        old,
        new,
        schemas: Schemas::default(),
        result: Written::default(),
        asked: BTreeMap::new(),
    };
    this.operations(&documents, drafts);
    this.hooks(&documents, drafts);
    this.root(&documents, drafts);
    let counts = &this.schemas.counts;
    Written {
        descriptions: counts.of(Use::Prose),
        examples: counts.of(Use::Example),
        uncompared: counts.uncompared(),
        ..this.result
    }
}

/// Whether a contract is that of a JSON Schema: its operation is written nowhere.
fn is_schema(api: &Api) -> bool {
    let mut operations = api.model().operations.values();
    operations.any(|it| it.place.pointer.is_none())
}

struct Comparing<'a> {
    old: &'a Api,
    new: &'a Api,
    schemas: Schemas<'a>,
    result: Written,
    asked: BTreeMap<schemas::Key, Answer>,
}

impl<'a> Comparing<'a> {
    fn operations(&mut self, documents: &'a (Document, Document), drafts: &mut Drafts<'_>) {
        let found = matched(
            sites(self.old, &documents.0, "paths"),
            sites(self.new, &documents.1, "paths"),
        );
        for (before, after) in &found.pairs {
            self.pair(before, after, drafts);
        }
        let whole = |document: &Document| Place::file(&*document.file);
        let request = |site: &Site<'_>| format!("{} {}", site.method.to_uppercase(), site.path);
        for site in found
            .removed
            .iter()
            .filter(|it| operation(self.old, it).is_none())
        {
            let places = (site.at.place(), whole(&documents.1));
            let draft = Draft::new(Rule::OperationRemoved, &site.id, places).removed();
            drafts.add(&site.id, Side::Operation, draft.detail(request(site)), None);
        }
        for site in found
            .added
            .iter()
            .filter(|it| operation(self.new, it).is_none())
        {
            let places = (whole(&documents.0), site.at.place());
            let draft = Draft::new(Rule::OperationAdded, &site.id, places);
            drafts.add(&site.id, Side::Operation, draft.detail(request(site)), None);
        }
    }

    fn pair(&mut self, before: &Site<'a>, after: &Site<'a>, drafts: &mut Drafts<'_>) {
        let models = (operation(self.old, before), operation(self.new, after));
        let is_signed =
            |model: &Option<(&str, &Operation)>| model.is_some_and(|(_, it)| it.signing.is_some());
        let is_signed = is_signed(&models.0) || is_signed(&models.1);
        let mut walk = Walk {
            schemas: &mut self.schemas,
            found: Vec::new(),
            roots: Vec::new(),
        };
        compare_sites(&mut walk, CALL, before, after, is_signed);
        let (found, roots) = (walk.found, walk.roots);
        let id = &after.id;
        let is_known = models.0.is_some() && models.1.is_some();
        if !is_known && (before.method, before.path) != (after.method, after.path) {
            let draft = Draft::new(
                Rule::OperationMoved,
                id,
                (before.at.place(), after.at.place()),
            );
            drafts.add(id, Side::Operation, draft, None);
        }
        let found = self.all(found, &roots);
        for side in [Side::Request, Side::Response] {
            if found.iter().all(|(own, _)| *own != side) {
                self.result.silent.insert((id.clone(), side));
            }
            let is_changed =
                drafts.of(id, side).next().is_some() || found.iter().any(|it| it.0 == side);
            if is_changed {
                let answer = self.answer(side, &roots);
                self.result.answers.insert((id.clone(), side), answer);
            }
        }
        merge(id, found, drafts);
    }

    /// What was found outside of schemas and inside of them, in the rules of what they describe.
    fn all(
        &self,
        mut found: Vec<(Side, Found)>,
        roots: &[(Root, schemas::Key)],
    ) -> Vec<(Side, Found)> {
        for (root, key) in roots {
            let inside = self.schemas.found(key).into_iter();
            found.extend(inside.map(|mut it| {
                if *root == Root::Parameter {
                    it.rule = it.rule.of_parameter();
                }
                (key.0, it)
            }));
        }
        found
    }

    /// Whether every body that is sent is still taken. Bodies that cannot be written out are undecided.
    fn answer(&mut self, side: Side, roots: &[(Root, schemas::Key)]) -> Answer {
        let bodies = roots
            .iter()
            .filter(|(root, key)| *root == Root::Body && key.0 == side);
        bodies
            .map(|(_, key)| self.ask(key))
            .max()
            .unwrap_or(Answer::Yes)
    }

    fn ask(&mut self, key: &schemas::Key) -> Answer {
        if let Some(known) = self.asked.get(key) {
            return *known;
        }
        if self.asked.len() >= ASKED_MAX {
            return Answer::Undecided;
        }
        let answer = match self.schemas.found(key).is_empty() {
            true => Answer::Yes,
            false => {
                let (before, after) = self.schemas.written_out(key);
                match key.0 {
                    Side::Response => covers(before.as_ref(), after.as_ref()),
                    _ => covers(after.as_ref(), before.as_ref()),
                }
            }
        };
        self.asked.insert(key.clone(), answer);
        answer
    }

    fn hooks(&mut self, documents: &'a (Document, Document), drafts: &mut Drafts<'_>) {
        let found = matched(
            sites(self.old, &documents.0, "webhooks"),
            sites(self.new, &documents.1, "webhooks"),
        );
        let roots = (Cursor::root(&documents.0), Cursor::root(&documents.1));
        let mut walk = Walk {
            schemas: &mut self.schemas,
            found: Vec::new(),
            roots: Vec::new(),
        };
        hooks(&mut walk, &found, "", (&roots.0, &roots.1));
        let (found, roots) = (walk.found, walk.roots);
        let found = self.all(found, &roots);
        for (side, found) in found {
            drafts.add_to_all(Vec::new(), side, draft(found));
        }
    }

    /// The rest of the documents.
    fn root(&mut self, documents: &'a (Document, Document), drafts: &mut Drafts<'_>) {
        let roots = (Cursor::root(&documents.0), Cursor::root(&documents.1));
        let compared = [
            "components",
            "jsonSchemaDialect",
            "openapi",
            "paths",
            "security",
            "webhooks",
            "$external",
        ];
        rest(&mut self.schemas.counts, &roots.0, &roots.1, &compared);
        for pointer in unused::differing(&documents.0, &documents.1) {
            self.schemas
                .counts
                .add(Use::Annotation, &pointer, "unused components");
        }
        let of = |key: &str| (roots.0.value.get(key), roots.1.value.get(key));
        let changed = |key: &str, rule| {
            let places = (roots.0.place(), roots.1.place());
            let (before, after) = of(key);
            (before != after).then(|| Draft::new(rule, key, places))
        };
        let dialect = changed("jsonSchemaDialect", Rule::Unread);
        let limit = changed("x-rate-limit", Rule::RateLimitChanged);
        let limit = limit.filter(|_| of("x-rate-limit").1.is_some());
        for draft in dialect.into_iter().chain(limit) {
            drafts.add_to_all(Vec::new(), Side::Operation, draft);
        }
    }
}

fn draft(found: Found) -> Draft {
    let is_removed = found.rule.is_removal();
    let probe = match found.rule.class() {
        Class::Values if found.is_provable => Probe::Several,
        _ => Probe::None,
    };
    let draft = Draft::new(found.rule, &found.subject, found.places)
        .detail(found.detail)
        .probe(probe);
    if is_removed { draft.removed() } else { draft }
}

/// Adds what no change says already: one of the same class at the same place or of the same name. Each change says one
/// difference. Where the documents are stricter than the models, the change is judged by the documents.
fn merge(id: &str, found: Vec<(Side, Found)>, drafts: &mut Drafts<'_>) {
    let mut known: Vec<_> = drafts.known(id).into_iter().map(Some).collect();
    let mut left = found;
    for (fits, says_one) in [(is_same as Fits, false), (is_like, true)] {
        let mut open = Vec::new();
        for (side, found) in left {
            let same = |it: &Known| it.fits(side, found.rule) && fits(it, &found);
            let index = known.iter().position(|it| it.as_ref().is_some_and(same));
            let Some(slot) = index.and_then(|index| known.get_mut(index)) else {
                open.push((side, found));
                continue;
            };
            if let Some(it) = slot.take_if(|_| says_one).as_ref().or(slot.as_ref()) {
                let is_stricter = found.rule.verdict() > it.key.1.verdict();
                if is_stricter && found.rule.class() == Class::Values {
                    drafts.judge(id, &it.key, found.rule);
                }
            }
        }
        left = open;
    }
    for (side, found) in left {
        drafts.add(id, side, draft(found), None);
    }
}

type Fits = fn(&Known, &Found) -> bool;

/// Whether a change is the difference: by its name, or by its place and the value or variant that it is about.
fn is_same(known: &Known, found: &Found) -> bool {
    let subject = known.subject();
    let is_here = !known.pointers.is_disjoint(&found.pointers);
    let is_inside = known.is_whole() && found.subject.starts_with(subject);
    subject == found.subject || is_inside || (is_here && item(subject) == item(&found.subject))
}

/// Whether a change may be the difference: the models give inline types names and places of their own.
fn is_like(known: &Known, found: &Found) -> bool {
    let is_here = !known.pointers.is_disjoint(&found.pointers);
    known.key.1 == found.rule && (is_here || item(known.subject()) == item(&found.subject))
}

/// The value or variant that a change is about: `sold` in `Status=sold`, `Dog` in `Animal:Dog`.
fn item(subject: &str) -> Option<&str> {
    let (_, item) = subject.rsplit_once(['=', ':'])?;
    Some(item)
}
