//! The outer form of a document: where a list, an object or a text belongs, one stands.
//!
//! Lowering looks for what it needs and passes over the rest; without this check it would pass over
//! `paths` written as a list as well.

use serde_json::Value;

use self::Form::{Flag, List, Number, Object, Schema, Schemas, Text, Texts};
use self::Part::{
    Anything, Component, Components, Header, MediaType, Operation, Parameter, PathItem, Paths,
    Response, Responses, SchemaNode, Security, Server,
};
use crate::Diagnostic;
use crate::cursor::Cursor;
use crate::load::kind;

/// What a value has to be.
#[derive(Debug, Clone, Copy)]
enum Form {
    Object,
    List,
    Text,
    Flag,
    Number,
    /// A text or a list of texts.
    Texts,
    /// An object or a boolean.
    Schema,
    /// A schema, or a list of them (before 2020-12).
    Schemas,
}

/// A kind of object in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Anything,
    Document,
    Streams,
    StreamComponents,
    Info,
    RateLimit,
    Server,
    Components,
    /// The components of one kind.
    Component(&'static Part),
    Paths,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    Responses,
    Response,
    Header,
    Content,
    MediaType,
    Security,
    SecurityScheme,
    SchemaNode,
    Discriminator,
}

/// A member: its key (`*` for every other), its form, and what its value, or each item of it, is.
type Member = (&'static str, Form, Part);

/// Faults in the form of an OpenAPI document.
pub(super) fn check_openapi(root: &Cursor<'_>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    if root.get("paths").is_none() && root.get("webhooks").is_none() {
        faults.push(root.fault(
            "the document has no `paths`",
            "add the operations under `paths`",
        ));
    }
    walk(root, Part::Document, &mut faults);
    faults
}

/// Faults in the form of an AsyncAPI document.
pub(super) fn check_streams(root: &Cursor<'_>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    walk(root, Part::Streams, &mut faults);
    faults
}

/// Faults in the form of a JSON Schema.
pub(super) fn check_schema(root: &Cursor<'_>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    walk(root, SchemaNode, &mut faults);
    faults
}

fn members(part: Part) -> &'static [Member] {
    match part {
        Anything => &[],
        Part::Document => &[
            ("info", Object, Part::Info),
            ("servers", List, Server),
            ("paths", Object, Paths),
            ("components", Object, Components),
            ("security", List, Security),
            ("x-rate-limit", Object, Part::RateLimit),
        ],
        Part::Streams => STREAMS,
        Part::StreamComponents => STREAM_COMPONENTS,
        Part::Info => &[("title", Text, Anything), ("description", Text, Anything)],
        Part::RateLimit => &[
            ("requests", Number, Anything),
            ("window_ms", Number, Anything),
        ],
        Server => &[
            ("url", Text, Anything),
            ("variables", Object, Component(&Anything)),
        ],
        Components => &[
            ("schemas", Object, Component(&SchemaNode)),
            ("parameters", Object, Component(&Parameter)),
            ("requestBodies", Object, Component(&Part::RequestBody)),
            ("responses", Object, Component(&Response)),
            ("headers", Object, Component(&Header)),
            ("securitySchemes", Object, Component(&Part::SecurityScheme)),
        ],
        Component(SchemaNode) => &[("*", Schema, SchemaNode)],
        Component(part) => each(part),
        Paths => &[("*", Object, PathItem)],
        PathItem => PATH_ITEM,
        Operation => OPERATION,
        Parameter => &[
            ("name", Text, Anything),
            ("in", Text, Anything),
            ("required", Flag, Anything),
            ("description", Text, Anything),
            ("schema", Schema, SchemaNode),
        ],
        Part::RequestBody => &[
            ("description", Text, Anything),
            ("required", Flag, Anything),
            ("content", Object, Part::Content),
        ],
        Responses => &[("*", Object, Response)],
        Response => &[
            ("description", Text, Anything),
            ("content", Object, Part::Content),
            ("headers", Object, Component(&Header)),
            ("x-undocumented", Flag, Anything),
        ],
        Header => &[("schema", Schema, SchemaNode)],
        Part::Content => &[("*", Object, MediaType)],
        MediaType => &[("schema", Schema, SchemaNode)],
        Security => &[("*", List, Anything)],
        Part::SecurityScheme => &[("in", Text, Anything), ("name", Text, Anything)],
        Part::Discriminator => &[
            ("propertyName", Text, Anything),
            ("mapping", Object, Anything),
        ],
        SchemaNode => SCHEMA,
    }
}

/// The members of a map whose values are all of one part.
fn each(part: &Part) -> &'static [Member] {
    match part {
        Parameter => &[("*", Object, Parameter)],
        Part::RequestBody => &[("*", Object, Part::RequestBody)],
        Response => &[("*", Object, Response)],
        Header => &[("*", Object, Header)],
        Part::SecurityScheme => &[("*", Object, Part::SecurityScheme)],
        _ => &[("*", Object, Anything)],
    }
}

const STREAMS: &[Member] = &[
    ("info", Object, Part::Info),
    ("servers", Object, Component(&Anything)),
    ("channels", Object, Component(&Anything)),
    ("operations", Object, Component(&Anything)),
    ("components", Object, Part::StreamComponents),
];

const STREAM_COMPONENTS: &[Member] = &[
    ("schemas", Object, Component(&SchemaNode)),
    ("messages", Object, Component(&Anything)),
    ("parameters", Object, Component(&Anything)),
    ("securitySchemes", Object, Component(&Anything)),
];

const PATH_ITEM: &[Member] = &[
    ("parameters", List, Parameter),
    ("get", Object, Operation),
    ("put", Object, Operation),
    ("post", Object, Operation),
    ("delete", Object, Operation),
    ("options", Object, Operation),
    ("head", Object, Operation),
    ("patch", Object, Operation),
    ("trace", Object, Operation),
];

const OPERATION: &[Member] = &[
    ("operationId", Text, Anything),
    ("summary", Text, Anything),
    ("description", Text, Anything),
    ("parameters", List, Parameter),
    ("requestBody", Object, Part::RequestBody),
    ("responses", Object, Responses),
    ("security", List, Security),
    ("x-instruction", Text, Anything),
    ("x-instruction-batch", Flag, Anything),
];

const SCHEMA: &[Member] = &[
    ("$ref", Text, Anything),
    ("$defs", Object, Component(&SchemaNode)),
    ("definitions", Object, Component(&SchemaNode)),
    ("type", Texts, Anything),
    ("format", Text, Anything),
    ("title", Text, Anything),
    ("description", Text, Anything),
    ("nullable", Flag, Anything),
    ("x-closed", Flag, Anything),
    ("enum", List, Anything),
    ("required", List, Anything),
    ("properties", Object, Component(&SchemaNode)),
    ("additionalProperties", Schema, SchemaNode),
    ("items", Schemas, SchemaNode),
    ("prefixItems", List, SchemaNode),
    ("allOf", List, SchemaNode),
    ("oneOf", List, SchemaNode),
    ("anyOf", List, SchemaNode),
    ("discriminator", Object, Part::Discriminator),
    ("pattern", Text, Anything),
    ("minLength", Number, Anything),
    ("maxLength", Number, Anything),
    ("minItems", Number, Anything),
    ("maxItems", Number, Anything),
    ("minimum", Number, Anything),
    ("maximum", Number, Anything),
    ("multipleOf", Number, Anything),
];

/// Lists of a schema that say nothing, or cannot be satisfied, when they are empty.
const NEVER_EMPTY: [&str; 4] = ["enum", "allOf", "oneOf", "anyOf"];

/// The documents' nesting is bounded, so recursion is.
fn walk(at: &Cursor<'_>, part: Part, faults: &mut Vec<Diagnostic>) {
    if part == SchemaNode {
        check_schema_node(at, faults);
    } else if at.str("$ref").is_some() {
        return;
    }
    for (key, child) in at.members() {
        let listed = members(part).iter().find(|(known, ..)| *known == key);
        let other = || {
            members(part)
                .iter()
                .find(|(known, ..)| *known == "*" && !is_extension(part, key))
        };
        let Some((_, form, inner)) = listed.or_else(other) else {
            continue;
        };
        if part == Responses && !is_status(key) {
            faults.push(child.fault(
                format!("`{key}` is no status"),
                "write three digits, a class such as `4XX`, or `default`",
            ));
        }
        check_form(&child, key, *form, faults);
        match form {
            List | Schemas if child.value.is_array() => child
                .elements()
                .iter()
                .for_each(|item| item_of(item, *inner, faults)),
            _ => walk(&child, *inner, faults),
        }
    }
}

fn item_of(item: &Cursor<'_>, part: Part, faults: &mut Vec<Diagnostic>) {
    match part {
        Anything => {}
        SchemaNode => check_form(item, "this schema", Schema, faults),
        _ => check_form(item, "this entry", Object, faults),
    }
    walk(item, part, faults);
}

/// A property may be called `x-…`; elsewhere such members are extensions of no meaning here.
fn is_extension(part: Part, key: &str) -> bool {
    part != Component(&SchemaNode) && key.starts_with("x-")
}

fn check_form(at: &Cursor<'_>, what: &str, form: Form, faults: &mut Vec<Diagnostic>) {
    let (fits, wanted) = match form {
        Object => (at.value.is_object(), "an object"),
        List => (at.value.is_array(), "a list"),
        Text => (at.value.is_string(), "a text"),
        Flag => (at.value.is_boolean(), "`true` or `false`"),
        Number => (at.value.is_number(), "a number"),
        Texts => (is_texts(at.value), "a text or a list of texts"),
        Schema => (at.value.is_object() || at.value.is_boolean(), "a schema"),
        Schemas => {
            let is_one = at.value.is_object() || at.value.is_boolean();
            (is_one || at.value.is_array(), "a schema")
        }
    };
    if !fits {
        let problem = format!("`{what}` is {}, not {wanted}", kind(at.value));
        faults.push(at.fault(problem, format!("write {wanted} here, or remove it")));
    }
}

fn is_texts(value: &Value) -> bool {
    let list = value
        .as_array()
        .is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string));
    list || value.is_string()
}

fn check_schema_node(at: &Cursor<'_>, faults: &mut Vec<Diagnostic>) {
    let is_of_rest = ["/additionalProperties", "/items", "/additionalItems"];
    let is_of_rest = is_of_rest.iter().any(|rest| at.pointer.ends_with(rest));
    if at.value == &Value::Bool(false) && !is_of_rest {
        faults.push(at.fault(
            "this schema allows no value at all",
            "describe the value, or remove the schema",
        ));
    }
    for key in NEVER_EMPTY {
        if let Some(list) = at
            .get(key)
            .filter(|list| list.value.as_array().is_some_and(Vec::is_empty))
        {
            faults.push(list.fault(
                format!("`{key}` is empty, so no value fits"),
                "list something, or remove it",
            ));
        }
    }
    for name in at
        .items("required")
        .iter()
        .filter(|name| !name.value.is_string())
    {
        faults.push(name.fault(
            "`required` lists names of properties",
            "write the property's name here",
        ));
    }
}

fn is_status(key: &str) -> bool {
    let mut chars = key.chars();
    let class = chars
        .next()
        .is_some_and(|first| ('1'..='5').contains(&first));
    let rest = chars.as_str();
    let digits = rest.len() == 2 && rest.chars().all(|c| c.is_ascii_digit());
    key == "default" || (class && (digits || rest.eq_ignore_ascii_case("XX")))
}
