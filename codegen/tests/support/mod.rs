//! Contracts in a folder of their own, and plans of them.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses some of these; helpers stop at the first thing that is wrong"
)]

pub(crate) mod mutate;

use std::fs;
use std::path::{Path, PathBuf};

use bpx_codegen::{CrateKind, Inputs, Plan, PlanError, plan};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// A crate that stands alone, from one document.
pub(crate) fn alone(openapi: PathBuf) -> Inputs {
    Inputs {
        openapi,
        schema: None,
        overlay: None,
        names: None,
        capability: None,
        workflows: Vec::new(),
        asyncapi: None,
        asyncapi_overlay: None,
        kind: CrateKind::Alone {
            runtime: "../runtime".to_owned(),
            name: None,
        },
        types_only: false,
        strict: false,
        command: "cargo xtask generate".to_owned(),
    }
}

/// The checked-in contracts, as `cargo xtask generate` reads them.
pub(crate) fn checked_in() -> Inputs {
    Inputs {
        schema: Some(root().join("schemas/order.schema.json")),
        names: Some(root().join("openapi/names.toml")),
        capability: Some(root().join("capabilities/order.capability.yaml")),
        workflows: vec![root().join("workflows/cancel-replace-order.arazzo.yaml")],
        asyncapi: Some(root().join("asyncapi/backpack-streams.asyncapi.yaml")),
        kind: CrateKind::Member,
        ..alone(root().join("openapi/backpack-order.openapi.yaml"))
    }
}

/// A folder with files in it.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn json(&self, name: &str, value: &Value) -> PathBuf {
        self.write(name, value.to_string())
    }
}

/// A small document without a fault: one operation, `Order` and `Side`.
pub(crate) fn small() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Small", "version": "1"},
        "paths": {"/order": {"get": {"operationId": "getOrder", "x-instruction": "orderQuery", "responses": {"200": {
            "description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}}}},
        "components": {"schemas": {
            "Order": {"type": "object", "required": ["id"], "properties": {
                "id": {"type": "string"}, "side": {"$ref": "#/components/schemas/Side"}}},
            "Side": {"type": "string", "enum": ["Bid", "Ask"]},
        }},
    })
}

/// A capability that exposes one operation of the small document, as a route and as a tool.
pub(crate) fn exposing(method: &str, path: &str) -> Value {
    json!({
        "naftiko": "1.0.0-alpha2",
        "info": {"label": "Small", "description": "Small orders."},
        "capability": {
            "consumes": [{"type": "http", "namespace": "small", "baseUri": "https://api.example.com", "resources": [
                {"name": "order", "path": path, "operations": [{"name": "order", "method": method}]}]}],
            "exposes": [
                {"type": "rest", "namespace": "small-rest", "port": 80, "resources": [
                    {"path": "/{{id}}/order", "operations": [{"name": "o", "method": "POST", "call": "small.order"}]}]},
                {"type": "mcp", "namespace": "small-mcp", "port": 90, "transport": "http", "tools": [
                    {"name": "order", "description": "Reads.\nReally.", "call": "small.order"}]},
            ],
        },
    })
}

pub(crate) fn plan_of(folder: &Folder, document: &Value) -> Result<Plan, PlanError> {
    plan(&alone(folder.json("venue.json", document)))
}
