//! `bpx serve --account`: several accounts in one process; and one state folder for one account.

#![cfg(test)]
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;
mod refused;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::Duration;

use bpx_sandbox::SandboxConfig;
use common::exchange::Exchange;
use common::signal::signal;
use common::{json, ready, stderr, stdout};
use reqwest::Client;
use serde_json::{Value, json};

const ORDER: &str = "/api/v1/order";
const ORDERS: &str = "/api/v1/orders?symbol=SOL_USDC";

/// An exchange with two accounts, and their secrets in files.
fn two_accounts() -> Exchange {
    let mut config = SandboxConfig::bare();
    let mut other = config.accounts[0].clone();
    other.name = "other".to_owned();
    other.api_secret = Some(common::SEED.to_owned());
    config.accounts.push(other);
    let exchange = Exchange::with(config);
    for (name, secret) in [
        ("desk", exchange.sandbox.api_secret()),
        ("lab", common::SEED.to_owned()),
    ] {
        let path = exchange.state.path().join(format!("{name}.secret"));
        fs::write(&path, secret).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }
    exchange
}

/// A gateway that ends with the test, whatever happens.
struct Gateway<'a> {
    exchange: &'a Exchange,
    child: Child,
    ready: Value,
    http: Client,
}

impl Drop for Gateway<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(exchange: &Exchange, options: &[&str]) -> Command {
    let mut command = exchange.command(options);
    command.env_remove("BACKPACK_API_SECRET");
    command
}

const SERVE: [&str; 10] = [
    "serve",
    "--rest",
    "127.0.0.1:0",
    "--mcp",
    "127.0.0.1:0",
    "--allow-trading",
    "--account",
    "desk=desk.secret",
    "--account",
    "lab=lab.secret",
];

impl<'a> Gateway<'a> {
    fn of(exchange: &'a Exchange, command: Command) -> Self {
        let (child, line) = ready(command);
        Self {
            exchange,
            child,
            ready: serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line:?}")),
            http: Client::builder().no_proxy().build().unwrap(),
        }
    }

    fn start(exchange: &'a Exchange) -> Self {
        Self::of(exchange, command(exchange, &SERVE))
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.exchange.state.path().join(name)
    }

    fn token(&self, name: &str, scope: &str) -> String {
        let path = self.folder(name).join(format!("{scope}.token"));
        fs::read_to_string(path).unwrap().trim().to_owned()
    }

    /// Status and body of a request; with a body it is a POST.
    fn call(&self, path: &str, token: &str, body: Option<&Value>) -> (u16, String) {
        let url = format!("{}{path}", self.ready["rest"].as_str().unwrap());
        let request = match body {
            Some(body) => self.http.post(url).json(body),
            None => self.http.get(url),
        };
        self.exchange.runtime.block_on(async {
            let response = request.bearer_auth(token).send().await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap())
        })
    }

    fn place(&self, name: &str, price: &str) -> u16 {
        let order = json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": price, "quantity": "1"});
        self.call(ORDER, &self.token(name, "trade"), Some(&order)).0
    }

    fn open_orders(&self, name: &str) -> usize {
        let (status, body) = self.call(ORDERS, &self.token(name, "read"), None);
        assert_eq!(status, 200, "{body}");
        serde_json::from_str::<Value>(&body)
            .unwrap()
            .as_array()
            .unwrap()
            .len()
    }

    fn becomes(&self, name: &str, price: &str, status: u16) {
        let is = |_| {
            sleep(Duration::from_millis(50));
            self.place(name, price) == status
        };
        assert!((0..100).any(is), "{name} {price} {status}");
    }
}

#[test]
fn the_token_decides_the_account_and_each_has_its_own_of_everything() {
    let exchange = two_accounts();
    let mut gateway = Gateway::start(&exchange);
    let accounts = gateway.ready["accounts"].as_array().unwrap();
    let names: Vec<_> = accounts
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["desk", "lab"]);
    assert_ne!(accounts[0]["account"], accounts[1]["account"]);

    assert_eq!(
        (gateway.place("desk", "20"), gateway.place("desk", "21")),
        (200, 200)
    );
    assert_eq!(gateway.place("lab", "22"), 200);
    assert_eq!(
        (gateway.open_orders("desk"), gateway.open_orders("lab")),
        (2, 1)
    );
    for (name, held) in [("desk", "account"), ("lab", "journal.sqlite")] {
        let mode = fs::metadata(gateway.folder(name).join(held))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}/{held}");
    }

    let approve = |name| {
        gateway
            .call("/approve/waiting", &gateway.token(name, "approve"), None)
            .0
    };
    assert_eq!((approve("desk"), approve("lab")), (200, 200));
    let (status, text) = gateway.call("/readyz", "", None);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &report["ready"]), (200, &json!(true)));
    assert_eq!(report["accounts"]["lab"]["journal"], "ok");
    let (_, metrics) = gateway.call("/metrics", &gateway.token("lab", "read"), None);
    for line in [
        r#"bpx_calls_total{account="desk",face="rest",operation="execute_order",outcome="done"} 2"#,
        r#"bpx_calls_total{account="lab",face="rest",operation="execute_order",outcome="done"} 1"#,
        r#"bpx_journal_up{account="desk"} 1"#,
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line}\n{metrics}");
    }

    signal(&gateway.child, "-TERM");
    assert_eq!(gateway.child.wait().unwrap().code(), Some(0));
    // Both have left: nobody is among the living.
    for name in ["desk", "lab"] {
        assert_eq!(
            fs::read_dir(gateway.folder(name).join("running"))
                .unwrap()
                .count(),
            0
        );
    }
}

#[test]
fn policies_and_kill_switches_hold_for_their_account_and_those_above_for_all() {
    let exchange = two_accounts();
    let state = exchange.state.path();
    fs::create_dir(state.join("lab")).unwrap();
    let lab = state.join("lab/policy.toml");
    fs::write(&lab, "trading = false").unwrap();
    fs::write(
        state.join("all.toml"),
        "trading = true\n[order]\nnotional_max = \"30\"",
    )
    .unwrap();
    let gateway = Gateway::of(
        &exchange,
        command(&exchange, &[&SERVE[..], &["--policy", "all.toml"]].concat()),
    );
    assert_eq!(
        (gateway.place("desk", "20"), gateway.place("desk", "40")),
        (200, 403)
    );
    assert_eq!(gateway.place("lab", "20"), 403);
    fs::write(&lab, "trading = true").unwrap();
    signal(&gateway.child, "-HUP");
    gateway.becomes("lab", "40", 200);
    assert_eq!(gateway.place("desk", "40"), 403);

    let run = |arguments: &[&str]| command(&exchange, arguments).output().unwrap();
    let switch = |command: &str, folder: &Path| {
        let done = run(&[command, "--state", folder.to_str().unwrap()]);
        assert!(done.status.success(), "{}", stderr(&done));
    };
    switch("kill", &state.join("desk"));
    assert_eq!(
        (gateway.place("desk", "20"), gateway.place("lab", "20")),
        (403, 200)
    );
    switch("revive", &state.join("desk"));
    switch("kill", state);
    assert_eq!(
        (gateway.place("desk", "20"), gateway.place("lab", "20")),
        (403, 403)
    );
    // Also for another process with the folder of one account.
    let folder = state.join("lab");
    let own = [
        "--state",
        folder.to_str().unwrap(),
        "--api-secret-file",
        "lab.secret",
    ];
    let killed = run(&[
        &[
            "buy",
            "SOL_USDC",
            "1",
            "--price",
            "20",
            "--allow-trading",
            "--json",
        ][..],
        &own,
    ]
    .concat());
    assert_eq!(json(&killed)["error"], "kill_switch", "{}", stdout(&killed));
    switch("revive", state);
    assert_eq!(gateway.place("desk", "20"), 200);
    let doctor = run(&[&["doctor", "--json"][..], &own].concat());
    assert!(doctor.status.success(), "{}", stdout(&doctor));
}

#[test]
fn a_session_of_one_account_means_nothing_to_the_other() {
    let exchange = two_accounts();
    let gateway = Gateway::start(&exchange);
    let url = gateway.ready["mcp"].as_str().unwrap();
    let post = |name: &str, session: &str, body: &Value| {
        let request = gateway
            .http
            .post(url)
            .bearer_auth(gateway.token(name, "trade"))
            .json(body);
        let request = request.header("accept", "application/json, text/event-stream");
        match session {
            "" => request,
            id => request.header("mcp-session-id", id),
        }
    };
    exchange.runtime.block_on(async {
        let begin = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}}});
        let begun = post("desk", "", &begin).send().await.unwrap();
        let session = begun.headers()["mcp-session-id"]
            .to_str()
            .unwrap()
            .to_owned();
        let list = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"});
        for (name, status) in [("desk", 200), ("lab", 404)] {
            let response = post(name, &session, &list).send().await.unwrap();
            assert_eq!(response.status(), status, "{name}");
        }
    });
}
