//! Capabilities over APIs of other people: several services with credentials of their own, renamed inputs, constants,
//! parts of responses.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{bpx, ready, stderr};

const FLEET: &str = "
openapi: 3.0.3
info: {title: Fleet, version: '1'}
paths:
  /ships:
    get:
      operationId: listShips
      parameters: [{name: status, in: query, schema: {type: string}}]
      responses: {'200': {description: All., content: {application/json: {schema: {type: object}}}}}
    post:
      operationId: addShip
      requestBody: {content: {application/json: {schema: {type: object, title: Ship, required: [imo_number], properties: {imo_number: {type: string}}}}}}
      responses: {'200': {description: Added., content: {application/json: {schema: {type: object}}}}}
  /ships/{imo_number}:
    get:
      operationId: getShip
      parameters: [{name: imo_number, in: path, required: true, schema: {type: string, pattern: '^[0-9]+$'}}]
      responses: {'200': {description: One., content: {application/json: {schema: {type: object}}}}}
";

const CAPABILITY: &str = "
ikanos: 1.0.0-beta5
info: {display: Fleet, description: Ships., version: '1'}
binds: [{namespace: env, keys: {TOKEN: FLEET_TOKEN, USER: FLEET_USER, PASSWORD: FLEET_PASSWORD, KEY: FLEET_KEY, LEGACY: FLEET_LEGACY}}]
capability:
  consumes:
  - type: http
    namespace: registry
    baseUri: https://fleet.example
    authentication: {type: bearer, token: '{{TOKEN}}'}
    inputParameters: {Fleet-Version: {in: header, value: '7'}}
    resources: &ships
      ships: {path: /ships, operations: {list: {method: GET, inputParameters: {status: {in: query}}}, add: {method: POST}}}
      ship: {path: '/ships/{{imo_number}}', operations: {get: {method: GET, inputParameters: {imo_number: {in: path}}}}}
  - type: http
    namespace: legacy
    baseUri: '{{env.LEGACY}}'
    authentication: {type: basic, username: '{{USER}}', password: '{{PASSWORD}}'}
    resources: *ships
  - type: http
    namespace: keyed
    baseUri: https://keyed.example
    authentication: {type: apikey, key: api_key, value: '{{KEY}}', placement: query}
    resources: *ships
  exposes:
  - type: rest
    namespace: fleet
    port: 8080
    resources:
      ship:
        path: '/v1/ships/{{imo}}'
        operations:
          get:
            method: GET
            inputParameters: {imo: {in: path, type: string}}
            call: registry.get
            with: {imo_number: fleet.imo}
            outputParameters: [{type: object, properties: {asked: {type: string, mapping: $.target}, shown: {type: string, mapping: $.authorization}}}]
      active: {path: /v1/active, operations: {active: {method: GET, call: legacy.list, with: {status: ACTIVE}}}}
      all: {path: /v1/all, operations: {all: {method: GET, call: keyed.list, with: {status: rest.query.status}}}}
      add: {path: /v1/ships, operations: {add: {method: POST, call: registry.add}}}
";

/// An API that answers with what it was asked.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = |stream: TcpStream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut target, mut seen) = (String::new(), json!({}));
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|bytes| bytes > 2) {
            match line.trim_end().split_once(": ") {
                Some((name, value)) => seen[name.to_lowercase()] = json!(value),
                None => target = line.split(' ').nth(1).unwrap().to_owned(),
            }
            line.clear();
        }
        let length = seen["content-length"]
            .as_str()
            .and_then(|it| it.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).unwrap();
        seen["target"] = json!(target);
        let text = seen.to_string();
        let head = "Content-Type: application/json\r\nConnection: close";
        let length = text.len();
        let response =
            format!("HTTP/1.1 200 OK\r\n{head}\r\nContent-Length: {length}\r\n\r\n{text}");
        let _ = (&stream).write_all(response.as_bytes());
    };
    thread::spawn(move || listener.incoming().flatten().for_each(answer));
    url
}

struct Fleet {
    child: Child,
    rest: String,
    token: String,
    _folder: TempDir,
}

impl Drop for Fleet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const ENVIRONMENT: [(&str, &str); 4] = [
    ("FLEET_TOKEN", "token-1"),
    ("FLEET_USER", "user-1"),
    ("FLEET_PASSWORD", "pass-1"),
    ("FLEET_KEY", "key-1"),
];

impl Fleet {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let openapi = write(&folder, "fleet.yaml", FLEET);
        let capability = write(&folder, "fleet.capability.yaml", CAPABILITY);
        let (registry, legacy, keyed) = (echo(), echo(), format!("keyed={}", echo()));
        let state = folder.path().join("state");
        let arguments = [
            "serve",
            "--base-url",
            &registry,
            "--rest",
            "127.0.0.1:0",
            "--mcp",
            "off",
            "--allow-trading",
            "--openapi",
            &openapi,
            "--capability",
            &capability,
            "--service",
            &keyed,
            "--state",
            state.to_str().unwrap(),
        ];
        let mut command = bpx(&arguments);
        command.envs(ENVIRONMENT).env("FLEET_LEGACY", legacy);
        let (child, line) = ready(command);
        let line: Value = serde_json::from_str(&line).unwrap();
        let token = fs::read_to_string(line["trade_token_file"].as_str().unwrap()).unwrap();
        Self {
            child,
            rest: line["rest"].as_str().unwrap().to_owned(),
            token: token.trim().to_owned(),
            _folder: folder,
        }
    }

    async fn call(&self, method: &str, path: &str) -> (u16, Value) {
        let http = reqwest::Client::new();
        let request = http.request(method.parse().unwrap(), format!("{}{path}", self.rest));
        let request = request.bearer_auth(&self.token);
        let request = match method {
            "POST" => request
                .header("content-type", "application/json")
                .body(r#"{"imo_number":"7"}"#),
            _ => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_str(&response.text().await.unwrap()).unwrap(),
        )
    }
}

#[test]
fn each_service_is_called_where_it_is_with_its_own_credentials() {
    let fleet = Fleet::start();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        // A renamed input in the path, and the parts of the response that are mapped.
        let (status, ship) = fleet.call("GET", "/v1/ships/7").await;
        assert_eq!(
            (status, ship),
            (200, json!({"asked": "/ships/7", "shown": "Bearer token-1"}))
        );
        // A finding names the argument as the caller does.
        let (status, refused) = fleet.call("GET", "/v1/ships/seven").await;
        assert_eq!(
            (status, &refused["findings"][0]["pointer"]),
            (400, &json!("/imo"))
        );
        // A constant, basic authentication, a base URI from the environment.
        let (_, active) = fleet.call("GET", "/v1/active").await;
        assert_eq!(active["target"], "/ships?status=ACTIVE");
        assert_eq!(active["authorization"], "Basic dXNlci0xOnBhc3MtMQ==");
        let (status, refused) = fleet.call("GET", "/v1/active?status=SUNK").await;
        assert_eq!(
            (status, &refused["findings"][0]["pointer"]),
            (400, &json!("/status"))
        );
        // An API key in the query, and a place that a flag names.
        let (_, all) = fleet.call("GET", "/v1/all?status=SUNK").await;
        assert_eq!(all["target"], "/ships?status=SUNK&api_key=key-1");
        assert_eq!(all.get("authorization"), None);
        let (_, document) = fleet.call("GET", "/openapi.json").await;
        let ship = &document["paths"]["/v1/ships/{imo}"]["get"]["parameters"][0];
        assert_eq!(
            (&ship["name"], &ship["in"]),
            (&json!("imo"), &json!("path"))
        );
    });
}

#[test]
fn a_change_of_another_api_needs_its_name_in_the_policy() {
    let fleet = Fleet::start();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let (status, refused) = fleet.call("POST", "/v1/ships").await;
        assert_eq!(status, 403, "{refused}");
        assert_eq!(refused["findings"][0]["rule"], "policy.operation");
    });
}

/// What `bpx serve` says of these files.
fn refused(openapi: &str, capability: &str, environment: &[(&str, &str)]) -> String {
    let folder = TempDir::new().unwrap();
    let openapi = write(&folder, "a.yaml", openapi);
    let capability = write(&folder, "a.capability.yaml", capability);
    let state = folder.path().join("state");
    let arguments = [
        "serve",
        "--base-url",
        "http://127.0.0.1:9",
        "--openapi",
        &openapi,
        "--capability",
        &capability,
        "--state",
        state.to_str().unwrap(),
    ];
    let mut command = bpx(&arguments);
    let output = command.envs(environment.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    stderr(&output).to_owned()
}

#[test]
fn what_cannot_be_served_is_told_with_its_name_and_place() {
    let unset = refused(FLEET, CAPABILITY, &ENVIRONMENT[..1]);
    assert!(
        unset.contains("FLEET_LEGACY") || unset.contains("FLEET_USER"),
        "{unset}"
    );
    // A signature of which nobody knows the instruction is never left out.
    let signed = FLEET.replacen(
        "parameters: [{name: status",
        "parameters: [{name: X-API-KEY, in: header, schema: {type: string}}, {name: X-SIGNATURE, in: header, schema: {type: string}}, {name: status",
        1,
    );
    let message = refused(&signed, CAPABILITY, &ENVIRONMENT);
    assert!(
        message.contains("`listShips` wants a signature, and nothing names its instruction"),
        "{message}"
    );
    assert!(message.contains("x-instruction"), "{message}");
    let missing = CAPABILITY.replace("path: /ships,", "path: /boats,");
    let message = refused(FLEET, &missing, &ENVIRONMENT);
    assert_eq!(
        message
            .matches("the OpenAPI document has no `GET /boats`")
            .count(),
        2,
        "one for each API: {message}"
    );
    let steps = CAPABILITY.replace(
        "call: legacy.list,",
        "steps: {one: {type: call, call: legacy.list}},",
    );
    let message = refused(FLEET, &steps, &ENVIRONMENT);
    assert!(
        message.contains("steps are not run here")
            && message.contains("#/capability/exposes/0/resources/active"),
        "{message}"
    );
}
