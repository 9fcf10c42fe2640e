//! Takes the facts of a new contract into one text of ours.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::{Api, Diagnostics, Document, Lines, Place};
use serde_json::{Value, json};

use super::align::{self, Renames};
use super::edit::Editor;
use super::facts::{self, differing};
use super::write::Style;
use super::{ByHand, Words, prune, rename, theirs, words, yaml};
use crate::change::{Change, Diff};
use crate::compare::diff;
use crate::element::Element;
use crate::rules::Rule;
use crate::schema::schema_api;

/// A round may make further differences visible.
const ROUNDS_MAX: usize = 8;

/// A text of ours that is to be updated.
pub(super) struct Target<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) style: Style,
    pub(super) names: Option<(&'a str, &'a str)>,
}

/// The text with the facts of another contract.
pub(super) struct Updated {
    pub(super) diff: Diff,
    pub(super) renamed: BTreeMap<String, String>,
    pub(super) by_hand: Vec<ByHand>,
    pub(super) words: Vec<Words>,
    pub(super) text: String,
    /// The new contract, with our names for types that have none of their own.
    pub(super) new: Api,
}

impl Target<'_> {
    pub(super) fn update(
        &self,
        ours: &Api,
        theirs: &Api,
        ids: &BTreeMap<String, String>,
    ) -> Result<Updated, Diagnostics> {
        let named = self.with_ids(ours, ours, ids);
        let models = (&**named.model(), &**theirs.model());
        let document = ours.document();
        let mut renames = align::renames(models, (document, &self.style), theirs.document());
        let (text, start) = self.start(ours, &mut renames, ids);
        let new = aliased(theirs, &renames);
        let mut first = diff(ours, &new, self.names)?;
        first
            .changes
            .retain(|it| facts::is_real(it, ours.model(), new.model()));
        let mut end = self.rounds(&start, &new);
        let mut left = diff(&end, &new, self.names)?.changes;
        if let Some(copied) = self.copied(&end, &new, &left) {
            end = copied;
            left = diff(&end, &new, self.names)?.changes;
        }
        left.retain(|it| facts::is_real(it, end.model(), new.model()));
        let text = self.written(&text, &start, &end);
        Ok(Updated {
            by_hand: self.by_hand(&left, &end, &new),
            words: self.words(&text, &start, &end),
            diff: first,
            renamed: renames.ours,
            text,
            new,
        })
    }

    /// Our contract under the new names, as text and as read. Names that cannot be changed there stay.
    fn start(
        &self,
        ours: &Api,
        renames: &mut Renames,
        ids: &BTreeMap<String, String>,
    ) -> (String, Api) {
        let text = rename::renamed(self.text, self.style.definitions(), &renames.ours);
        let parsed = Document::parse(self.file, text.as_bytes());
        let parsed = parsed.ok().filter(|_| !renames.ours.is_empty());
        let read = parsed.and_then(|document| self.reread(ours, document.value));
        let (text, api) = match read {
            Some(api) => (text, api),
            None => {
                renames.ours.clear();
                (self.text.to_owned(), ours.clone())
            }
        };
        (text, self.with_ids(&api, ours, ids))
    }

    /// The contract with new ids of operations, which stand where they do in ours.
    fn with_ids(&self, api: &Api, ours: &Api, ids: &BTreeMap<String, String>) -> Api {
        let mut value = api.document().value.clone();
        for (former, id) in ids {
            let operation = ours.model().operations.get(former);
            let at = operation.and_then(|it| it.place.pointer.as_deref());
            let node = at.and_then(|at| value.pointer_mut(at)?.as_object_mut());
            if let Some(node) = node {
                node.insert("operationId".to_owned(), json!(id));
            }
        }
        self.reread(api, value).unwrap_or_else(|| api.clone())
    }

    /// The contract with another value, if that can be read.
    fn reread(&self, api: &Api, value: Value) -> Option<Api> {
        let document = Document {
            value,
            ..api.document().clone()
        };
        match &self.style {
            Style::OpenApi => Api::from_document(document).ok(),
            Style::JsonSchema(root) => schema_api(document, root).ok(),
        }
    }

    fn rounds(&self, start: &Api, new: &Api) -> Api {
        let (mut api, mut whole) = (start.clone(), false);
        for _ in 0..ROUNDS_MAX {
            let elements = differing(api.model(), new.model());
            if elements.is_empty() {
                break;
            }
            let next = self.round(&api, new, &elements, whole);
            match next.document().value == api.document().value {
                true if whole => break,
                true => whole = true,
                false => api = next,
            }
        }
        // What was unused before stays; what has become unused goes.
        let mut value = api.document().value.clone();
        prune::prune(&start.document().value, &mut value, &self.style);
        self.reread(&api, value).unwrap_or(api)
    }

    /// One round: all elements at once, or, where that gives no contract, those that do one by one.
    fn round(&self, api: &Api, new: &Api, elements: &BTreeSet<Element>, whole: bool) -> Api {
        let mut editor = Editor::new(api, new, &self.style, whole);
        elements.iter().for_each(|element| editor.update(element));
        if let Some(next) = self.reread(api, editor.value) {
            return next;
        }
        let mut kept = api.clone();
        for element in elements {
            let mut editor = Editor::new(&kept, new, &self.style, whole);
            editor.update(element);
            if let Some(next) = self.reread(&kept, editor.value) {
                kept = next;
            }
        }
        kept
    }

    /// The contract with what the model does not keep, such as keywords and headers, copied from the same location.
    fn copied(&self, api: &Api, new: &Api, left: &[Change]) -> Option<Api> {
        if self.style != Style::OpenApi {
            return None;
        }
        let mut kept = None;
        for change in left.iter().filter(|it| it.elements.is_empty()) {
            let now = kept.as_ref().unwrap_or(api);
            let pointer = change.place.pointer.as_deref().unwrap_or_default();
            let source = new.document().value.pointer(pointer);
            let source = source.map(|it| without_prose(&resolved(it, &new.document().value)));
            let known = now.document().value.pointer(pointer);
            let is_ours = known.is_some_and(|known| without_prose(known) != *known);
            let is_part = !is_ours && pointer.starts_with('/');
            let copied = is_part.then(|| self.put(now, pointer, source));
            let copied = copied.flatten().filter(|it| {
                change.rule == Rule::Unread || self.count(it, new) < self.count(now, new)
            });
            kept = copied.or(kept);
        }
        kept
    }

    /// How many changes there are.
    fn count(&self, api: &Api, new: &Api) -> usize {
        diff(api, new, self.names).map_or(usize::MAX, |it| it.changes.len())
    }

    fn put(&self, api: &Api, pointer: &str, source: Option<Value>) -> Option<Api> {
        let mut value = api.document().value.clone();
        match source {
            Some(source) => theirs::insert(&mut value, pointer, source),
            None => theirs::remove(&mut value, pointer),
        }
        self.reread(api, value)
    }

    /// The text with the facts of `end`; `text` has those of `start`, except for ids of operations.
    fn written(&self, text: &str, start: &Api, end: &Api) -> String {
        let before = Document::parse(self.file, text.as_bytes()).map(|it| it.value);
        let before = before.unwrap_or_else(|_| start.document().value.clone());
        let after = &end.document().value;
        match &self.style {
            _ if before == *after => text.to_owned(),
            Style::OpenApi => yaml::update(text, &before, after),
            Style::JsonSchema(_) => {
                let pretty = serde_json::to_string_pretty(after);
                pretty.unwrap_or_default() + "\n"
            }
        }
    }

    fn by_hand(&self, left: &[Change], end: &Api, new: &Api) -> Vec<ByHand> {
        let reported = left.iter().map(|change| self.left_over(change, end, new));
        let elements = differing(end.model(), new.model()).into_iter();
        let silent = elements.filter(|it| !left.iter().any(|change| change.elements.contains(it)));
        let silent = silent.map(|element| ByHand {
            what: format!("{}: another form", facts::label(&element)),
            rule: None,
            ours: Place::file(self.file),
            theirs: Place::file(&*new.document().file),
        });
        reported.chain(silent).collect()
    }

    fn left_over(&self, change: &Change, end: &Api, new: &Api) -> ByHand {
        let pointer = change.place.pointer.clone().unwrap_or_default();
        let nearest = |api: &Api| {
            let mut at = pointer.clone();
            while api.document().value.pointer(&at).is_none() {
                at.truncate(at.rfind('/').unwrap_or_default());
            }
            Place::at(&*api.document().file, at)
        };
        ByHand {
            what: change.to_string(),
            rule: Some(change.rule),
            ours: nearest(end),
            theirs: nearest(new),
        }
    }

    /// What has no words in the new text and had none before by that location, and the values that are new.
    fn words(&self, text: &str, start: &Api, end: &Api) -> Vec<Words> {
        let of = |api: &Api| words::undescribed(&api.document().value, &self.style);
        let lines = Lines::of(text);
        let place = |pointer: &str| Place {
            line: lines.line(pointer),
            ..Place::at(self.file, pointer)
        };
        let (was, is) = (of(start), of(end));
        let parts = is.difference(&was).map(|pointer| Words {
            place: place(pointer),
            value: None,
        });
        let values = words::new_values(start.model(), end.model()).into_iter();
        let values = values.map(|(pointer, value)| Words {
            place: place(&pointer),
            value: Some(value),
        });
        parts.chain(values).collect()
    }
}

fn aliased(theirs: &Api, renames: &Renames) -> Api {
    if renames.theirs.is_empty() {
        return theirs.clone();
    }
    let mut model = (**theirs.model()).clone();
    model.rename_types(&renames.theirs);
    Api::new(theirs.document().clone(), model)
}

/// A value with what it refers to in place of a reference.
fn resolved(value: &Value, document: &Value) -> Value {
    let target = value.get("$ref").and_then(Value::as_str);
    let target = target.and_then(|it| document.pointer(it.strip_prefix('#')?));
    target.unwrap_or(value).clone()
}

/// A value without sentences, which are to be our own.
fn without_prose(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let is_prose = |key: &str, value: &Value| {
                ["description", "summary", "title"].contains(&key) && value.is_string()
            };
            let kept = members.iter().filter(|(key, value)| !is_prose(key, value));
            let kept = kept.map(|(key, value)| (key.clone(), without_prose(value)));
            Value::Object(kept.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_prose).collect()),
        value => value.clone(),
    }
}
