//! Suggestions: the known name nearest to an unknown one.

/// Longer texts are compared by their beginnings.
const COMPARED_CHARS: usize = 64;

/// So many names are listed before a list says nothing any more.
const LISTED: usize = 8;

/// The known name most like `wanted`, however unlike.
pub(crate) fn nearest<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let folded = fold(wanted);
    let scored = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&folded, &fold(name)), name));
    scored
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, name)| name)
}

/// A fix that names the nearest and, if they are few, all.
pub(crate) fn name_one_of<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    let Some(near) = nearest(wanted, known.clone()) else {
        return "there is none to name; remove it".to_owned();
    };
    let all: Vec<_> = known.into_iter().take(LISTED + 1).collect();
    if all.len() == 1 || all.len() > LISTED {
        return format!("the nearest is `{near}`");
    }
    format!("the nearest is `{near}`; there are: {}", all.join(", "))
}

fn fold(name: &str) -> String {
    name.chars()
        .take(COMPARED_CHARS)
        .flat_map(char::to_lowercase)
        .collect()
}
