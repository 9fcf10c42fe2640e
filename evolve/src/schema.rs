//! A JSON Schema as a contract, so that [`diff`](crate::diff) compares schemas too.

use std::collections::BTreeMap;

use bpx_contract::model::{Content, Kind, Method, Model, Operation, Shape, Success, TypeDef};
use bpx_contract::schema::reached;
use bpx_contract::{Api, Diagnostics, Document, Place, lower_schema};

/// Reads a JSON Schema as a contract with one operation, which returns a value of the schema. `name` becomes the name of
/// the root type and of the operation.
///
/// # Errors
/// Everything in the document that cannot be lowered.
pub fn schema_api(document: Document, name: &str) -> Result<Api, Diagnostics> {
    let types = lower_schema(&document, name)?;
    Ok(returning(document, types, name))
}

/// The contract for the type `name` and every type that it reaches. Whether an enum is closed is left out, since JSON
/// Schema cannot express it.
pub(crate) fn returning(
    document: Document,
    mut types: BTreeMap<String, TypeDef>,
    name: &str,
) -> Api {
    let root = Shape::Named(name.to_owned());
    let kept: Vec<_> = reached(&types, [&root])
        .into_iter()
        .map(str::to_owned)
        .collect();
    types.retain(|name, _| kept.contains(name));
    for def in types.values_mut() {
        if let Kind::Enum(listed) = &mut def.kind {
            listed.closed = false;
        }
    }
    let operation = Operation {
        method: Method::Get,
        path: "/".to_owned(),
        summary: String::new(),
        doc: String::new(),
        params: Vec::new(),
        body: None,
        success: Success {
            statuses: vec![("200".to_owned(), String::new())],
            content: Content::Json(root),
            accepted: false,
            absent: false,
            page_headers: None,
            headers: Vec::new(),
        },
        errors: Vec::new(),
        error: None,
        signing: None,
        security: Vec::new(),
        deprecated: false,
        place: Place::file(&*document.file),
    };
    let model = Model {
        title: name.to_owned(),
        version: String::new(),
        doc: String::new(),
        server: None,
        rate_limit: None,
        types,
        operations: BTreeMap::from([(name.to_owned(), operation)]),
        webhooks: BTreeMap::new(),
        aliases: BTreeMap::new(),
        notes: Vec::new(),
        losses: Vec::new(),
        security: BTreeMap::new(),
    };
    Api::new(document, model)
}
