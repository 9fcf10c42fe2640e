//! The rule: from a name on the wire to a name in Rust, without regard to others.

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};

use super::OPEN_ARM;
use crate::model::{Location, StreamCall};

/// Words Rust keeps for itself.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Methods and fields that generated code has for its own ends.
const OWN_VALUES: &[&str] = &[
    "new",
    "with_options",
    "send",
    "stream",
    "stream_with_options",
    "counts",
    "client",
    "body",
    "clone",
    "inner",
    "known",
];

/// What the body of a generated `send` calls its own values and functions.
const OWN_LOCALS: &[&str] = &["url", "request", "header_map", "encode_path"];

/// Types and traits that generated modules import or expect from the prelude.
const OWN_TYPES: &[&str] = &[
    "Answer",
    "As",
    "BTreeMap",
    "Body",
    "Box",
    "Bytes",
    "Client",
    "Clone",
    "ConnectError",
    "Connection",
    "Copy",
    "Credential",
    "DateTime",
    "Debug",
    "Decimal",
    "Default",
    "Deserialize",
    "Deserializer",
    "Duration",
    "Eq",
    "Err",
    "Error",
    "Events",
    "Exact",
    "File",
    "Files",
    "Fn",
    "From",
    "Hash",
    "HeaderMap",
    "Into",
    "Ipv4Addr",
    "Ipv6Addr",
    "Iterator",
    "Key",
    "Known",
    "Method",
    "NaiveDate",
    "NaiveDateTime",
    "New",
    "None",
    "Ok",
    "Option",
    "Options",
    "Ord",
    "Outcome",
    "Page",
    "PageHeaders",
    "PartialEq",
    "PartialOrd",
    "PublicClient",
    "QueryParam",
    "RateLimit",
    "ResponseValue",
    "Result",
    "Rows",
    "Self",
    "Send",
    "Serialize",
    "Signer",
    "SigningError",
    "Some",
    "String",
    "Style",
    "Sync",
    "Tagged",
    "ToString",
    "TryFrom",
    "TryInto",
    "Undecoded",
    "Untagged",
    "Utc",
    "Uuid",
    "Value",
    "Vec",
    "WireEnum",
];

pub(super) fn is_reserved_type(name: &str) -> bool {
    OWN_TYPES.contains(&name)
}

pub(super) fn type_name(component: &str) -> String {
    let name = type_rule(component);
    if is_reserved_type(&name) {
        format!("{name}Value")
    } else {
        name
    }
}

pub(super) fn variant_name(value: &str) -> String {
    let name = type_rule(value);
    if name == OPEN_ARM || name == "Self" {
        format!("{name}Value")
    } else {
        name
    }
}

/// The rule for types and variants.
pub(super) fn type_rule(wire: &str) -> String {
    if wire.is_empty() {
        return "Empty".to_owned();
    }
    let mut name = words(wire).to_upper_camel_case();
    // Until it stays: `A_B` gives `AB`, which read again is the one word `Ab`; later tools read it again.
    while name.to_upper_camel_case() != name {
        name = name.to_upper_camel_case();
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("N{name}")
    } else {
        name
    }
}

pub(super) fn param_name(wire: &str, location: Location) -> String {
    let header = location == Location::Header;
    let bare = wire.strip_prefix("X-").or_else(|| wire.strip_prefix("x-"));
    value_name(bare.filter(|_| header).unwrap_or(wire), OWN_LOCALS)
}

/// The rule: the constant words of the address. Of several streams with the same words those with the fewest parameters
/// are called so, and the others by what they have more.
pub(super) fn stream_name(address: &str, calls: &[StreamCall<'_>]) -> String {
    let bare = constant(address);
    let params = |call: &StreamCall<'_>| -> Vec<String> {
        let params = call.params().iter();
        params.map(|it| it.name.clone()).collect()
    };
    let alike = calls.iter().filter(|it| constant(it.address) == bare);
    let fewest = alike.map(params).min_by_key(Vec::len).unwrap_or_default();
    let own = calls.iter().find(|it| it.address == address);
    let own = own.map(params).unwrap_or_default();
    let more: Vec<_> = own.into_iter().filter(|it| !fewest.contains(it)).collect();
    match more.is_empty() {
        true => value_name(&bare, &[]),
        false => value_name(&format!("{bare} by {}", more.join(" ")), &[]),
    }
}

/// The address without its parameters; the parameters where there is nothing else.
fn constant(address: &str) -> String {
    let mut words = String::new();
    for part in address.split('{') {
        words.push_str(part.split_once('}').map_or(part, |(_, constant)| constant));
        words.push(' ');
    }
    if !words.chars().any(|c| c.is_ascii_alphanumeric()) {
        return address.to_owned();
    }
    let words = words.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// The rule for fields, parameters and methods.
pub(super) fn value_name(wire: &str, reserved: &[&str]) -> String {
    let name = words(wire).to_snake_case();
    let word = name.as_str();
    if KEYWORDS.contains(&word) || OWN_VALUES.contains(&word) || reserved.contains(&word) {
        format!("{name}_")
    } else if word.is_empty() {
        "empty".to_owned()
    } else if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("n{name}")
    } else {
        name
    }
}

/// What signs are called where they stand before a number, or where there is no letter and no digit.
const SIGNS: &[(char, &str)] = &[
    ('!', "not"),
    ('#', "hash"),
    ('$', "dollar"),
    ('%', "percent"),
    ('&', "and"),
    ('*', "star"),
    ('+', "plus"),
    (',', "comma"),
    ('-', "minus"),
    ('.', "dot"),
    ('/', "slash"),
    (':', "colon"),
    ('<', "less"),
    ('=', "equal"),
    ('>', "greater"),
    ('?', "question"),
    ('@', "at"),
    ('^', "caret"),
    ('_', "underscore"),
    ('|', "or"),
    ('~', "tilde"),
];

/// Everything that is no ASCII letter or digit divides words. Where nothing else is there, or a number follows, a sign is
/// a word; another character is its code point.
pub(super) fn words(wire: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    if wire.chars().any(is_plain) {
        let (sign, rest) = match wire.strip_prefix('+').or_else(|| wire.strip_prefix('-')) {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => (wire.get(..1), rest),
            _ => (None, wire),
        };
        let sign = sign.map_or("", |sign| if sign == "+" { "plus " } else { "minus " });
        let plain = rest.chars().map(|c| if is_plain(c) { c } else { ' ' });
        return sign.chars().chain(plain).collect();
    }
    let word = |c: char| match SIGNS.iter().find(|(sign, _)| *sign == c) {
        Some((_, word)) => (*word).to_owned(),
        None if c.is_whitespace() => "space".to_owned(),
        None => format!("u{:x}", u32::from(c)),
    };
    let words: Vec<_> = wire.chars().map(word).collect();
    words.join(" ")
}
