//! The Rust form of what both documents have: whether it changes although nothing is sent in another way.
//!
//! Names depend on their neighbours, a type on the directions in which it travels, an accessor on all variants of a
//! union, a box on the circle that a type is part of. None of that shows where two parts are compared with each other.

use std::collections::{BTreeMap, BTreeSet};

use bpx_contract::model::{
    Arm, Content, Direction, Field, IntFormat, Kind, Location, Method, Model, Operation, Scheme,
    Shape, TypeDef,
};
use bpx_contract::schema::reached;
use bpx_contract::{Api, OPEN_ARM};

use super::comparison::{Comparison, whole};
use super::drafts::{Draft, Drafts};
use super::surface::Surface;
use crate::rules::Rule;
use crate::side::Side;

/// Adds every such change that no other change explains.
pub(super) fn compare(both: &Comparison<'_>, drafts: &mut Drafts<'_>) {
    let explained = drafts.major();
    clients(both, drafts);
    names(both, drafts);
    streams(both, &explained, drafts);
    let (old, new) = both.types();
    for (name, before) in old {
        if let Some(after) = new.get(name) {
            let users = users(both.new, name);
            for draft in of_type(both, name, (before, after), &explained) {
                drafts.add_to_all(users.clone(), Side::Operation, draft);
            }
        }
    }
}

/// The changes of a type that both documents have.
fn of_type(
    both: &Comparison<'_>,
    name: &str,
    (before, after): (&TypeDef, &TypeDef),
    explained: &BTreeSet<String>,
) -> Vec<Draft> {
    let surfaces = both.surfaces();
    let places = (before.place.clone(), after.place.clone());
    let draft = |subject: &str| Draft::new(Rule::RustSurfaceChanged, subject, places.clone());
    let mut found = Vec::new();
    let types = (surfaces.0.ty(name), surfaces.1.ty(name));
    if types.0 != types.1 {
        found.push(draft(name).lines(Some(types.0), Some(types.1)));
    }
    if std::mem::discriminant(&before.kind) != std::mem::discriminant(&after.kind) {
        found.push(draft(name).detail("it is another kind of type".to_owned()));
        return found;
    }
    let kept = parts(both.new.model(), surfaces.1, name, after);
    for (subject, part) in parts(both.old.model(), surfaces.0, name, before) {
        // A variant can keep its name while its value changes.
        let same = || {
            kept.values()
                .find(|it| it.line.is_some() && it.line == part.line)
        };
        let now = kept.get(&subject).or_else(same);
        let is_same = now.is_some_and(|it| it.line == part.line && it.form == part.form);
        if is_same
            || part
                .explained_by
                .iter()
                .any(|it| is_explained(explained, it))
        {
            continue;
        }
        let line = now.and_then(|it| it.line.clone());
        found.push(match line == part.line {
            true => draft(&subject).detail(part.detail.to_owned()),
            false => draft(&subject).lines(part.line, line),
        });
    }
    for (field, line) in arguments(surfaces.1, name, (before, after)) {
        let subject = format!("{name}.{field}");
        if !is_explained(explained, &subject) {
            found.push(draft(&subject).lines(None, Some(line)));
        }
    }
    let kept = shared(both.new.model(), surfaces.1, after);
    let lost = shared(both.old.model(), surfaces.0, before)
        .into_iter()
        .filter(|(accessor, explained_by)| {
            !kept.contains_key(accessor)
                && !explained_by.iter().any(|it| is_explained(explained, it))
        });
    let lost: Vec<_> = lost
        .map(|(accessor, _)| format!("`{accessor}()`"))
        .collect();
    if !lost.is_empty() {
        let detail = format!("no longer shared by all variants: {}", lost.join(", "));
        found.push(draft(name).detail(detail));
    }
    found
}

/// Whether another change is about a subject, or about its items or values.
fn is_explained(explained: &BTreeSet<String>, subject: &str) -> bool {
    explained.iter().any(|it| {
        let rest = it.strip_prefix(subject);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '{', '=']))
    })
}

/// The operations that use a type.
fn users<'a>(api: &'a Api, name: &str) -> Vec<&'a str> {
    let model = api.model();
    let uses = model.operations.iter().filter(|(_, operation)| {
        let params = operation.params.iter().map(|param| &param.shape);
        reached(&model.types, operation.bodies().chain(params)).contains(name)
    });
    uses.map(|(id, _)| id.as_str()).collect()
}

/// How clients are made, and the credentials that they take.
fn clients(both: &Comparison<'_>, drafts: &mut Drafts<'_>) {
    let (old, new) = (both.old.model(), both.new.model());
    let draft = |subject: &str, detail: String| {
        let places = (whole(both.old), whole(both.new));
        Draft::new(Rule::RustSurfaceChanged, subject, places).detail(detail)
    };
    if !old.signs() && new.signs() {
        let signed = new.operations.iter().filter(|(_, it)| it.signing.is_some());
        let signed = signed.map(|(id, _)| id.as_str()).collect();
        let draft = draft("Client", "`Client::new` takes a signer".to_owned());
        drafts.add_to_all(signed, Side::Operation, draft);
    }
    let kept = credentials(new);
    for (name, (kind, users)) in credentials(old) {
        let detail = match kept.get(name) {
            Some((now, _)) if *now == kind => continue,
            Some(_) => format!("the method that sets `{name}` takes something else"),
            None => format!("the method that sets `{name}` is removed"),
        };
        drafts.add_to_all(users, Side::Operation, draft(name, detail));
    }
}

/// The credentials of a client, by scheme: what each is made of, and the operations that ask for it.
fn credentials(model: &Model) -> BTreeMap<&str, (u8, Vec<&str>)> {
    let mut found = BTreeMap::new();
    for (id, operation) in &model.operations {
        let names: BTreeSet<_> = operation.security.iter().flatten().collect();
        for name in names {
            let kind = match model.security.get(name) {
                None => continue,
                Some(Scheme::Bearer { .. }) => 1,
                Some(Scheme::Basic { .. }) => 2,
                Some(Scheme::ApiKey { .. }) => 3,
            };
            let (_, users) = found.entry(name.as_str()).or_insert((kind, Vec::new()));
            users.push(id.as_str());
        }
    }
    found
}

/// Methods and setters with another name, although id, name and location are the same.
fn names(both: &Comparison<'_>, drafts: &mut Drafts<'_>) {
    let (before, after) = both.surfaces();
    for pair in both.pairs.values() {
        let mut add = |subject: &str, places, old: String, new: String| {
            if old != new {
                let draft = Draft::new(Rule::RustSurfaceChanged, subject, places);
                let draft = draft.lines(Some(old), Some(new));
                drafts.add_to_all(vec![pair.id], Side::Operation, draft);
            }
        };
        if pair.before == pair.id {
            let names = (before.method(pair.before), after.method(pair.id));
            add(pair.id, pair.places(), names.0, names.1);
        }
        for old in &pair.old.params {
            let mut kept = pair.new.params.iter();
            let Some(new) = kept.find(|it| it.is(&old.name, old.location)) else {
                continue;
            };
            let places = (
                both.param_place(pair.old, &old.name, false),
                both.param_place(pair.new, &new.name, true),
            );
            let names = (
                before.param_name(pair.before, old),
                after.param_name(pair.id, new),
            );
            add(&old.name, places, names.0, names.1);
        }
    }
}

/// Lists that can no longer be read row by row.
fn streams(both: &Comparison<'_>, explained: &BTreeSet<String>, drafts: &mut Drafts<'_>) {
    let parts = ["offset", "limit", "headers", "success"];
    if parts.iter().any(|it| explained.contains(*it)) {
        return;
    }
    for pair in both.pairs.values() {
        if has_stream(pair.old) && !has_stream(pair.new) {
            let draft = Draft::new(Rule::RustSurfaceChanged, pair.id, pair.places());
            let draft = draft.detail("`stream` is removed".to_owned());
            drafts.add_to_all(vec![pair.id], Side::Operation, draft);
        }
    }
}

/// Whether the builder of an operation has `stream`: it reads a list in pages, by offset and limit in the query.
fn has_stream(operation: &Operation) -> bool {
    let counts = |name: &str| {
        let mut params = operation.params.iter();
        params.any(|it| {
            let is_count = it.shape == Shape::Integer(IntFormat::Uint64);
            it.is(name, Location::Query) && !it.required && is_count
        })
    };
    let is_list = matches!(operation.success.content, Content::Json(Shape::Array(_)));
    let is_paged = is_list && operation.success.paged() && operation.method == Method::Get;
    is_paged && counts("offset") && counts("limit")
}

/// A part of a type as Rust callers see it.
#[derive(Debug)]
struct Part {
    /// Its line of the public surface, if it has one.
    line: Option<String>,
    /// What else makes it what it is.
    form: String,
    /// The subjects of changes that explain a change of it.
    explained_by: Vec<String>,
    /// What a change of the form alone means.
    detail: &'static str,
}

/// The parts of a type, by the subjects of changes.
fn parts(model: &Model, surface: &Surface, name: &str, def: &TypeDef) -> BTreeMap<String, Part> {
    let mut parts = BTreeMap::new();
    let mut add = |subject: String, line: Option<String>, form: String, explained_by, detail| {
        let part = Part {
            line,
            form,
            explained_by,
            detail,
        };
        parts.insert(subject, part);
    };
    match &def.kind {
        Kind::Object(fields) => {
            for field in fields {
                let subject = format!("{name}.{}", field.name);
                let line = line(surface, name, def, field);
                let form = is_circular(model, name, &field.shape).to_string();
                let ty = field.shape.bottom().named().map(str::to_owned);
                let explained_by = [subject.clone()].into_iter().chain(ty).collect();
                let detail = "it is part of a circle of types, where fields are boxed";
                add(subject, Some(line), form, explained_by, detail);
            }
        }
        Kind::Enum(listed) | Kind::IntegerEnum(listed) => {
            for value in &listed.values {
                let subject = format!("{name}={value}");
                let explained_by = vec![subject.clone()];
                let line = surface.variant(name, value);
                add(subject, Some(line), String::new(), explained_by, "");
            }
            if listed.closed {
                let values: BTreeSet<_> = listed.values.iter().map(String::as_str).collect();
                let form = values.into_iter().collect::<Vec<_>>().join(" ");
                let detail = "a `match` must handle other values";
                add(name.to_owned(), None, form, vec![name.to_owned()], detail);
            }
        }
        Kind::Union(union) => {
            for arm in &union.arms {
                let subject = format!("{name}:{}", arm.value);
                let explained_by = vec![subject.clone()];
                let line = surface.variant(name, &arm.value);
                add(subject, Some(line), String::new(), explained_by, "");
            }
            if union.tag.is_some() {
                let line = Some(format!("{OPEN_ARM}(Value)"));
                add(format!("{name}:*"), line, String::new(), Vec::new(), "");
            }
        }
    }
    if let Some(extra) = &def.extra {
        let detail = "the map of its other properties is removed or has another type";
        add(
            format!("{name}.*"),
            None,
            surface.shape(extra),
            Vec::new(),
            detail,
        );
    }
    parts
}

/// The fields that are new among the arguments of `new`, with their lines.
fn arguments(
    surface: &Surface,
    name: &str,
    (before, after): (&TypeDef, &TypeDef),
) -> Vec<(String, String)> {
    let (Kind::Object(old), Kind::Object(new)) = (&before.kind, &after.kind) else {
        return Vec::new();
    };
    let is_new = |field: &&Field| old.iter().all(|it| it.name != field.name);
    let sent = new.iter().filter(|_| before.sent && after.sent);
    let fields = sent.filter(is_new).map(|it| in_both_directions(after, it));
    let arguments = fields.filter(|it| !it.optional());
    let owner = Shape::Named(name.to_owned());
    arguments
        .map(|it| (it.name.clone(), surface.field(&owner, &it)))
        .collect()
}

/// The line of a field.
fn line(surface: &Surface, owner: &str, def: &TypeDef, field: &Field) -> String {
    surface.field(
        &Shape::Named(owner.to_owned()),
        &in_both_directions(def, field),
    )
}

/// A field as the struct has it: a property of one direction is optional where the type travels the other way too.
fn in_both_directions(def: &TypeDef, field: &Field) -> Field {
    let is_everywhere = match field.direction {
        Direction::Both => true,
        Direction::Read => !def.sent,
        Direction::Write => !def.read,
    };
    let mut field = field.clone();
    field.required &= is_everywhere;
    field
}

/// The accessors of a tagged union, which read what all variants share, and the subjects of changes of these fields.
fn shared(model: &Model, surface: &Surface, def: &TypeDef) -> BTreeMap<String, Vec<String>> {
    let Kind::Union(union) = &def.kind else {
        return BTreeMap::new();
    };
    let lines = |arm: &Arm| -> Option<BTreeMap<String, String>> {
        let Shape::Named(name) = &arm.shape else {
            return None;
        };
        let def = model.types.get(name)?;
        let Kind::Object(fields) = &def.kind else {
            return None;
        };
        let plain = fields
            .iter()
            .filter(|it| !is_circular(model, name, &it.shape));
        let lines = plain.map(|field| {
            let subject = format!("{name}.{}", field.name);
            (line(surface, name, def, field), subject)
        });
        Some(lines.collect())
    };
    let arms = union.arms.iter().filter(|_| union.tag.is_some());
    let Some(arms) = arms.map(lines).collect::<Option<Vec<_>>>() else {
        return BTreeMap::new();
    };
    let Some(first) = arms.first() else {
        return BTreeMap::new();
    };
    let is_shared = |line: &&String| arms.iter().all(|arm| arm.contains_key(*line));
    let accessor = |line: &String| {
        let subjects = arms.iter().filter_map(|arm| arm.get(line).cloned());
        let name = line.split(':').next().unwrap_or_default();
        (name.to_owned(), subjects.collect())
    };
    first.keys().filter(is_shared).map(accessor).collect()
}

/// Whether a type contains itself through this field, without a list or a map between.
fn is_circular(model: &Model, owner: &str, shape: &Shape) -> bool {
    let mut open = vec![shape];
    let mut seen = BTreeSet::new();
    while let Some(shape) = open.pop() {
        match shape {
            Shape::Named(name) if name == owner => return true,
            Shape::Named(name) if seen.insert(name) => {
                let def = model.types.get(name);
                open.extend(def.into_iter().flat_map(|def| def.kind.shapes()));
            }
            Shape::Nullable(inner) => open.push(inner),
            Shape::Tuple(items) => open.extend(items),
            _ => {}
        }
    }
    false
}
