//! A document of which only some operations are wanted, and another one cannot be lowered.

use serde_json::Value;

use super::lower;
use crate::model::{Method, Model};
use crate::{Diagnostic, Diagnostics, Document};

/// Lowers a document without the operations that cannot be lowered, and says why each was left out.
///
/// # Errors
/// What is wrong outside of single operations: with the document, or with what several of them share.
pub fn lower_usable(document: &Document) -> Result<(Model, Vec<Diagnostic>), Diagnostics> {
    let faults = match lower(document) {
        Ok(model) => return Ok((model, Vec::new())),
        Err(faults) => faults,
    };
    let mut rest = document.clone();
    for fault in &faults.0 {
        let Some((path, method)) = fault.place.pointer.as_deref().and_then(operation) else {
            return Err(faults);
        };
        let item = rest.value.pointer_mut(path).and_then(Value::as_object_mut);
        if let Some(item) = item {
            item.shift_remove(method);
        }
    }
    match lower(&rest) {
        Ok(model) => Ok((model, faults.0)),
        Err(_) => Err(faults),
    }
}

/// The path item that a pointer leads into, and the operation's key in it.
fn operation(pointer: &str) -> Option<(&str, &str)> {
    let inner = pointer.strip_prefix("/paths/")?;
    let (path, rest) = inner.split_once('/')?;
    let method = rest.split('/').next()?;
    let is_method = Method::ALL.iter().any(|(_, key, _)| *key == method);
    is_method.then_some((pointer.get(.."/paths/".len() + path.len())?, method))
}
