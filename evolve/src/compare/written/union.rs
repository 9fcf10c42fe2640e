//! Lists of alternatives as they are written: `oneOf` and `anyOf`.

use bpx_contract::Cursor;
use serde_json::{Value, json};

/// A list of alternatives.
#[derive(Debug, Clone)]
pub(super) struct Union<'a> {
    /// Whether exactly one has to be met (`oneOf`).
    pub(super) is_exclusive: bool,
    /// The property that tells them apart.
    pub(super) tag: Option<&'a str>,
    pub(super) arms: Vec<Arm<'a>>,
}

/// One alternative.
#[derive(Debug, Clone)]
pub(super) struct Arm<'a> {
    pub(super) at: Cursor<'a>,
    /// What reports call it: the value of the tag, else the name of the schema, else its position.
    pub(super) name: String,
}

impl<'a> Union<'a> {
    pub(super) fn of(at: &Cursor<'a>, keyword: &str, arms: Vec<Cursor<'a>>) -> Self {
        let discriminator = at.get("discriminator");
        let tag = discriminator.as_ref().and_then(|it| it.str("propertyName"));
        let mapping = discriminator.map(|it| it.entries("mapping"));
        let mapping = mapping.unwrap_or_default();
        let named = arms.into_iter().enumerate().flat_map(|(index, at)| {
            let reference = at.str("$ref");
            let own = reference.map(|it| last(it).to_owned());
            let mapped = mapping.iter().filter(|(_, target)| {
                let target = target.value.as_str();
                reference.is_some() && (target == reference || target == own.as_deref())
            });
            let mut names: Vec<_> = mapped.map(|(value, _)| (*value).to_owned()).collect();
            if names.is_empty() {
                let tagged = tag.and_then(|tag| tag_value(&at, tag, DEPTH_MAX));
                let position = || format!("arm{}", index + 1);
                let own = own.or_else(|| inline_name(&at));
                names.push(tagged.or(own).unwrap_or_else(position));
            }
            let arms = names.into_iter().map(move |name| Arm {
                at: at.clone(),
                name,
            });
            arms.collect::<Vec<_>>()
        });
        Self {
            is_exclusive: keyword == "oneOf",
            tag,
            arms: named.collect(),
        }
    }
}

/// How deep compositions are searched for the value of a tag.
const DEPTH_MAX: usize = 8;

/// The only value that an alternative allows its tag.
fn tag_value(at: &Cursor<'_>, tag: &str, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let property = at.get("properties").and_then(|it| it.get(tag));
    let own = property.and_then(|it| {
        let listed = it.value.get("enum").and_then(Value::as_array);
        let only = listed
            .filter(|values| values.len() == 1)
            .and_then(|it| it.first());
        only.or_else(|| it.value.get("const"))?
            .as_str()
            .map(str::to_owned)
    });
    let target = at.str("$ref").and_then(|target| at.target(target).ok());
    let mut parts = target.into_iter().chain(at.items("allOf"));
    own.or_else(|| parts.find_map(|part| tag_value(&part, tag, depth)))
}

/// The alternatives without `null`, and whether `null` was one. A repetition means nothing,
/// except in `oneOf` without a discriminator.
pub(super) fn alternatives<'a>(at: &Cursor<'a>, keyword: &str) -> (Vec<Cursor<'a>>, bool) {
    let is_counted = keyword == "oneOf" && at.value.get("discriminator").is_none();
    let (mut arms, mut null): (Vec<Cursor<'a>>, _) = (Vec::new(), false);
    for arm in at.items(keyword) {
        let is_null = [
            json!({"type": "null"}),
            json!({"enum": [null]}),
            json!({"const": null}),
        ];
        if is_null.contains(arm.value) {
            null = true;
        } else if is_counted || arms.iter().all(|known| known.value != arm.value) {
            arms.push(arm);
        }
    }
    (arms, null)
}

/// The title of a schema, else its type, with a capital.
fn inline_name(at: &Cursor<'_>) -> Option<String> {
    let kind = at.str("type").filter(|it| *it != "object");
    let (first, rest) = at.str("title").or(kind)?.split_at_checked(1)?;
    Some(first.to_uppercase() + rest)
}

/// The last token of a reference or pointer.
pub(super) fn last(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}
