//! Makes any OpenAPI 3.0 or 3.1 document digestible, and turns it into the [`Model`].
//!
//! General rules, no knowledge of one venue: `allOf` decoration is flattened, merged objects are merged,
//! equal inline enums become one named type, discriminated unions are recognised, signing headers become
//! a property of the operation, success bodies and error bodies become one each. Every rewrite is noted.

mod excise;
mod headers;
mod hoist;
mod look;
mod media;
mod object;
mod operation;
mod params;
mod plain;
mod reach;
mod refs;
mod registry;
mod responses;
mod schema;
mod security;
mod signing;
mod streams;
mod structure;
mod tag;
mod union;
mod version;
mod webhooks;

use std::collections::BTreeMap;

pub use self::media::is_json;
pub use self::reach::reached;
use self::registry::Registry;
pub use self::signing::is_signing_header;
pub use self::streams::{WrittenChannel, WrittenStreams, lower_streams, written_streams};
use crate::cursor::Cursor;
use crate::model::{Kind, Loss, LossKind, Model, Note, RateLimit, Shape, TypeDef};
use crate::{Diagnostic, Diagnostics, Document, Place};

/// State of one lowering: what has been defined, noted and found wrong so far.
pub(crate) struct Lowerer<'a> {
    document: &'a Document,
    types: BTreeMap<String, TypeDef>,
    registry: Registry,
    hoisted: hoist::Hoisted,
    notes: Vec<Note>,
    losses: Vec<Loss>,
    /// Losses that may merely follow from one that stands below them.
    consequences: Vec<Loss>,
    /// Why the operation that is being read cannot be called.
    obstacles: Vec<Diagnostic>,
    /// Some operation of the document is signed, so the headers of a signature are no parameters.
    signs: bool,
    /// Types of undeclared properties, by the name of the type that is about to be added.
    extras: BTreeMap<String, Shape>,
}

/// Lowers an OpenAPI document of which nothing may be lost.
///
/// # Errors
/// Everything that is wrong with the document, all at once.
pub fn lower(document: &Document) -> Result<Model, Diagnostics> {
    let model = lower_lossy(document)?;
    let faults = model.losses.iter().map(|loss| loss.diagnostic.clone());
    Diagnostics::or(faults.collect(), model)
}

/// Lowers an OpenAPI document as far as it goes: what cannot be called is left out, what cannot be typed is any JSON
/// value, and [`Model::losses`] says so of each.
///
/// # Errors
/// A document that is no OpenAPI 3, or that has neither an operation nor a webhook.
pub fn lower_lossy(document: &Document) -> Result<Model, Diagnostics> {
    version::check(&Cursor::root(document))?;
    let (document, first) = excise::sound(document, structure::check_openapi);
    let root = Cursor::root(&document);
    let mut this = Lowerer::new(&document);
    this.note_version(&root);
    this.signs = signing::is_declared(&root);
    let security = this.schemes(&root);
    let operations = this.operations(&root);
    let webhooks = this.webhooks(&root);
    if operations.is_empty() && webhooks.is_empty() {
        let place = Place::at(&document.file, "/paths");
        let none = Diagnostic::new(place, "the document has no operation", "add at least one");
        let losses = [first, this.losses].concat();
        let mut faults: Vec<_> = losses.into_iter().map(|loss| loss.diagnostic).collect();
        if faults.is_empty() {
            faults.push(none);
        }
        return Err(Diagnostics::or(faults, ())
            .err()
            .unwrap_or(Diagnostics(Vec::new())));
    }
    this.finish(&root);
    let info = root.get("info").unwrap_or_else(|| root.clone());
    let mut model = Model {
        title: info.text("title"),
        version: version::text(info.value.get("version")),
        doc: info.text("description"),
        server: server(&root),
        rate_limit: this.rate_limit(&root),
        types: this.types,
        aliases: BTreeMap::new(),
        operations,
        webhooks,
        streams: None,
        notes: this.notes,
        losses: Vec::new(),
        security,
    };
    this.hoisted.rename(&mut model);
    params::check(&mut model, &mut this.consequences);
    model.settle_sides();
    Ok(settled(model, first, this.losses, this.consequences))
}

/// Lowers a JSON Schema document on its own, as far as it goes: its definitions, and its root under `name` if that says
/// what a value is. Every type is sent and read.
///
/// # Errors
/// A document that defines no type.
pub fn lower_types(document: &Document, name: &str) -> Result<Model, Diagnostics> {
    let (document, first) = excise::sound(document, structure::check_schema);
    let root = Cursor::root(&document);
    let mut this = Lowerer::new(&document);
    let mut aliases = BTreeMap::new();
    let definitions = root.definitions().into_iter();
    let definitions = definitions.map(|(name, at)| (name.to_owned(), at));
    // A schema that says nothing of its values has a type all the same, if nothing else in it has.
    let is_schema = definitions.len() == 0
        && (root.value.get("$schema").is_some() || root.members().is_empty());
    let whole = (is_schema || !look::is_decoration(&root)).then(|| (name.to_owned(), root.clone()));
    for (name, at) in definitions.chain(whole) {
        if look::defines_type(&at) {
            this.define(&at, &name);
            continue;
        }
        let found = this.use_of(&at, &hoist::Hint::new("", &name));
        if !matches!(found.shape, Shape::Named(_)) {
            aliases.insert(name, found.shape.or_null(found.nullable));
        }
    }
    this.finish(&root);
    let mut model = Model {
        title: root.str("title").unwrap_or(name).to_owned(),
        version: String::new(),
        doc: root.text("description"),
        server: None,
        rate_limit: None,
        types: this.types,
        aliases,
        operations: BTreeMap::new(),
        webhooks: BTreeMap::new(),
        streams: None,
        notes: this.notes,
        losses: Vec::new(),
        security: BTreeMap::new(),
    };
    this.hoisted.rename(&mut model);
    for def in model.types.values_mut() {
        (def.sent, def.read) = (true, true);
    }
    model.notes.sort();
    model.notes.dedup();
    model.losses = together(first, this.losses, this.consequences);
    if model.types.is_empty() && model.aliases.is_empty() {
        let fix = "name a schema with an object, an enumeration or a union";
        let none = Diagnostic::new(
            Place::file(&*document.file),
            "the schema defines no type",
            fix,
        );
        let faults = model.losses.into_iter().map(|loss| loss.diagnostic);
        return Err(Diagnostics(faults.chain([none]).collect()));
    }
    Ok(model)
}

/// Lowers a JSON Schema document: the type of its root, under `name`, with all it reaches.
///
/// # Errors
/// Everything that is wrong with the document, all at once.
pub fn lower_schema(
    document: &Document,
    name: &str,
) -> Result<BTreeMap<String, TypeDef>, Diagnostics> {
    let root = Cursor::root(document);
    let first = [structure::check_schema(&root), refs::check(&root)].concat();
    let first = first
        .into_iter()
        .map(|fault| Loss::new(LossKind::Widened, fault));
    let mut this = Lowerer::new(document);
    this.define(&root, name);
    this.finish(&root);
    let mut types = this.types;
    for def in types.values_mut() {
        for shape in def.shapes_mut() {
            shape.rename(this.hoisted.names());
        }
    }
    let losses = together(first.collect(), this.losses, this.consequences);
    let faults = losses.into_iter().map(|loss| loss.diagnostic);
    Diagnostics::or(faults.collect(), types)
}

impl<'a> Lowerer<'a> {
    fn new(document: &'a Document) -> Self {
        Self {
            document,
            types: BTreeMap::new(),
            registry: Registry::of(&Cursor::root(document)),
            hoisted: hoist::Hoisted::default(),
            notes: Vec::new(),
            losses: Vec::new(),
            consequences: Vec::new(),
            obstacles: Vec::new(),
            signs: false,
            extras: BTreeMap::new(),
        }
    }

    /// Defines what is still waiting, and names the inline enumerations.
    fn finish(&mut self, root: &Cursor<'_>) {
        self.define_waiting();
        self.finish_hoisting(root);
        self.define_waiting();
    }

    fn rate_limit(&mut self, root: &Cursor<'_>) -> Option<RateLimit> {
        let at = root.get("x-rate-limit")?;
        let number = |key| at.get(key).and_then(|number| number.value.as_u64());
        let requests = number("requests").and_then(|requests| u32::try_from(requests).ok());
        match (requests, number("window_ms")) {
            (Some(requests @ 2..), Some(window_ms @ 1..)) => Some(RateLimit {
                requests,
                window_ms,
            }),
            _ => {
                let problem = "the rate limit is not a number of requests in a window";
                let fix =
                    "write it like `{requests: 2000, window_ms: 60000}`, with at least 2 requests";
                self.fault(at.fault(problem, fix));
                None
            }
        }
    }

    fn note(&mut self, at: &Cursor<'_>, text: impl Into<String>) {
        self.notes.push(Note {
            place: at.place(),
            text: text.into(),
            is_loss: false,
        });
    }

    /// A note of something that the types do not say though the document does.
    fn widened(&mut self, at: &Cursor<'_>, text: impl Into<String>) {
        self.notes.push(Note {
            place: at.place(),
            text: text.into(),
            is_loss: true,
        });
    }

    fn lose(&mut self, kind: LossKind, diagnostic: Diagnostic) {
        self.losses.push(Loss { kind, diagnostic });
    }

    /// A fault beside which the value is taken as something wider.
    fn fault(&mut self, fault: Diagnostic) {
        self.lose(LossKind::Widened, fault);
    }

    fn consequence(&mut self, fault: Diagnostic) {
        self.consequences.push(Loss::new(LossKind::Widened, fault));
    }

    /// Records a failure and goes on without the value.
    fn ok<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|fault| self.fault(fault)).ok()
    }

    /// As [`Lowerer::ok`] for what an operation cannot do without.
    fn needed<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|fault| self.obstacles.push(fault)).ok()
    }

    fn add_type(&mut self, at: &Cursor<'_>, name: &str, doc: String, kind: Kind) {
        let def = TypeDef {
            doc,
            kind,
            place: at.place(),
            extra: self.extras.remove(name),
            deprecated: at.flag("deprecated"),
            sent: false,
            read: false,
        };
        self.types.insert(name.to_owned(), def);
    }
}

/// The model with its notes in order, and with what it lacks.
fn settled(mut model: Model, first: Vec<Loss>, later: Vec<Loss>, consequences: Vec<Loss>) -> Model {
    model.notes.sort();
    model.notes.dedup();
    model.losses = together(first, later, consequences);
    model.losses.sort_by(|a, b| a.diagnostic.cmp(&b.diagnostic));
    model.losses.dedup();
    model
}

/// What is wrong with the form of a document, and those later faults that do not merely follow from it.
fn together(first: Vec<Loss>, later: Vec<Loss>, consequences: Vec<Loss>) -> Vec<Loss> {
    let pointer = |loss: &Loss| loss.diagnostic.place.pointer.clone().unwrap_or_default();
    let within = |inner: &Loss, outer: &Loss| {
        let (inner, outer) = (pointer(inner), pointer(outer));
        inner
            .strip_prefix(&outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let own = |fault: &Loss| !first.iter().any(|cause| within(fault, cause));
    let later: Vec<_> = later.into_iter().filter(own).collect();
    let causes: Vec<_> = first.iter().chain(&later).cloned().collect();
    let alone = |fault: &Loss| {
        !causes
            .iter()
            .any(|cause| within(fault, cause) || within(cause, fault))
    };
    let consequences: Vec<_> = consequences.into_iter().filter(alone).collect();
    [causes, consequences].concat()
}

/// The first server's URL, with its variables at their defaults.
fn server(root: &Cursor<'_>) -> Option<String> {
    let server = root.items("servers").into_iter().next()?;
    let url = with_defaults(&server, server.str("url")?.to_owned());
    Some(url).filter(|url| !url.is_empty())
}

/// A server's URL, with its variables at their defaults.
fn with_defaults(server: &Cursor<'_>, mut url: String) -> String {
    for (name, variable) in server.entries("variables") {
        let default = variable.str("default").unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), default);
    }
    url
}
