//! The operators' files in `deploy/`, each with the program that reads it, where that is installed.

#![cfg(test)]
#![cfg(unix)]

mod caddy;
#[path = "../common/mod.rs"]
mod common;
mod compose;
mod image;
mod metrics;
mod registry;
mod unit;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use common::exchange::Exchange;
use common::ready;

/// A file of the folder.
fn file(name: &str) -> PathBuf {
    let cli = Path::new(env!("CARGO_MANIFEST_DIR"));
    cli.with_file_name("deploy").join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap()
}

/// Whether a program is installed; prints that the test is skipped where it is not.
fn has(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status();
    let has = found.is_ok_and(|it| it.success());
    if !has {
        println!("skipped: {program} is not installed");
    }
    has
}

/// A process that ends with the test, whatever happens.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A gateway that is ready.
struct Gateway {
    ready: Value,
    _process: Process,
    http: Client,
}

impl Gateway {
    fn start(exchange: &Exchange, options: &[&str]) -> Self {
        let free = ["serve", "--rest", "127.0.0.1:0", "--mcp", "127.0.0.1:0"];
        Self::of(exchange.command(&[&free[..], options].concat()))
    }

    fn of(command: Command) -> Self {
        let (child, line) = ready(command);
        Self {
            ready: serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line:?}")),
            _process: Process(child),
            http: Client::builder().no_proxy().build().unwrap(),
        }
    }

    fn text(&self, member: &str) -> &str {
        self.ready[member].as_str().unwrap()
    }

    fn token(&self, scope: &str) -> String {
        let file = self.text(&format!("{scope}_token_file"));
        fs::read_to_string(file).unwrap().trim().to_owned()
    }

    fn get(&self, path: &str) -> RequestBuilder {
        let request = self.http.get(format!("{}{path}", self.text("rest")));
        request.bearer_auth(self.token("read"))
    }
}

fn order() -> Value {
    json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20", "quantity": "1"})
}
