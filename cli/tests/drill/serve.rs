//! `bpx serve`: one process makes many calls over REST.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::plan::Call;
use crate::{Drill, common, id};

/// Kills hit within this time after the first call of a process.
const BUSY: Duration = Duration::from_millis(60);
/// How long after one that is under way is asked for again.
const PAUSE: Duration = Duration::from_millis(100);
const COMMAND: &str =
    "serve --rest 127.0.0.1:0 --mcp off --allow-trading --rate 1000 --change-rate 1000";

/// A gateway that runs.
struct Gateway {
    child: Child,
    host: String,
    token: String,
}

/// How a call was answered.
struct Answer {
    outcome: Option<String>,
    body: Value,
}

/// Starts a gateway, makes calls, and kills it meanwhile.
pub(crate) fn round(drill: &mut Drill) {
    let mut gateway = Gateway::start(drill);
    // What became of a request that never arrived takes time to prove.
    if drill.plan.one_in(2) {
        let ended = one_call(drill, &gateway);
        assert!(ended, "the gateway ended by itself");
    }
    let wait = drill.plan.moment(BUSY);
    let (start, started) = mpsc::channel();
    let host = (gateway.host.clone(), gateway.token.clone());
    let killer = thread::spawn(move || {
        started.recv().unwrap();
        thread::sleep(wait);
        common::end(&mut gateway.child);
        gateway.child.wait().unwrap();
    });
    start.send(()).unwrap();
    loop {
        let call = drill.call();
        let before = drill.journal.step(&call);
        let heard = drill.heard(&call);
        if !attempt(drill, call, &host.0, &host.1) {
            killer.join().unwrap();
            drill.count(&call, before, heard);
            return;
        }
    }
}

/// Makes the last call to its end, so that nothing is left open.
pub(crate) fn finish(drill: &mut Drill) {
    let mut gateway = Gateway::start(drill);
    assert!(one_call(drill, &gateway), "the gateway ended by itself");
    common::end(&mut gateway.child);
    gateway.child.wait().unwrap();
}

fn one_call(drill: &mut Drill, gateway: &Gateway) -> bool {
    let call = drill.call();
    attempt(drill, call, &gateway.host, &gateway.token)
}

/// Makes a call until it has an outcome; whether it came to that.
fn attempt(drill: &mut Drill, call: Call, host: &str, token: &str) -> bool {
    loop {
        let Some(Answer { outcome, body }) = post(call, host, token) else {
            return false;
        };
        let Some(outcome) = outcome else {
            assert_eq!(body["code"], "IN_FLIGHT", "{body}");
            thread::sleep(PAUSE);
            continue;
        };
        if outcome == "unknown" && !call.is_cancellation() {
            // It is looked into again with each call.
            continue;
        }
        let rows = match &body {
            Value::Array(rows) => rows.clone(),
            row => vec![row.clone()],
        };
        let is_placed = outcome == "done" && !call.is_cancellation();
        let orders = if is_placed {
            rows.iter().map(id).collect()
        } else {
            Vec::new()
        };
        drill.ended(&outcome, orders);
        return true;
    }
}

/// One request; none if the gateway broke off.
fn post(call: Call, host: &str, token: &str) -> Option<Answer> {
    let (method, path, key, body) = (
        call.method(),
        call.path(),
        call.key(),
        call.body().to_string(),
    );
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(host).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let outcome = head
        .lines()
        .find_map(|line| line.strip_prefix("x-outcome: "));
    Some(Answer {
        outcome: outcome.map(str::to_owned),
        body: serde_json::from_str(body).ok()?,
    })
}

impl Gateway {
    fn start(drill: &Drill) -> Self {
        let arguments: Vec<_> = COMMAND.split(' ').collect();
        let mut child = drill
            .exchange
            .command(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        let token = fs::read_to_string(text("trade_token_file")).unwrap();
        Self {
            child,
            host: text("rest").strip_prefix("http://").unwrap().to_owned(),
            token: token.trim().to_owned(),
        }
    }
}
