//! Counts the descriptions that differ.

use bpx_contract::model::{Field, Kind, Model, Operation, TypeDef};

/// How many descriptions differ, among the parts that both documents have.
pub(super) fn differing(old: &Model, new: &Model) -> usize {
    let mut pairs = vec![(old.doc.as_str(), new.doc.as_str())];
    for (id, operation) in &new.operations {
        if let Some(known) = old.operations.get(id) {
            of_operation(known, operation, &mut pairs);
        }
    }
    for (name, def) in &new.types {
        if let Some(known) = old.types.get(name) {
            of_type(known, def, &mut pairs);
        }
    }
    pairs.into_iter().filter(|(old, new)| old != new).count()
}

fn of_operation<'a>(old: &'a Operation, new: &'a Operation, pairs: &mut Vec<(&'a str, &'a str)>) {
    pairs.push((&old.summary, &new.summary));
    pairs.push((&old.doc, &new.doc));
    for param in &new.params {
        let known = old.params.iter().find(|it| it.name == param.name);
        pairs.extend(known.map(|known| (known.doc.as_str(), param.doc.as_str())));
    }
}

fn of_type<'a>(old: &'a TypeDef, new: &'a TypeDef, pairs: &mut Vec<(&'a str, &'a str)>) {
    pairs.push((&old.doc, &new.doc));
    let (Kind::Object(old), Kind::Object(new)) = (&old.kind, &new.kind) else {
        return;
    };
    for field in new {
        let known: Option<&Field> = old.iter().find(|it| it.name == field.name);
        pairs.extend(known.map(|known| (known.doc.as_str(), field.doc.as_str())));
    }
}
