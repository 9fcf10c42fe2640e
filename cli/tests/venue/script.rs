//! The script: every route and every tool once, with the least that each needs.

use bpx_capability::exposed::Interface;
use bpx_capability::{Exposed, read};
use bpx_contract::api::Location;
use bpx_contract::{Api, Document};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::files::{self, Files};
use crate::serving::{Serving, filled};

/// Everything that the files change is allowed, withdrawals to one address.
const POLICY: &str = r#"
trading = true
[operation.convert_dust]
[operation.request_withdrawal]
max = { "/quantity" = "10" }
one_of = { "/address" = ["text"] }
"#;

/// What is called first, since others need it.
const FIRST: [&str; 3] = ["execute_order", "get_order", "cancel_order"];

#[test]
fn every_route_and_tool_of_our_own_files_is_called_once_and_verified() {
    let counts = run(&files::own());
    assert_eq!(counts, (8 + 6 + 2 + 2 + 2, 8 + 8));
}

#[test]
fn every_route_and_tool_of_the_published_files_is_called_once_and_verified() {
    let Some(files) = files::published() else {
        return;
    };
    let (routes, signed) = run(&files);
    println!("{routes} routes and as many tools, {signed} signed operations verified");
    assert_eq!((routes, signed), (8 + 9 + 13 + 3 + 4, 8 + 12));
}

/// Routes called, and signed operations that were verified.
fn run(files: &Files) -> (usize, usize) {
    let apis = files.openapi.iter().map(|file| files::api(file));
    let api = apis.fold(bpx_venue::api().clone(), |all, api| all.merged(&api));
    let mut exposed = bpx_venue::exposed().clone();
    for file in &files.capabilities {
        let capability = read(&Document::read(file).unwrap());
        let capability = capability.unwrap_or_else(|faults| panic!("{faults}"));
        exposed.extend(Exposed::of(&capability, &api).unwrap_or_else(|faults| panic!("{faults}")));
    }
    let serving = Serving::start(files, POLICY);
    Runtime::new().unwrap().block_on(async {
        call_routes(&serving, &exposed).await;
        call_tools(&serving, &exposed).await;
        (
            exposed.routes().count(),
            verify(&serving, &api, &exposed).await,
        )
    })
}

async fn call_routes(serving: &Serving, exposed: &Exposed) {
    let mut routes: Vec<_> = exposed.routes().collect();
    routes.sort_by_key(|route| rank(&route.operation.id));
    for route in routes {
        let interface = route.interface();
        let arguments = arguments(interface, 7);
        let place = |location: Location| {
            let declared = interface.arguments().into_iter();
            let declared = declared.filter(move |it| it.location == location);
            let given = declared.filter_map(|it| Some((&it.name, arguments.get(&it.name)?)));
            given.collect::<Vec<_>>()
        };
        let texts = |location| -> Vec<(String, String)> {
            let given = place(location).into_iter();
            given
                .map(|(name, value)| (name.clone(), text(value)))
                .collect()
        };
        let body = match interface.whole_body() {
            Some(whole) => arguments.get(&whole.name).cloned(),
            None => {
                let members = place(Location::Body).into_iter();
                let members: Map<_, _> = members
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
                let has_body = interface
                    .arguments()
                    .iter()
                    .any(|it| it.location == Location::Body);
                has_body.then_some(Value::Object(members))
            }
        };
        let path = filled(&route.path, &texts(Location::Path));
        let query = texts(Location::Query);
        let (status, answer) = serving
            .rest(route.method, &path, &query, body.as_ref())
            .await;
        assert!(
            (200..300).contains(&status),
            "{} {path}: {status} {answer}",
            route.method
        );
    }
}

async fn call_tools(serving: &Serving, exposed: &Exposed) {
    let mut tools: Vec<_> = exposed.tools().collect();
    tools.sort_by_key(|tool| rank(&tool.operation.id));
    for tool in tools {
        let arguments = Value::Object(arguments(tool.interface(), 8));
        let result = serving.tool(&tool.name, &arguments).await;
        assert_eq!(result["isError"], json!(false), "{}: {result}", tool.name);
    }
}

/// Each signed operation was verified twice, for its route and its tool, under the instruction of its document.
async fn verify(serving: &Serving, api: &Api, exposed: &Exposed) -> usize {
    let verified = serving.verified().await;
    let called = |id: &str| exposed.routes().any(|route| route.operation.id == id);
    let mut count = 0;
    for operation in api.operations().filter(|it| called(&it.id)) {
        let Some(signing) = &operation.signing else {
            continue;
        };
        let is_it = |(method, path, instruction): &&(String, String, String)| {
            let own = operation.path.split('/').zip(path.split('/'));
            let is_path = own.clone().count() == operation.path.split('/').count()
                && own
                    .into_iter()
                    .all(|(own, given)| own == given || own.starts_with('{'));
            method == operation.method.as_str() && is_path && *instruction == signing.instruction
        };
        let times = verified.iter().filter(is_it).count();
        assert_eq!(times, 2, "{} {}", operation.id, signing.instruction);
        count += 1;
    }
    count
}

fn rank(id: &str) -> usize {
    FIRST
        .iter()
        .position(|first| *first == id)
        .unwrap_or(FIRST.len())
}

/// The least that an operation needs.
fn arguments(interface: Interface<'_>, number: u32) -> Map<String, Value> {
    let order = json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20", "quantity": "1", "clientId": number});
    let given = match interface.operation().id.as_str() {
        "execute_order" => order,
        "execute_order_batch" => {
            json!({"orders": [{"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "21", "quantity": "1"}]})
        }
        "get_order" | "cancel_order" => json!({"symbol": "SOL_USDC", "clientId": number}),
        _ => {
            let schema = interface.input_schema();
            let required = schema["required"].as_array().into_iter().flatten();
            let names = required.filter_map(Value::as_str);
            let sample = |name: &str| {
                (
                    name.to_owned(),
                    value(schema, name, &schema["properties"][name]),
                )
            };
            names.map(sample).collect::<Map<_, _>>().into()
        }
    };
    given.as_object().unwrap().clone()
}

/// A value that fits a schema, and the local exchange.
fn value(root: &Value, name: &str, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return value(
            root,
            name,
            root.pointer(reference.trim_start_matches('#')).unwrap(),
        );
    }
    let arms = ["allOf", "anyOf", "oneOf"].iter();
    if let Some(arm) = arms.filter_map(|key| schema[key].get(0)).next() {
        return value(root, name, arm);
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match (name, schema["type"].as_str()) {
        ("symbol", _) if root["properties"].get("address").is_some() => json!("USDC"),
        ("symbol", _) => json!("SOL_USDC_PERP"),
        (_, Some("integer")) => json!(1),
        (_, Some("boolean")) => json!(true),
        (_, Some("array")) => json!([]),
        _ if schema["pattern"]
            .as_str()
            .is_some_and(|it| it.starts_with("^-?(0")) =>
        {
            json!("1")
        }
        _ => json!("text"),
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
