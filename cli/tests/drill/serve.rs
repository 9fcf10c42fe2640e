//! `bpx serve`: one process makes many calls over REST.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Child;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Barrier, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::ready;
use crate::plan::Call;
use crate::{Drill, common, id};

/// How many call at the same time.
const CALLERS: usize = 8;
/// Kills hit within this time after the callers began, or after each has its first outcome in one of so many lives.
const BUSY: Duration = Duration::from_millis(400);
const PATIENT_ONE_IN: u32 = 10;
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

/// A call that was under way when its gateway was killed, for the first time at this moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Open {
    call: Call,
    since: Instant,
}

/// What the callers of one gateway share.
struct Shared<'a> {
    drill: Mutex<&'a mut Drill>,
    host: String,
    token: String,
    is_last: bool,
    /// After its first outcome each caller waits for the others: calls beside would only lengthen the history.
    pause: Option<Barrier>,
}

/// Starts a gateway, lets the callers make calls, and kills it meanwhile.
pub(crate) fn round(drill: &mut Drill) {
    // What became of a request that never arrived takes time to prove.
    let is_patient = drill.plan.one_in(PATIENT_ONE_IN);
    let wait = drill.plan.moment(BUSY);
    let pause = is_patient.then(|| Barrier::new(CALLERS));
    live(drill, false, pause, |answered| {
        if is_patient {
            answered.iter().for_each(drop);
        }
        thread::sleep(wait);
    });
    drill.kills += 1;
}

/// Makes the calls that are open to their end.
pub(crate) fn finish(drill: &mut Drill) {
    live(drill, true, None, |answered| answered.iter().for_each(drop));
    assert!(drill.open.is_empty(), "the gateway ended by itself");
}

/// One life of a gateway, which ends when `wait` does. The channel ends when each caller's first call has its outcome.
fn live(drill: &mut Drill, is_last: bool, pause: Option<Barrier>, wait: impl FnOnce(Receiver<()>)) {
    let mut gateway = Gateway::start(drill);
    let mut open = std::mem::take(&mut drill.open).into_iter();
    let shared = Shared {
        drill: Mutex::new(drill),
        host: gateway.host.clone(),
        token: gateway.token.clone(),
        is_last,
        pause,
    };
    let left: Vec<Open> = thread::scope(|scope| {
        let (sender, answered) = mpsc::channel();
        let callers = [(); CALLERS].map(|()| {
            let (shared, first, sender) = (&shared, open.next(), sender.clone());
            scope.spawn(move || shared.calls(first, sender))
        });
        drop(sender);
        wait(answered);
        common::end(&mut gateway.child);
        gateway.child.wait().unwrap();
        let left = callers.map(|caller| caller.join().unwrap());
        left.into_iter().flatten().collect()
    });
    drill.open = left;
}

impl<'a> Shared<'a> {
    fn drill(&self) -> MutexGuard<'_, &'a mut Drill> {
        self.drill.lock().unwrap()
    }

    /// Makes one call after the other until the gateway breaks off; the call that it leaves open then. Lets go of the
    /// sender once the first has its outcome.
    fn calls(&self, mut again: Option<Open>, sender: Sender<()>) -> Option<Open> {
        let mut first = Some(sender);
        loop {
            if self.is_last && again.is_none() {
                return None;
            }
            let call = match again {
                Some(open) => open.call,
                None => self.drill().next_call(),
            };
            let began = Instant::now();
            let Some((outcome, orders)) = attempt(call, &self.host, &self.token) else {
                self.drill().count(&call, again.is_some());
                let since = again.map_or_else(Instant::now, |open| open.since);
                return Some(Open { call, since });
            };
            let mut drill = self.drill();
            if let Some(open) = again.take() {
                let waited = [began, open.since].map(|since| since.elapsed());
                for (most, waited) in drill.waited.iter_mut().zip(waited) {
                    *most = waited.max(*most);
                }
            }
            drill.ended(call, &outcome, orders);
            drop(drill);
            if first.take().is_some()
                && let Some(pause) = &self.pause
            {
                pause.wait();
            }
        }
    }
}

/// Makes a call until it has an outcome, with its orders; none if the gateway broke off.
fn attempt(call: Call, host: &str, token: &str) -> Option<(String, Vec<String>)> {
    loop {
        let Answer { outcome, body } = post(call, host, token)?;
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
        return Some((outcome, orders));
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
        let (child, line) = ready(drill.exchange.command(&arguments));
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
