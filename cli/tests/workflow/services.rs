//! Workflows of other APIs from the command line: without a key, an exchange or permission to trade.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::code;
use crate::common::{run_with, stderr, stdout};

/// A service that answers everything with a name, and keeps what it is sent.
struct Shop {
    url: String,
    folder: TempDir,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Shop {
    /// A shop whose workflow has this step and these inputs.
    fn new(step: &Value, inputs: &Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = vec![0; 16_384];
                let length = stream.read(&mut request).unwrap_or_default();
                let text = String::from_utf8_lossy(&request[..length]).into_owned();
                kept.lock().unwrap().push(text);
                let body = r#"{"name": "Rex"}"#;
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
                let _ = write!(
                    stream,
                    "{head}\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        let folder = TempDir::new().unwrap();
        let api = json!({"openapi": "3.0.3", "info": {"title": "Shop", "version": "1"}, "servers": [{"url": url}],
            "components": {"securitySchemes": {"shop-token": {"type": "http", "scheme": "bearer"}}},
            "paths": {"/pets": {"post": {"operationId": "addPet", "security": [{"shop-token": []}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "required": ["pet"],
                    "properties": {"pet": {"type": "object"}, "tags": {"type": "array", "items": {"type": "string"}}}}}}},
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "object",
                    "properties": {"name": {"type": "string"}}}}}}}}}}});
        let flow = json!({"arazzo": "1.0.1", "info": {"title": "t", "version": "1"},
            "sourceDescriptions": [{"name": "shop", "url": "./api.json"}],
            "workflows": [{"workflowId": "w", "inputs": {"type": "object", "properties": inputs}, "steps": [step],
                "outputs": {"name": "$steps.add.outputs.name"}}]});
        fs::write(folder.path().join("api.json"), api.to_string()).unwrap();
        fs::write(folder.path().join("flow.json"), flow.to_string()).unwrap();
        Self { url, folder, seen }
    }

    fn bpx(&self, command: &str, more: &[&str], environment: &[(&str, &str)]) -> Output {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let (flow, state) = (path("flow.json"), path("state"));
        let mut arguments = vec!["workflow", command, &flow];
        if command == "run" {
            arguments.extend(["--state", &state]);
        }
        arguments.extend(more);
        run_with(&arguments, environment)
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// The shop whose step adds a pet.
fn adding() -> Shop {
    let payload = json!({"pet": "$inputs.pet", "tags": "$inputs.tags"});
    let step = json!({"stepId": "add", "operationId": "addPet", "requestBody": {"payload": payload},
        "outputs": {"name": "$response.body#/name"}});
    let list = json!({"type": "array", "items": {"type": "string"}});
    Shop::new(&step, &json!({"pet": {"type": "object"}, "tags": list}))
}

const PET: [&str; 4] = ["--input", r#"pet={"age": 3}"#, "--input", r#"tags=["a"]"#];

#[test]
fn a_workflow_of_another_api_needs_no_key_no_exchange_and_no_permission() {
    let shop = adding();
    let output = shop.bpx("run", &PET, &[("BPX_AUTH_SHOP_TOKEN", "t0psecret")]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let seen = shop.seen();
    let [request] = seen.as_slice() else {
        panic!("one request: {seen:?}");
    };
    assert!(
        request.ends_with(r#"{"pet":{"age":3},"tags":["a"]}"#),
        "{request}"
    );
    assert!(
        request
            .to_lowercase()
            .contains("authorization: bearer t0psecret"),
        "{request}"
    );
    assert!(stdout(&output).contains(r#"output   name = "Rex""#));
    let message = format!("{}{}", stdout(&output), stderr(&output));
    for word in ["t0psecret", "order", "trading", "exchange"] {
        assert!(!message.contains(word), "{word}: {message}");
    }
}

#[test]
fn a_credential_and_an_input_can_stand_in_files() {
    let shop = adding();
    let file = |name: &str, text: &str| {
        let path = shop.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let token = format!("shop-token=@{}", file("token", "fr0mfile\n"));
    let pet = format!("pet=@{}", file("pet.json", "{\"age\": 4}\n"));
    let output = shop.bpx("run", &["--auth", &token, "--input", &pet], &[]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let request = &shop.seen()[0];
    assert!(
        request.contains("Bearer fr0mfile") && request.ends_with(r#"{"pet":{"age":4}}"#),
        "{request}"
    );
}

#[test]
fn a_dry_run_sends_nothing_and_shows_everything_but_secrets() {
    let shop = adding();
    let more = [&PET[..], &["--dry-run", "--auth", "shop-token=t0psecret"]].concat();
    let output = shop.bpx("run", &more, &[]);
    assert_eq!(
        (code(&output), shop.seen().len()),
        (0, 0),
        "{}",
        stderr(&output)
    );
    let shown = stdout(&output);
    for part in [
        &format!("POST {}/pets", shop.url),
        "authorization: Bearer [redacted]",
        "content-type: application/json",
        r#"{"pet":{"age":3},"tags":["a"]}"#,
        "Nothing was sent.",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn names_that_no_document_has_are_refused_before_anything_is_sent() {
    let shop = adding();
    let wrong = [
        (["--service", "shp=http://127.0.0.1:9"], "use one of shop"),
        (["--auth", "tokn=x"], "use one of shop-token"),
        (["--input", "pte={}"], "there is no input `pte`"),
        (["--input", "tags=a"], "`tags` is not JSON"),
    ];
    for (more, says) in wrong {
        let output = shop.bpx("run", &more, &[]);
        assert_eq!((code(&output), shop.seen().len()), (2, 0));
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
    }
}

#[test]
fn what_is_doubtful_is_a_warning_and_strict_makes_it_an_error() {
    let shop = adding();
    let checked = shop.bpx("check", &[], &[]);
    assert_eq!(code(&checked), 0, "{}", stderr(&checked));
    assert!(stderr(&checked).contains("warning: step `add`: `$inputs.pet` may be missing"));
    assert!(
        stdout(&checked).ends_with("1 workflow, 1 step, 1 warning\n"),
        "{}",
        stdout(&checked)
    );
    assert_eq!(code(&shop.bpx("check", &["--strict"], &[])), 1);
    let run = shop.bpx("run", &[&PET[..], &["--strict"]].concat(), &[]);
    assert_eq!((code(&run), shop.seen().len()), (2, 0), "{}", stderr(&run));
}

#[test]
fn a_loop_ends_at_the_steps_that_are_allowed() {
    let step = json!({"stepId": "add", "operationId": "addPet", "requestBody": {"payload": {"pet": {}}},
        "outputs": {"name": "$response.body#/name"}, "onSuccess": [{"name": "more", "type": "goto", "stepId": "add"}]});
    let shop = Shop::new(&step, &json!({}));
    let output = shop.bpx("run", &["--max-steps", "3"], &[]);
    assert_eq!(
        (code(&output), shop.seen().len()),
        (12, 3),
        "{}",
        stderr(&output)
    );
    assert!(stdout(&output).contains("3 steps") && stdout(&output).contains("--max-steps"));
    assert!(stderr(&shop.bpx("check", &[], &[])).contains("nothing but a failure ends the loop"));
}
