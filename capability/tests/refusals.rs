//! Capability files without a reading: every fault has a place and a fix, and nothing panics.

#![cfg(test)]

use bpx_capability::{self as capability, Resolver, Unresolved};
use bpx_contract::{Diagnostics, Document};
use serde_json::{Value, json};

/// A small file without a fault.
fn small() -> Value {
    json!({
        "naftiko": "1.0.0-alpha2",
        "info": {"label": "Market", "description": "A market."},
        "binds": [{"namespace": "env", "keys": {"KEY": "MARKET_KEY"}}],
        "capability": {
            "consumes": [{
                "type": "http", "namespace": "market", "baseUri": "https://api.example.com",
                "authentication": {"type": "apikey", "key": "X-Key", "value": "{{env.KEY}}"},
                "resources": [{"name": "depth", "path": "/depth", "operations": [
                    {"name": "get-depth", "method": "GET"}, {"name": "set-depth", "method": "POST"}]}],
            }],
            "exposes": [
                {"type": "rest", "namespace": "market-rest", "port": 80, "resources": [
                    {"name": "depth", "path": "/depth", "operations": [
                        {"name": "get-depth", "method": "GET", "call": "market.get-depth"},
                        {"name": "set-depth", "method": "POST", "call": "market.set-depth"}]}]},
                {"type": "mcp", "namespace": "market-mcp", "port": 90, "transport": "http", "tools": [
                    {"name": "depth", "description": "Reads.", "call": "market.get-depth"},
                    {"name": "set", "description": "Writes.", "call": "market.set-depth"}]},
            ],
        },
    })
}

fn read(value: &Value) -> Result<capability::Read, Diagnostics> {
    capability::read(&Document::parse("market.json", value.to_string().as_bytes()).unwrap())
}

/// The one fault of the small file with one place changed.
#[track_caller]
fn fault(pointer: &str, value: Value) -> String {
    let mut changed = small();
    match changed.pointer_mut(pointer) {
        Some(at) => *at = value,
        None => {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            changed.pointer_mut(parent).unwrap()[key] = value;
        }
    }
    let faults = read(&changed).unwrap_err();
    assert_eq!(faults.0.len(), 1, "{faults}");
    let text = faults.to_string();
    assert!(
        text.starts_with("error: ") && text.contains("\n  fix: "),
        "{text}"
    );
    text
}

#[test]
fn the_small_file_has_no_fault() {
    assert_eq!(read(&small()).unwrap().warnings, []);
}

#[test]
fn a_call_of_something_that_is_not_there_is_told() {
    let tool = "/capability/exposes/1/tools/0";
    for wrong in ["market.none", "other.get-depth", "market.get-depth.x"] {
        let text = fault(&format!("{tool}/call"), json!(wrong));
        assert!(
            text.contains(&format!("`call: {wrong}` names no operation")),
            "{text}"
        );
        assert!(
            text.contains("market.json#/capability/exposes/1/tools/0/call"),
            "{text}"
        );
    }
    assert!(
        fault(&format!("{tool}/call"), json!("market")).contains("no `<namespace>.<operation>`")
    );
    assert!(fault(&format!("{tool}/call"), json!(5)).contains("`call` is a number, not a text"));
    assert!(
        fault(tool, json!({"name": "depth", "description": "d"}))
            .contains("nothing says which operation")
    );
    assert!(fault(&format!("{tool}/ref"), json!("a.b")).contains("names no function"));
}

#[test]
fn names_are_taken_once() {
    let cases = [
        (
            "/capability/exposes/1/tools/1/name",
            "depth",
            "two tools are called `depth`",
        ),
        (
            "/capability/exposes/1/namespace",
            "market-rest",
            "two servers are called",
        ),
        (
            "/capability/exposes/0/resources/0/operations/1/name",
            "get-depth",
            "two operations are called",
        ),
        (
            "/capability/exposes/0/resources/0/operations/1/method",
            "GET",
            "two operations answer to `GET /depth`",
        ),
    ];
    for (pointer, value, words) in cases {
        let text = fault(pointer, json!(value));
        assert!(text.contains(words), "{text}");
    }
    let mut twice = small();
    twice["capability"]["consumes"][0]["resources"][0]["operations"][1]["name"] =
        json!("get-depth");
    assert!(
        read(&twice)
            .unwrap_err()
            .to_string()
            .contains("two consumed operations are called")
    );
    let binds =
        json!([{"namespace": "env", "keys": {"KEY": "A"}}, {"namespace": "env", "keys": {}}]);
    assert!(fault("/binds", binds).contains("two binds are called `env`"));
}

#[test]
fn a_variable_needs_a_bind_and_the_environment() {
    let value = "/capability/consumes/0/authentication/value";
    assert!(
        fault(value, json!("{{env.OTHER}}")).contains("no bind declares the variable `env.OTHER`")
    );
    assert!(
        fault(value, json!("{{vault.KEY}}")).contains("no bind declares the variable `vault.KEY`")
    );
    assert!(fault(value, json!("{{env.KEY")).contains("`{{` is never closed"));
    assert!(fault(value, json!("{{}}")).contains("is no reference to a variable"));
    let binds =
        json!([{"namespace": "a", "keys": {"KEY": "A"}}, {"namespace": "b", "keys": {"KEY": "B"}}]);
    let mut changed = small();
    changed["binds"] = binds;
    changed["capability"]["consumes"][0]["authentication"]["value"] = json!("{{KEY}}");
    let text = read(&changed).unwrap_err().to_string();
    assert!(
        text.contains("several binds declare the variable `KEY`"),
        "{text}"
    );
    let vault = json!([{"namespace": "env", "location": "vault://x", "keys": {"KEY": "A"}}]);
    assert!(fault("/binds", vault).contains("from the environment only"));
}

#[test]
fn constructs_that_would_have_to_be_run_are_refused() {
    let tool = "/capability/exposes/1/tools/0";
    assert!(
        fault(&format!("{tool}/steps"), json!([{"type": "call"}]))
            .contains("steps are not run here")
    );
    for (given, words) in [
        ("market-rest.body", "refers to another server"),
        ("{{env.KEY}}", "is a variable"),
        ("{{KEY}}", "is a variable"),
        ("a {{symbol}}", "is made of parts"),
        ("tools.path.a.b", "no input has"),
    ] {
        let text = fault(&format!("{tool}/with"), json!({"symbol": given}));
        assert!(text.contains(words), "{text}");
        assert!(
            text.contains("market.json#/capability/exposes/1/tools/0/with/symbol"),
            "{text}"
        );
    }
    let import = json!([{"location": "none.yaml", "import": "market"}]);
    assert!(
        fault("/consumes", import)
            .contains("`none.yaml` cannot be imported: there is no such file")
    );
    let digest = json!({"type": "digest", "username": "u", "password": "{{env.KEY}}"});
    assert!(
        fault("/capability/consumes/0/authentication", digest)
            .contains("cannot be authenticated by `digest`")
    );
    let output =
        json!([{"type": "object", "properties": {"a": {"type": "string", "mapping": "a.b"}}}]);
    assert!(fault(&format!("{tool}/outputParameters"), output).contains("is no JSONPath"));
    let body = "/capability/consumes/0/resources/0/operations/1/body";
    assert!(fault(body, json!({"type": "json", "data": {"a": "{{a}}"}})).contains("made of parts"));
    let format = "/capability/consumes/0/resources/0/operations/1/outputRawFormat";
    assert!(fault(format, json!("xml")).contains("`xml` cannot be read"));
    let forward = "/capability/exposes/0/resources/0/forward";
    assert!(fault(forward, json!({"targetNamespace": "market"})).contains("not forwarded unread"));
    assert!(fault("/capability/exposes/1/port", json!(70_000)).contains("no port"));
    assert!(
        fault("/capability/exposes/1/type", json!("soap")).contains("no server of type `soap`")
    );
}

#[test]
fn what_is_no_capability_file_says_so() {
    for (text, words) in [
        ("a: 1", "neither `naftiko` nor `ikanos`"),
        ("naftiko: 1.0.0-alpha2", "this file has no `capability`"),
        (
            "naftiko: 1.0.0-alpha2\nbinds: 5\ncapability: []",
            "`binds` is a number, not a list",
        ),
        (
            "naftiko: 1.0.0-alpha2\ncapability: {consumes: [3], exposes: [{type: rest}]}",
            "not an object",
        ),
    ] {
        let faults = capability::read(&Document::parse("f.yaml", text.as_bytes()).unwrap());
        let message = faults.unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn nesting_without_end_is_a_fault_and_no_crash() {
    let deep = format!(
        "naftiko: 1.0.0-alpha2\ncapability: {}{}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert!(Document::parse("f.yaml", deep.as_bytes()).is_err());
    let json = format!(
        "{{\"naftiko\": \"1.0.0-alpha2\", \"capability\": {}1{}}}",
        "{\"a\":".repeat(10_000),
        "}".repeat(10_000)
    );
    assert!(Document::parse("f.json", json.as_bytes()).is_err());
}

/// Every value in turn becomes something else.
#[test]
fn any_value_in_any_place_gives_a_reading_or_faults() {
    let whole = small();
    let mut pointers = vec![String::new()];
    let mut index = 0;
    while index < pointers.len() {
        let at = pointers[index].clone();
        match whole.pointer(&at).unwrap() {
            Value::Object(members) => {
                pointers.extend(members.keys().map(|key| format!("{at}/{key}")))
            }
            Value::Array(items) => {
                pointers.extend((0..items.len()).map(|item| format!("{at}/{item}")))
            }
            _ => {}
        }
        index += 1;
    }
    let junk = [
        json!(null),
        json!(true),
        json!(-1),
        json!([]),
        json!({}),
        json!([[]]),
        json!([{}]),
        json!({"": {}}),
        json!(""),
        json!("{{"),
        json!("."),
        json!("a.b.c"),
        json!({"name": {"name": 1}}),
        json!("\u{0}é"),
    ];
    let mut refused = 0;
    for pointer in &pointers[1..] {
        for value in &junk {
            let mut changed = whole.clone();
            *changed.pointer_mut(pointer).unwrap() = value.clone();
            if let Err(faults) = read(&changed) {
                refused += 1;
                for fault in faults.0 {
                    assert!(
                        !fault.problem.is_empty() && !fault.fix.is_empty(),
                        "{pointer} {value}"
                    );
                }
            }
        }
    }
    assert!(refused > pointers.len(), "{refused}");
}

#[test]
fn variables_come_from_the_lookup_alone_and_are_never_empty() {
    let mut file = small();
    file["capability"]["consumes"][0]["authentication"]["value"] =
        json!("Key {{env.KEY}} and {{ KEY }}");
    let capability = read(&file).unwrap().capability;
    let authentication = capability.consumes[0].authentication.as_ref().unwrap();
    let template = &authentication.values[0];
    let with = |value: Option<&'static str>| {
        let lookup = move |name: &str| value.filter(|_| name == "MARKET_KEY").map(str::to_owned);
        Resolver::new(&capability.binds, lookup).fill(template)
    };
    // What was filled in is not read again.
    assert_eq!(
        with(Some("{{env.KEY}}")).unwrap().expose(),
        "Key {{env.KEY}} and {{env.KEY}}"
    );
    for unset in [None, Some("")] {
        let error = with(unset).unwrap_err();
        assert_eq!(
            error,
            Unresolved::Unset {
                variable: "env.KEY".to_owned(),
                key: "MARKET_KEY".to_owned()
            }
        );
        assert!(error.to_string().contains("export `MARKET_KEY`"));
    }
    let resolver = Resolver::new(&capability.binds, |_| Some("s".to_owned()));
    assert_eq!(resolver.variable(Some("env"), "KEY").unwrap().expose(), "s");
    assert!(matches!(
        resolver.variable(Some("x"), "KEY"),
        Err(Unresolved::Undeclared { .. })
    ));
}

#[test]
fn arguments_of_a_call_cannot_reach_a_variable() {
    // A caller's JSON has no way into a template: only the reader makes one, and the resolver takes nothing else.
    let capability = read(&small()).unwrap().capability;
    let template = &capability.consumes[0]
        .authentication
        .as_ref()
        .unwrap()
        .values[0];
    let arguments = json!({"env": {"KEY": "evil"}, "KEY": "evil", "symbol": "{{env.KEY}}"});
    let filled = Resolver::new(&capability.binds, |_| Some("right".to_owned()))
        .fill(template)
        .unwrap();
    assert_eq!(filled.expose(), "right");
    assert_eq!(arguments["symbol"], "{{env.KEY}}");
}

#[test]
fn secrets_are_in_no_debug_text() {
    let mut file = small();
    file["capability"]["consumes"][0]["authentication"]["value"] = json!("written-into-the-file");
    let capability = read(&file).unwrap().capability;
    assert!(!format!("{capability:?}").contains("written-into-the-file"));
    let resolver = Resolver::new(&capability.binds, |_| {
        Some("from-the-environment".to_owned())
    });
    let secret = resolver.variable(None, "KEY").unwrap();
    assert!(!format!("{secret:?} {resolver:?}").contains("from-the-environment"));
}
