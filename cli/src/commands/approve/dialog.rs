//! The questions on a terminal. What approves a call names it, so nothing that was typed for another call can.

use std::io::{self, BufRead as _};
use std::mem;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use bpx_gateway::{ApprovalError, Approvals, Decision, WaitingCall};

use super::shown;
use crate::failure::Failure;
use crate::output::remark;

/// How often to look for calls: other processes make them.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How much of a call's id has to be typed.
const CODE_CHARS: usize = 4;
const OVER: &str = "over: it was withdrawn, changed, took too long, or was decided elsewhere";

/// Shows each call as it comes and asks about it, until the input ends.
pub(super) fn ask_about_each(approvals: &Approvals) -> Result<(), Failure> {
    let mut dialog = Dialog {
        approvals,
        lines: lines(),
        codes: Vec::new(),
        may_be_late: false,
    };
    let mut asked: Vec<WaitingCall> = Vec::new();
    remark("waiting for calls; Ctrl-C ends this, and decides nothing")?;
    loop {
        let waiting = approvals.waiting()?;
        asked.retain(|call| waiting.iter().any(|other| is_same(call, other)));
        let is_new = |call: &&WaitingCall| !asked.iter().any(|other| is_same(call, other));
        let Some(call) = waiting.iter().find(is_new) else {
            match dialog.lines.recv_timeout(LOOK_EVERY) {
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
                // What is typed before a call is shown is no answer to it.
                _ => continue,
            }
        };
        asked.push(call.clone());
        if !dialog.ask(call)? {
            return Ok(());
        }
    }
}

/// Whether both are one call and would be shown alike.
fn is_same(a: &WaitingCall, b: &WaitingCall) -> bool {
    (&a.id, &a.summary) == (&b.id, &b.summary)
}

struct Dialog<'a> {
    approvals: &'a Approvals,
    lines: Receiver<String>,
    /// What approves each call that was shown.
    codes: Vec<(WaitingCall, String)>,
    /// The terminal may hold what was typed for a call that ended before it was sent off.
    may_be_late: bool,
}

enum Answer {
    Decided(Decision),
    Left,
    Unclear,
}

impl Dialog<'_> {
    /// Asks about one call; false at the end of input.
    fn ask(&mut self, call: &WaitingCall) -> Result<bool, Failure> {
        let code = self.code(call);
        let question = format!("Type {code} to approve, n to decline, s to leave it");
        remark(&format!("\n{}", shown(call)))?;
        while self.lines.try_recv().is_ok() {}
        remark(&question)?;
        loop {
            match self.lines.recv_timeout(LOOK_EVERY) {
                Ok(line) => match self.answer(line.trim(), &code) {
                    Answer::Decided(decision) => {
                        self.decide(call, decision)?;
                        return Ok(true);
                    }
                    Answer::Left => {
                        remark("left to be decided elsewhere")?;
                        return Ok(true);
                    }
                    Answer::Unclear => remark(&format!("nothing is decided. {question}"))?,
                },
                Err(RecvTimeoutError::Disconnected) => return Ok(false),
                Err(RecvTimeoutError::Timeout) if self.waits(call)? => {}
                Err(RecvTimeoutError::Timeout) => {
                    self.may_be_late = true;
                    remark(OVER)?;
                    return Ok(true);
                }
            }
        }
    }

    /// Whether it still waits as it was shown.
    fn waits(&self, call: &WaitingCall) -> Result<bool, Failure> {
        let waiting = self.approvals.waiting()?;
        Ok(waiting.iter().any(|other| is_same(call, other)))
    }

    /// The start of the call's id, as long as it takes to differ from the code of everything shown before.
    fn code(&mut self, call: &WaitingCall) -> String {
        if let Some((_, code)) = self.codes.iter().find(|(it, _)| is_same(it, call)) {
            return code.clone();
        }
        let is_free = |code: &&str| !self.codes.iter().any(|(_, other)| other == code);
        let starts = (CODE_CHARS..call.id.len()).filter_map(|end| call.id.get(..end));
        let code = starts.into_iter().find(is_free).unwrap_or(&call.id);
        let code = code.to_owned();
        self.codes.push((call.clone(), code.clone()));
        code
    }

    fn answer(&mut self, typed: &str, code: &str) -> Answer {
        let may_be_late = mem::take(&mut self.may_be_late);
        match typed {
            _ if typed == code => Answer::Decided(Decision::Approve),
            _ if may_be_late => Answer::Unclear,
            "n" | "no" => Answer::Decided(Decision::Decline),
            "s" | "" => Answer::Left,
            _ => Answer::Unclear,
        }
    }

    fn decide(&self, call: &WaitingCall, decision: Decision) -> Result<(), Failure> {
        if !self.waits(call)? {
            return Ok(remark(OVER)?);
        }
        match self.approvals.decide(&call.id, decision) {
            Ok(call) => remark(&call.outlook(decision))?,
            Err(error @ (ApprovalError::NotWaiting { .. } | ApprovalError::Decided { .. })) => {
                remark(&error.to_string())?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// The lines of standard input, as they come.
fn lines() -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
