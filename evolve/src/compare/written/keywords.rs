//! What the comparison makes of each keyword of OpenAPI 3.0 to 3.2 and JSON Schema 2020-12.

use Use::{Annotation, Composed, Example, Inside, Limit, Meaning, Prose};

/// How a keyword of a schema is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// It limits values of one type: its own value is compared.
    Limit(Domain),
    /// It holds schemas for parts of values of one type, which are walked into.
    Inside(Domain, Holds),
    /// It is part of how a level is read: references, compositions, properties.
    Composed,
    /// It has a rule of its own.
    Meaning,
    /// Its differences are counted as descriptions.
    Prose,
    /// Its differences are counted as examples.
    Example,
    /// It means nothing to callers of JSON: counted by its name.
    Annotation,
}

/// The type of the values that a keyword limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Domain {
    Any,
    Number,
    String,
    Array,
    Object,
}

/// What a keyword with schemas holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    /// A schema that values have to meet: a narrower one accepts less.
    Schema,
    /// Several, by name.
    Named,
    /// Several, by position.
    Listed,
    /// A schema that decides in another way: only equality is understood.
    Opaque,
}

/// Every keyword of a schema.
pub(super) const OF_SCHEMA: &[(&str, Use)] = &[
    ("$anchor", Annotation),
    ("$comment", Prose),
    ("$defs", Composed),
    ("$dynamicAnchor", Annotation),
    ("$dynamicRef", Limit(Domain::Any)),
    ("$id", Annotation),
    ("$ref", Composed),
    ("$schema", Annotation),
    ("$vocabulary", Annotation),
    (
        "additionalProperties",
        Inside(Domain::Object, Holds::Schema),
    ),
    ("allOf", Composed),
    ("anyOf", Composed),
    ("const", Composed),
    ("contains", Inside(Domain::Array, Holds::Opaque)),
    ("contentEncoding", Limit(Domain::String)),
    ("contentMediaType", Limit(Domain::String)),
    ("contentSchema", Annotation),
    ("default", Meaning),
    ("definitions", Composed),
    ("dependencies", Limit(Domain::Object)),
    ("dependentRequired", Limit(Domain::Object)),
    ("dependentSchemas", Inside(Domain::Object, Holds::Named)),
    ("deprecated", Meaning),
    ("description", Prose),
    ("discriminator", Composed),
    ("else", Inside(Domain::Any, Holds::Opaque)),
    ("enum", Composed),
    ("example", Example),
    ("examples", Example),
    ("exclusiveMaximum", Limit(Domain::Number)),
    ("exclusiveMinimum", Limit(Domain::Number)),
    ("externalDocs", Prose),
    ("format", Limit(Domain::Any)),
    ("if", Inside(Domain::Any, Holds::Opaque)),
    ("items", Inside(Domain::Array, Holds::Schema)),
    ("maxContains", Limit(Domain::Array)),
    ("maxItems", Limit(Domain::Array)),
    ("maxLength", Limit(Domain::String)),
    ("maxProperties", Limit(Domain::Object)),
    ("maximum", Limit(Domain::Number)),
    ("minContains", Limit(Domain::Array)),
    ("minItems", Limit(Domain::Array)),
    ("minLength", Limit(Domain::String)),
    ("minProperties", Limit(Domain::Object)),
    ("minimum", Limit(Domain::Number)),
    ("multipleOf", Limit(Domain::Number)),
    ("not", Inside(Domain::Any, Holds::Opaque)),
    ("nullable", Composed),
    ("oneOf", Composed),
    ("pattern", Limit(Domain::String)),
    ("patternProperties", Inside(Domain::Object, Holds::Named)),
    ("prefixItems", Inside(Domain::Array, Holds::Listed)),
    ("properties", Composed),
    ("propertyNames", Inside(Domain::Object, Holds::Schema)),
    ("readOnly", Composed),
    ("required", Composed),
    ("then", Inside(Domain::Any, Holds::Opaque)),
    ("title", Prose),
    ("type", Composed),
    ("unevaluatedItems", Inside(Domain::Array, Holds::Schema)),
    (
        "unevaluatedProperties",
        Inside(Domain::Object, Holds::Schema),
    ),
    ("uniqueItems", Limit(Domain::Array)),
    ("writeOnly", Composed),
    ("x-extensible-enum", Meaning),
    ("xml", Annotation),
];

/// How a keyword of a schema is compared. Others are extensions and misspellings, which are counted by name.
pub(super) fn of_schema(keyword: &str) -> Use {
    let row = OF_SCHEMA.iter().find(|(name, _)| *name == keyword);
    row.map_or(Annotation, |(_, used)| *used)
}

/// Members of every other object that say nothing about what is sent.
const PROSE: [&str; 6] = [
    "description",
    "externalDocs",
    "info",
    "summary",
    "tags",
    "title",
];
const EXAMPLES: [&str; 2] = ["example", "examples"];

/// How a member of an object other than a schema is compared, where the walk has no rule for it.
pub(super) fn of_object(key: &str) -> Use {
    match key {
        _ if PROSE.contains(&key) => Prose,
        _ if EXAMPLES.contains(&key) => Example,
        _ => Annotation,
    }
}

impl Domain {
    /// Whether values of one of the types, all if there are none, can be of this domain.
    pub(super) fn meets<'a>(self, mut types: impl Iterator<Item = &'a str>) -> bool {
        match self {
            Self::Any => true,
            Self::Number => types.any(|it| matches!(it, "number" | "integer")),
            Self::String => types.any(|it| it == "string"),
            Self::Array => types.any(|it| it == "array"),
            Self::Object => types.any(|it| it == "object"),
        }
    }
}
