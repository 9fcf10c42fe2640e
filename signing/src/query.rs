//! Reads the final query as a server reads it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::error::{Place, SigningError};
use crate::explain::Rule;
use crate::fields::{Field, Runs, check_key, check_value};

/// Characters that a URL may not or should not carry as they are: what follows a `#` is never sent, a space at the end
/// is cut off and one inside is rewritten, and some servers end a pair at `;`.
const UNSENDABLE: [char; 3] = ['#', ' ', ';'];

const PLACE: Place = Place::Query;

/// The pairs of a raw query, sorted by key; the values of a repeated key keep their order.
pub(crate) fn runs(query: &str) -> Result<Runs<'_>, SigningError> {
    if let Some(character) = query.chars().find(|char| UNSENDABLE.contains(char)) {
        return Err(SigningError::UnencodedCharacter { character });
    }
    let mut runs = Runs::default();
    if !query.is_empty() {
        for pair in query.split('&') {
            runs.push(field(pair)?);
        }
    }
    runs.end_query();
    Ok(runs)
}

fn field(pair: &str) -> Result<Field<'_>, SigningError> {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let key = form_decoded(key)?;
    let value = form_decoded(value)?;
    check_key(&key, PLACE)?;
    check_value(&key, &value, PLACE)?;
    let rule = Rule::QueryPair;
    Ok(Field { key, value, rule })
}

/// Decodes as a server reads a form: `+` is a space, `%xx` a byte.
fn form_decoded(text: &str) -> Result<Cow<'_, str>, SigningError> {
    if !text.contains(['%', '+']) {
        return Ok(Cow::Borrowed(text));
    }
    let is_hex = |escape: &str| escape.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !text.split('%').skip(1).all(is_hex) {
        return Err(SigningError::MalformedPercent { place: PLACE });
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    let decoded = decoded.map_err(|_| SigningError::NotUtf8 { place: PLACE })?;
    Ok(Cow::Owned(decoded.into_owned()))
}
