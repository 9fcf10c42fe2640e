//! Documents as contracts that [`diff`](crate::diff) compares: OpenAPI, and a JSON Schema alone.

use std::collections::BTreeMap;

use bpx_contract::model::{Content, Kind, Method, Model, Operation, Shape, Success, TypeDef};
use bpx_contract::schema::reached;
use bpx_contract::{Api, Diagnostics, Document, Place, lower_lossy, lower_schema};
use serde_json::Value;

/// Reads an OpenAPI document to compare it. A part that the model does not have is no fault: the comparison reads the
/// document itself too. Neither is a document without operations.
///
/// # Errors
/// A document that is no OpenAPI 3.
pub fn openapi_api(document: Document) -> Result<Api, Diagnostics> {
    let is_object = |key: &str| document.value.get(key).is_none_or(Value::is_object);
    let version = document.value.get("openapi").and_then(Value::as_str);
    let is_openapi = version.is_some_and(|it| it.starts_with("3."));
    match lower_lossy(&document) {
        Ok(model) => Ok(Api::new(document, model)),
        Err(_) if is_openapi && is_object("paths") && is_object("components") => {
            Ok(Api::new(document, Model::default()))
        }
        Err(faults) => Err(faults),
    }
}

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
        types,
        operations: BTreeMap::from([(name.to_owned(), operation)]),
        ..Model::default()
    };
    Api::new(document, model)
}
