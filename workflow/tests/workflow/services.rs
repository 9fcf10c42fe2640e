//! Services beside the exchange, on a service that keeps what it is sent.

mod seen;
mod sent;
mod ways;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::IntoResponse;
use bpx_runtime::Options;
use bpx_workflow::{Library, Report, Runner, Services, SourceFiles};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{catalog, object};

/// What a service got.
#[derive(Debug, Clone)]
struct Seen {
    line: String,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A service that answers each path with a status, headers and a body, and any other with `{}`.
struct World {
    url: String,
    folder: TempDir,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// Path, status, headers and body of a response.
type Reply = (
    &'static str,
    u16,
    &'static [(&'static str, &'static str)],
    String,
);

impl World {
    async fn new(contract: Value, replies: Vec<Reply>) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let answer = async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            kept.lock().unwrap().push(Seen {
                line: format!("{method} {uri}"),
                headers,
                body: String::from_utf8(body.to_vec()).unwrap(),
            });
            let found = replies.iter().find(|(path, ..)| *path == uri.path());
            let (_, status, more, text) = found.cloned().unwrap_or(("", 200, &[], "{}".to_owned()));
            let mut headers = HeaderMap::new();
            headers.insert("content-type", "application/json".parse().unwrap());
            for (name, value) in more {
                headers.insert(*name, value.parse().unwrap());
            }
            (StatusCode::from_u16(status).unwrap(), headers, text).into_response()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let folder = TempDir::new().unwrap();
        let world = Self { url, folder, seen };
        world.write("api.json", &contract);
        world
    }

    fn write(&self, name: &str, document: &Value) {
        let path = self.folder.path().join(name);
        std::fs::write(path, document.to_string()).unwrap();
    }

    fn open(&self, document: &Value) -> Library {
        self.write("flow.json", document);
        let path = self.folder.path().join("flow.json");
        let library = Library::open(&path, &SourceFiles::default(), &catalog());
        library.unwrap_or_else(|error| panic!("{error}"))
    }

    fn services(&self) -> Services {
        let services = Services::default();
        let named = services.with_service(Some("api"), &self.url, Options::default());
        named.unwrap()
    }

    fn runner(&self, services: Services) -> Runner {
        Runner::of_services(services, self.folder.path().join("state"))
    }

    async fn run(&self, document: &Value, inputs: Value) -> Report {
        let runner = self.runner(self.services());
        let library = self.open(document);
        let run = runner.run(&library, "flow", None, object(inputs), &());
        run.await.unwrap()
    }

    fn lines(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter().map(|it| it.line.clone()).collect()
    }

    fn last(&self) -> Seen {
        self.seen
            .lock()
            .unwrap()
            .last()
            .cloned()
            .expect("a request")
    }
}

fn flow(steps: Value) -> Value {
    json!({
        "arazzo": "1.1.0", "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "./api.json"}],
        "workflows": [{"workflowId": "w", "steps": steps,
            "inputs": {"type": "object", "properties": {"a": {"type": "string"}, "list": {"type": "array", "items": {"type": "string"}}}}}],
    })
}

/// One operation at `/x` with these parts.
fn contract(method: &str, more: Value) -> Value {
    let json = json!({"application/json": {"schema": {}}});
    let mut operation =
        json!({"operationId": "x", "responses": {"200": {"description": "", "content": json}}});
    operation.as_object_mut().unwrap().extend(object(more));
    json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "components": {"securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"}, "pair": {"type": "http", "scheme": "basic"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "word": {"type": "apiKey", "in": "query", "name": "word"},
            "crumb": {"type": "apiKey", "in": "cookie", "name": "crumb"}}},
        "paths": {"/x": {method: operation}}})
}

fn x(more: Value) -> Value {
    let mut step = json!({"stepId": "s", "operationId": "x"});
    step.as_object_mut().unwrap().extend(object(more));
    json!([step])
}

fn parameter(name: &str, location: &str, value: Value) -> Value {
    json!({"name": name, "in": location, "value": value})
}

fn body(media: &str, schema: Value) -> Value {
    json!({"requestBody": {"required": true, "content": {media: {"schema": schema}}}})
}
