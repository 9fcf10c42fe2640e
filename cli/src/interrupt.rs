//! Ctrl-C and SIGTERM while a command is at work: what was under way, and the command that finds out how it ended.

use std::future::Future;
use std::mem::ManuallyDrop;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use bpx_dispatch::{Checkpoint, Passing, Point};
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::commands::sandbox::Stop;
use crate::failure::{Category, Failure};

/// How far the writes of this process have come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    is_stopped: bool,
    write: Option<Write>,
}

#[derive(Debug, Clone)]
struct Write {
    point: Point,
    at: Instant,
    operation: String,
    intent: Option<String>,
    client_ids: Vec<u32>,
}

impl Checkpoint for Progress {
    fn reached(&self, point: Point, write: Passing<'_>) {
        let mut state = self.state();
        if state.is_stopped {
            drop(state);
            // What was said of the write stays true: it goes no further, and the process ends.
            loop {
                thread::park();
            }
        }
        state.write = Some(Write {
            point,
            at: Instant::now(),
            operation: write.operation.to_owned(),
            intent: write.intent.map(str::to_owned),
            client_ids: write.client_ids.to_vec(),
        });
    }
}

/// What was under way when the command was interrupted.
#[derive(Debug, Serialize)]
pub(crate) struct Interrupted {
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    /// `unknown` or `not_sent`.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) intent: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    client_ids: Vec<u32>,
    /// What is known of it.
    known: String,
}

impl Progress {
    /// Holds every write where it is, and says where that is.
    pub(crate) fn stop(&self) -> Interrupted {
        let mut state = self.state();
        state.is_stopped = true;
        let Some(write) = state.write.clone() else {
            return Interrupted {
                operation: None,
                outcome: "not_sent",
                intent: None,
                client_ids: Vec::new(),
                known: "nothing was sent".to_owned(),
            };
        };
        let (outcome, known) = known(&write);
        Interrupted {
            operation: Some(write.operation),
            outcome,
            intent: write.intent,
            client_ids: write.client_ids,
            known,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn known(write: &Write) -> (&'static str, String) {
    let seconds = write.at.elapsed().as_secs();
    let known = match write.point {
        Point::BeforeSend => format!("sending began {seconds} s ago, and no response is here yet"),
        Point::AfterSend => {
            "it was sent; a response came, or none in time, and how it ended was being looked into"
                .to_owned()
        }
        Point::BeforeOutcome => "it was sent, and its outcome was not recorded yet".to_owned(),
        _ => return ("not_sent", "nothing was sent".to_owned()),
    };
    ("unknown", known)
}

impl Interrupted {
    /// Whether something may have been carried out.
    pub(crate) fn may_have_acted(&self) -> bool {
        self.outcome == "unknown"
    }

    /// The failure of a workflow run that began; `next` tells how it goes on.
    pub(crate) fn failure_of_run(&self, run: &str, next: &str) -> Failure {
        let failure = self.failure(next).about(&format!("run {run}"));
        failure.fixed(next)
    }

    /// The failure of the command. `next` tells what to do where something may have been carried out.
    pub(crate) fn failure(&self, next: &str) -> Failure {
        if !self.may_have_acted() {
            let problem = "interrupted, nothing was sent";
            return Failure::new(Category::Interrupted, problem, "give the command again")
                .retryable(true);
        }
        let operation = self.operation.as_deref().unwrap_or("the call");
        let intent = self.intent.as_deref().map(|it| format!("intent {it}"));
        let ids = self.client_ids.iter().map(|id| format!("clientId {id}"));
        let names: Vec<_> = intent.into_iter().chain(ids).collect();
        let problem = format!(
            "interrupted: {operation} may have been carried out ({}): {}",
            names.join(", "),
            self.known
        );
        Failure::new(Category::Interrupted, problem, next)
    }
}

/// Does the work, unless a signal asks the process to stop: then there is no result, and what the work had begun is left
/// where it is. Work that ends by itself is followed by `after`. A second signal, or one that comes while `after` is at
/// work, ends the process at once.
pub(crate) fn work<T, U>(
    work: impl Future<Output = T>,
    after: impl AsyncFnOnce(T) -> U,
) -> Result<Option<U>, Failure> {
    // Never dropped: the process ends next, and whoever is held must not be waited for.
    let runtime = ManuallyDrop::new(Runtime::new()?);
    runtime.block_on(async {
        let mut stop = Stop::listen()?;
        let ended = tokio::select! {
            ended = work => Some(ended),
            _ = stop.asked() => None,
        };
        tokio::spawn(async move {
            let _ = stop.asked().await;
            process::exit(Category::Interrupted.exit_code().into());
        });
        match ended {
            Some(ended) => Ok(Some(after(ended).await)),
            None => Ok(None),
        }
    })
}
