//! Values as text in paths, queries, headers and cookies (OpenAPI 3.0.4 and 3.1.1, Style Values; RFC 6570).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::Serialize;
use serde_json::Value;

use super::plain::{plain_text, to_json};

/// How a parameter that holds more than one value is written: `style` with `explode`. A scalar looks alike in all of
/// them, but for [`Style::Label`] and [`Style::Matrix`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `ids=a&ids=b`, `limit=1&cursor=x`.
    FormExploded,
    /// `ids=a,b`, `opts=limit,1,cursor,x`.
    Form,
    /// `ids=a%20b`.
    SpaceDelimited,
    /// `ids=a%7Cb`.
    PipeDelimited,
    /// `opts[limit]=1&opts[cursor]=x`, at any depth.
    DeepObject,
    /// `a,b`, `limit,1,cursor,x`.
    Simple,
    /// `a,b`, `limit=1,cursor=x`.
    SimpleExploded,
    /// `.a,b`, `.limit,1`.
    Label,
    /// `.a.b`, `.limit=1.cursor=x`.
    LabelExploded,
    /// `;ids=a,b`, `;opts=limit,1`.
    Matrix,
    /// `;ids=a;ids=b`, `;limit=1;cursor=x`.
    MatrixExploded,
    /// JSON text.
    Json,
}

/// Characters of a value that stand as they are: the unreserved ones (RFC 3986, 2.3). What delimits values is reserved,
/// so a value that holds it can be told from two values.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// As [`VALUE`], where a point divides values.
const VALUE_IN_LABEL: &AsciiSet = &VALUE.add(b'.');

impl Style {
    /// The style of this name, such as `FormExploded`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::FormExploded,
            Self::Form,
            Self::SpaceDelimited,
            Self::PipeDelimited,
            Self::DeepObject,
            Self::Simple,
            Self::SimpleExploded,
            Self::Label,
            Self::LabelExploded,
            Self::Matrix,
            Self::MatrixExploded,
            Self::Json,
        ];
        all.into_iter().find(|style| format!("{style:?}") == name)
    }
}

/// What a value comes to: nothing, one text, a list, an object; a text is not encoded yet.
enum Parts {
    None,
    One(String),
    Many(Vec<String>),
    Members(Vec<(String, Vec<String>)>),
}

/// The pairs of a query, form or cookie, each encoded; none for null.
pub(super) fn pairs<T: Serialize + ?Sized>(
    name: &str,
    value: &T,
    style: Style,
) -> Result<Vec<(String, String)>, String> {
    let value = tree(value)?;
    let key = encoded(name);
    if style == Style::DeepObject {
        let mut pairs = Vec::new();
        deep(&key, &value, &mut pairs);
        return Ok(pairs);
    }
    let delimiter = match style {
        Style::SpaceDelimited => "%20",
        Style::PipeDelimited => "%7C",
        _ => ",",
    };
    Ok(match parts(&value, style)? {
        Parts::None => Vec::new(),
        Parts::One(text) => vec![(key, encoded(&text))],
        Parts::Many(texts) if style == Style::FormExploded => texts
            .iter()
            .map(|text| (key.clone(), encoded(text)))
            .collect(),
        Parts::Many(texts) => vec![(key, joined(&texts, delimiter, VALUE))],
        Parts::Members(members) if style == Style::FormExploded => {
            let each = members.iter();
            let pairs = each
                .flat_map(|(key, texts)| texts.iter().map(|text| (encoded(key), encoded(text))));
            pairs.collect()
        }
        Parts::Members(members) => vec![(key, joined(&flat(members), delimiter, VALUE))],
    })
}

/// A path segment, encoded; none for null or an empty value.
pub(super) fn segment<T: Serialize + ?Sized>(
    name: &str,
    value: &T,
    style: Style,
) -> Result<Option<String>, String> {
    let value = tree(value)?;
    let (prefix, delimiter, set, is_exploded) = match style {
        Style::Label => (".", ",", VALUE_IN_LABEL, false),
        Style::LabelExploded => (".", ".", VALUE_IN_LABEL, true),
        Style::Matrix => (";", ",", VALUE, false),
        Style::MatrixExploded => (";", ";", VALUE, true),
        Style::SimpleExploded => ("", ",", VALUE, true),
        _ => ("", ",", VALUE, false),
    };
    let is_matrix = prefix == ";";
    let named = |text: String| match is_matrix {
        true => format!("{}={text}", encoded(name)),
        false => text,
    };
    let text = match parts(&value, style)? {
        Parts::None => return Ok(None),
        Parts::One(text) if text.is_empty() => return Ok(None),
        // As other characters of a segment: only what would end it is encoded.
        Parts::One(text) if prefix.is_empty() => return Ok(Some(super::template::encoded(&text))),
        Parts::One(text) => named(coded(&text, set)),
        Parts::Many(texts) if texts.is_empty() => return Ok(None),
        Parts::Many(texts) if is_matrix && is_exploded => {
            let each = texts.iter().map(|text| named(coded(text, set)));
            each.collect::<Vec<_>>().join(delimiter)
        }
        Parts::Many(texts) => named(joined(&texts, delimiter, set)),
        Parts::Members(members) if is_exploded => {
            let each = members
                .iter()
                .map(|(key, texts)| format!("{}={}", coded(key, set), joined(texts, ",", set)));
            each.collect::<Vec<_>>().join(delimiter)
        }
        Parts::Members(members) => named(joined(&flat(members), delimiter, set)),
    };
    Ok(Some(format!("{prefix}{text}")))
}

/// A header; none for null.
pub(super) fn header_text<T: Serialize + ?Sized>(
    value: &T,
    style: Style,
) -> Result<Option<String>, String> {
    let value = tree(value)?;
    Ok(match parts(&value, style)? {
        Parts::None => None,
        Parts::One(text) => Some(text),
        Parts::Many(texts) => (!texts.is_empty()).then(|| texts.join(",")),
        Parts::Members(members) if style == Style::SimpleExploded => {
            let each = members
                .iter()
                .map(|(key, texts)| format!("{key}={}", texts.join(",")));
            Some(each.collect::<Vec<_>>().join(","))
        }
        Parts::Members(members) => Some(flat(members).join(",")),
    })
}

/// A form: scalars and lists as in a query, objects in brackets.
pub(super) fn form<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
    let Value::Object(members) = tree(value)? else {
        return Err("a form is an object".to_owned());
    };
    let mut pairs = Vec::new();
    for (key, value) in &members {
        deep(&encoded(key), value, &mut pairs);
    }
    Ok(query_text(&pairs))
}

/// Pairs as they stand in a query.
pub(super) fn query_text(pairs: &[(String, String)]) -> String {
    let texts: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    texts.join("&")
}

/// Through JSON text, since a value tree would widen 32-bit floats.
fn tree<T: Serialize + ?Sized>(value: &T) -> Result<Value, String> {
    let json = to_json(value).map_err(|error| error.to_string())?;
    serde_json::from_slice(&json).map_err(|error| error.to_string())
}

fn parts(value: &Value, style: Style) -> Result<Parts, String> {
    if style == Style::Json && !value.is_null() {
        return Ok(Parts::One(value.to_string()));
    }
    let scalar = |item: &Value| match item {
        Value::Object(_) => Err("it is an object inside another value".to_owned()),
        Value::Array(_) => Err("it is a list of lists".to_owned()),
        scalar => Ok(plain_text(scalar)),
    };
    Ok(match value {
        Value::Null => Parts::None,
        Value::Array(items) => {
            let items = items.iter().filter(|item| !item.is_null());
            Parts::Many(items.map(scalar).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let present = members.iter().filter(|(_, value)| !value.is_null());
            let texts = present.map(|(key, value)| {
                let texts = match value {
                    Value::Array(items) => items.iter().map(scalar).collect::<Result<_, _>>()?,
                    value => vec![scalar(value)?],
                };
                Ok((key.clone(), texts))
            });
            Parts::Members(texts.collect::<Result<_, String>>()?)
        }
        scalar => Parts::One(plain_text(scalar)),
    })
}

fn flat(members: Vec<(String, Vec<String>)>) -> Vec<String> {
    let each = members.into_iter();
    each.flat_map(|(key, texts)| std::iter::once(key).chain(texts))
        .collect()
}

/// `key[member][member]=value`; lists repeat the key.
fn deep(key: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (member, value) in members {
                deep(&format!("{key}[{}]", encoded(member)), value, pairs);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| deep(key, item, pairs)),
        scalar => pairs.push((key.to_owned(), encoded(&plain_text(scalar)))),
    }
}

/// As forms and queries are written: a space is a plus.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn coded(text: &str, set: &'static AsciiSet) -> String {
    percent_encode(text.as_bytes(), set).to_string()
}

fn joined(texts: &[String], delimiter: &str, set: &'static AsciiSet) -> String {
    let each: Vec<_> = texts.iter().map(|text| coded(text, set)).collect();
    each.join(delimiter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn query(value: &Value, style: Style) -> String {
        query_text(&pairs("p", value, style).unwrap())
    }

    fn path(value: &Value, style: Style) -> String {
        segment("p", value, style).unwrap().unwrap()
    }

    #[test]
    fn lists_and_objects_are_written_as_the_specification_shows() {
        // The table of Style Values: color is "blue,black,brown" or {R: 100, G: 200, B: 150}. Members stand sorted here, for
        // only a feature of serde_json keeps their order.
        let list = json!(["blue", "black", "brown"]);
        let object = json!({"B": 150, "G": 200, "R": 100});
        for (style, of_list, of_object) in [
            (
                Style::FormExploded,
                "p=blue&p=black&p=brown",
                "B=150&G=200&R=100",
            ),
            (Style::Form, "p=blue,black,brown", "p=B,150,G,200,R,100"),
            (
                Style::SpaceDelimited,
                "p=blue%20black%20brown",
                "p=B%20150%20G%20200%20R%20100",
            ),
            (
                Style::PipeDelimited,
                "p=blue%7Cblack%7Cbrown",
                "p=B%7C150%7CG%7C200%7CR%7C100",
            ),
        ] {
            assert_eq!(query(&list, style), of_list, "{style:?}");
            assert_eq!(query(&object, style), of_object, "{style:?}");
        }
        assert_eq!(
            query(&object, Style::DeepObject),
            "p[B]=150&p[G]=200&p[R]=100"
        );
        for (style, of_list, of_object) in [
            (Style::Simple, "blue,black,brown", "B,150,G,200,R,100"),
            (
                Style::SimpleExploded,
                "blue,black,brown",
                "B=150,G=200,R=100",
            ),
            (Style::Label, ".blue,black,brown", ".B,150,G,200,R,100"),
            (
                Style::LabelExploded,
                ".blue.black.brown",
                ".B=150.G=200.R=100",
            ),
            (Style::Matrix, ";p=blue,black,brown", ";p=B,150,G,200,R,100"),
            (
                Style::MatrixExploded,
                ";p=blue;p=black;p=brown",
                ";B=150;G=200;R=100",
            ),
        ] {
            assert_eq!(path(&list, style), of_list, "{style:?}");
            assert_eq!(path(&object, style), of_object, "{style:?}");
        }
        assert_eq!(path(&json!("blue"), Style::Label), ".blue");
        assert_eq!(path(&json!("blue"), Style::Matrix), ";p=blue");
    }

    #[test]
    fn what_divides_values_is_encoded_inside_of_them() {
        let list = json!(["a,b", "c d", "e&f"]);
        assert_eq!(query(&list, Style::Form), "p=a%2Cb,c%20d,e%26f");
        assert_eq!(path(&list, Style::Simple), "a%2Cb,c%20d,e%26f");
        assert_eq!(path(&json!(["a.b", "c"]), Style::LabelExploded), ".a%2Eb.c");
        assert_eq!(
            query(&json!({"a": [1, null, 2]}), Style::FormExploded),
            "a=1&a=null&a=2"
        );
        assert_eq!(
            query(&json!({"a": {"b": [1, 2]}}), Style::DeepObject),
            "p[a][b]=1&p[a][b]=2"
        );
        assert_eq!(query(&json!({"a": 1}), Style::Json), "p=%7B%22a%22%3A1%7D");
    }

    #[test]
    fn forms_are_urlencoded() {
        let body =
            json!({"grant type": "a b", "meta": {"k": "v"}, "none": null, "scope": ["x", "y"]});
        assert_eq!(
            form(&body).unwrap(),
            "grant+type=a+b&meta[k]=v&scope=x&scope=y"
        );
        assert!(form(&json!([1])).is_err());
    }

    #[test]
    fn every_style_is_found_by_its_name() {
        assert_eq!(Style::named("PipeDelimited"), Some(Style::PipeDelimited));
        assert_eq!(Style::named("Nothing"), None);
    }
}
