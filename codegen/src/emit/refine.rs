//! Syntax-tree passes over what typify and progenitor wrote.

use syn::visit_mut::{self, VisitMut};
use syn::{Ident, Path};

/// Long paths of things that everybody knows, or that the module imports.
const SHORT: &[(&str, &str)] = &[
    ("::std::option::Option", "Option"),
    ("::std::string::String", "String"),
    ("::std::vec::Vec", "Vec"),
    ("::std::boxed::Box", "Box"),
    ("::std::collections::BTreeMap", "BTreeMap"),
    ("::rust_decimal::Decimal", "Decimal"),
    ("::chrono::NaiveDateTime", "NaiveDateTime"),
    ("::chrono::DateTime", "DateTime"),
    ("::chrono::Utc", "Utc"),
    ("::serde_json::Value", "Value"),
    ("::serde_json::Map", "BTreeMap"),
    ("std::convert::TryInto", "TryInto"),
];

/// Shortens the paths of a whole file.
pub(super) fn shorten(file: &mut syn::File) {
    Shorten.visit_file_mut(file);
}

struct Shorten;

impl VisitMut for Shorten {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let text = plain(path);
        let Some((long, short)) = SHORT.iter().find(|(long, _)| *long == text) else {
            return;
        };
        let keep = short.split("::").count();
        let drop = path.segments.len().saturating_sub(keep);
        debug_assert!(long.ends_with(short) || *short == "BTreeMap");
        path.leading_colon = None;
        path.segments = path.segments.iter().skip(drop).cloned().collect();
        if *long == "::serde_json::Map"
            && let Some(last) = path.segments.last_mut()
        {
            last.ident = Ident::new("BTreeMap", last.ident.span());
        }
    }
}

/// A path without its generic arguments.
fn plain(path: &Path) -> String {
    let names: Vec<_> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let lead = if path.leading_colon.is_some() {
        "::"
    } else {
        ""
    };
    format!("{lead}{}", names.join("::"))
}
