//! Sources of a document that are not as they should be: what needs them not goes on, what does is told why not.

use std::fs;

use bpx_workflow::{Error, Library, SourceFiles};
use serde_json::{Value, json};

use crate::support::catalog;

/// A document whose only step calls `operation`, beside its source unless that is none.
fn open(operation: &str, source: Option<&Value>) -> Result<Library, Error> {
    let folder = tempfile::tempdir().unwrap();
    let document = json!({
        "arazzo": "1.0.1", "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "pets", "url": "./pets.json", "type": "openapi"}],
        "workflows": [{"workflowId": "w", "steps": [{"stepId": "only", "operationId": operation}]}],
    });
    let path = folder.path().join("flow.json");
    fs::write(&path, document.to_string()).unwrap();
    if let Some(source) = source {
        fs::write(folder.path().join("pets.json"), source.to_string()).unwrap();
    }
    Library::open(&path, &SourceFiles::default(), &catalog())
}

/// One operation that can be read, and one whose body has parts of any kind.
fn pets() -> Value {
    let done = json!({"200": {"description": "done"}});
    json!({
        "openapi": "3.0.3", "info": {"title": "Pets", "version": "1"},
        "paths": {
            "/pets": {"get": {"operationId": "listPets", "responses": done}},
            "/picture": {"post": {"operationId": "sendPicture", "responses": done,
                "requestBody": {"content": {"multipart/mixed": {"schema": {"type": "object"}}}}}},
        },
    })
}

#[test]
fn an_operation_that_no_step_calls_stops_nothing() {
    let library = open("listPets", Some(&pets())).unwrap();
    let notes: Vec<_> = library.notes().collect();
    assert!(
        notes.iter().any(|note| note.contains("left out")),
        "{notes:?}"
    );
}

#[test]
fn one_that_is_called_is_told_with_the_reason_why_it_is_not_there() {
    let message = open("sendPicture", Some(&pets())).unwrap_err().to_string();
    assert!(
        message.contains("has no operation `sendPicture`"),
        "{message}"
    );
    assert!(
        message.contains("a body of `multipart/mixed` has no generated form"),
        "{message}"
    );
}

#[test]
fn a_source_that_is_not_there_is_among_the_reasons() {
    let message = open("listPets", None).unwrap_err().to_string();
    assert!(message.contains("has no operation `listPets`"), "{message}");
    assert!(
        message.contains("the source `pets` (./pets.json) is missing"),
        "{message}"
    );
}
