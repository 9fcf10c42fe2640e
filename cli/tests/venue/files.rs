//! Documents and capability files: of our own making, shaped like the published ones, and those themselves.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bpx_contract::api::Body;
use bpx_contract::{Api, Document};
use tempfile::TempDir;

/// The files of one test; the folder of those that are made for it goes with it.
pub(crate) struct Files {
    pub(crate) openapi: Vec<PathBuf>,
    pub(crate) capabilities: Vec<PathBuf>,
    pub(crate) folder: TempDir,
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/venue/documents")
}

/// The published files, where they are.
pub(crate) fn published() -> Option<Files> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/upstream/venue");
    if !root.is_dir() {
        println!("skipped: ../shared/upstream/venue is not there");
        return None;
    }
    let all = |folder: &str| {
        let files = fs::read_dir(root.join(folder)).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        files
    };
    Some(Files {
        openapi: all("openapi"),
        capabilities: all("capabilities"),
        folder: TempDir::new().unwrap(),
    })
}

/// Our own documents, each with a capability file in the manner of the published ones.
pub(crate) fn own() -> Files {
    let folder = TempDir::new().unwrap();
    let mut files = Files {
        openapi: Vec::new(),
        capabilities: Vec::new(),
        folder,
    };
    for name in ["capital", "markets", "position", "system"] {
        let openapi = here().join(format!("{name}.yaml"));
        let file = files.folder.path().join(format!("{name}.capability.yaml"));
        fs::write(&file, capability(name, &api(&openapi))).unwrap();
        files.openapi.push(openapi);
        files.capabilities.push(file);
    }
    files
}

pub(crate) fn api(file: &Path) -> Api {
    Api::from_document(Document::read(file).unwrap()).unwrap_or_else(|faults| panic!("{faults}"))
}

/// A capability file with all the idioms of the published ones: no inputs, `rest.body`, outputs without shape.
fn capability(name: &str, api: &Api) -> String {
    let (mut consumed, mut routes, mut tools) = (String::new(), String::new(), String::new());
    for operation in api.operations() {
        let (method, path) = (operation.method.as_str(), &operation.path);
        let called = operation.id.replace('_', "-");
        let takes_body = !matches!(operation.body, Body::None);
        let input = match takes_body {
            true => {
                ", inputParameters: [{name: body, in: body, type: object, description: Body., required: true}]"
            }
            false => "",
        };
        let with = |server: &str| match takes_body {
            true => format!(", with: {{body: {server}.body}}"),
            false => String::new(),
        };
        let reads = operation.effect.only_reads();
        let _ = writeln!(
            consumed,
            "    - {{name: r-{called}, path: '{path}', operations: [{{name: {called}, method: {method}, outputRawFormat: json, \
             outputParameters: [{{name: result, type: object, value: $.}}]{input}}}]}}"
        );
        let _ = writeln!(
            routes,
            "    - {{name: r-{called}, path: '{path}', operations: [{{name: {called}, method: {method}, description: A route., \
             call: venue-{name}.{called}{}, outputParameters: [{{type: object, mapping: $.}}]}}]}}",
            with("rest")
        );
        let _ = writeln!(
            tools,
            "    - {{name: venue-{called}, description: A tool., call: venue-{name}.{called}{}, hints: {{readOnly: {reads}, \
             destructive: false, idempotent: {reads}}}, outputParameters: [{{type: object, mapping: $.}}]}}",
            with("tools")
        );
    }
    format!(
        "naftiko: 1.0.0-alpha2\ninfo: {{label: {name}, description: One surface.}}\n\
         binds: [{{namespace: env, keys: {{BACKPACK_API_KEY: BACKPACK_API_KEY, BACKPACK_API_SECRET: BACKPACK_API_SECRET}}}}]\n\
         capability:\n  consumes:\n  - type: http\n    namespace: venue-{name}\n    baseUri: https://api.backpack.exchange\n    \
         authentication: {{type: apikey, key: X-API-Key, value: '{{{{env.BACKPACK_API_KEY}}}}', placement: header}}\n    \
         resources:\n{consumed}  exposes:\n  - type: rest\n    namespace: venue-{name}-rest\n    port: 8080\n    resources:\n{routes}  \
         - type: mcp\n    namespace: venue-{name}-mcp\n    port: 9090\n    transport: http\n    description: Tools.\n    tools:\n{tools}"
    )
}
