//! A second comparison, of the documents as they are written: it sees every key, also of what the model does not keep.
//!
//! Operations are matched by method and path ([`sites`]). Their schemas are walked side by side, level by level, with
//! references followed and `allOf` put together ([`level`], [`schemas`]), so that it does not matter how a document is
//! arranged. What the walk through the models reports already is not reported again.

mod counts;
mod expanded;
mod headers;
mod keywords;
mod level;
mod media;
mod merge;
mod operation;
mod parameters;
mod relation;
mod schemas;
mod security;
mod unchanged;
mod union;
mod unused;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::model::Operation;
use bpx_contract::{Api, Cursor, Document, Place};

use self::keywords::Use;
use self::merge::{draft, merge};
use self::operation::{compare as compare_sites, hooks};
use self::schemas::{Found, Schemas};
use self::unchanged::Unchanged;
use self::walk::{CALL, Root, Walk, rest};
use super::algebra::covers;
use super::drafts::{Draft, Drafts};
use super::sites::{Site, matched, operation, sites};
use crate::change::Answer;
use crate::rules::{Rule, Verdict};
use crate::side::Side;

/// How much text of schemas the algebra is asked about, those of bodies with changes first. More is left undecided.
const ASKED_BYTES_MAX: usize = 1024 * 1024;

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
        schemas: Schemas::new(Unchanged::of(&documents.0, &documents.1)),
        result: Written::default(),
        roots: BTreeMap::new(),
        asked: BTreeMap::new(),
        asked_bytes: 0,
    };
    this.operations(&documents, drafts);
    this.answers(drafts);
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
    /// The pairs of schemas of each operation.
    roots: BTreeMap<String, Vec<(Root, schemas::Key)>>,
    asked: BTreeMap<schemas::Key, Answer>,
    asked_bytes: usize,
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
            let of_side = roots.iter().filter(|(_, key)| key.0 == side);
            let is_same = of_side
                .into_iter()
                .all(|(_, key)| self.schemas.is_same(key));
            if is_same && found.iter().all(|(own, _)| *own != side) {
                self.result.silent.insert((id.clone(), side));
            }
        }
        merge(id, found, drafts);
        self.roots.insert(id.clone(), roots);
    }

    /// Asks about the bodies of every operation with changes: first where one of them may break.
    fn answers(&mut self, drafts: &Drafts<'_>) {
        let roots = std::mem::take(&mut self.roots);
        let sides = [Side::Request, Side::Response];
        let all = roots.keys().flat_map(|id| sides.map(|side| (id, side)));
        let changed = all.filter(|(id, side)| drafts.of(id, *side).next().is_some());
        let mut changed: Vec<_> = changed.collect();
        let is_safe = |id: &str, side| {
            drafts
                .of(id, side)
                .all(|rule| rule.verdict() == Verdict::Safe)
        };
        changed.sort_by_key(|(id, side)| is_safe(id, *side));
        for (id, side) in changed {
            let answer = self.answer(side, roots.get(id).map_or(&[], Vec::as_slice));
            self.result.answers.insert((id.clone(), side), answer);
        }
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
        let answer = match self.schemas.is_same(key) {
            true => Answer::Yes,
            false if self.asked_bytes >= ASKED_BYTES_MAX => Answer::Undecided,
            false => {
                let (before, after) = self.schemas.written_out(key);
                let texts =
                    [&before, &after].map(|it| it.as_ref().map_or(0, |it| it.to_string().len()));
                self.asked_bytes += texts.iter().sum::<usize>();
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
