//! The armed rules, what they have done so far, and the exchange's clock.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::Utc;
use serde::Serialize;

use crate::errors::SandboxError;
use crate::fault::kind::Fault;
use crate::fault::rule::FaultRule;
use crate::fault::text::is_skew;
use crate::http::Operation;

/// How many faults that happened are remembered; the oldest go first.
const FIRED_MAX: usize = 1_000;
/// How many rules may be armed at once.
const ARMED_MAX: usize = 1_000;

/// A rule that was armed, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArmedFault {
    /// Its number, from 1.
    pub id: u64,
    /// The rule.
    #[serde(flatten)]
    pub rule: FaultRule,
    /// How many requests it matched until it had happened as often as it may.
    pub matched: u64,
    /// How many of them it chose.
    pub fired: u64,
}

/// A fault that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FaultFired {
    /// The how manieth fault this was, from 1.
    pub number: u64,
    /// When, in Unix milliseconds of the true clock.
    pub at_ms: i64,
    /// HTTP method of the request; `SUBSCRIBE` for a message of a stream.
    pub method: String,
    /// Path of the request, without query.
    pub path: String,
    /// The operation, where the request was for one; the stream of a message, without its symbol.
    pub operation: Option<String>,
    /// The symbols the request named, or the one of the message.
    pub symbols: Vec<String>,
    /// What happened.
    pub fault: Fault,
    /// The armed rule that chose it; `None` where the request's header did.
    pub armed: Option<u64>,
}

/// What a rule may look at in a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) operation: Option<Operation>,
    /// The stream, where it is a message of one and not a request.
    pub(crate) channel: Option<&'static str>,
    pub(crate) symbols: Vec<String>,
}

impl Target {
    /// What a rule calls its operation.
    fn name(&self) -> Option<&'static str> {
        let operation = self.operation.map(Operation::name);
        operation.or(self.channel)
    }
}

/// A fault that was chosen for a request, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) fault: Fault,
    pub(crate) armed: Option<u64>,
}

/// All faults of one exchange.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Whether any rule could still happen: what most requests look at, and no more.
    is_armed: AtomicBool,
    skew_ms: AtomicI64,
    registry: Mutex<Registry>,
}

#[derive(Debug, Default)]
struct Registry {
    last_id: u64,
    armed: Vec<Armed>,
    fired_count: u64,
    fired: VecDeque<FaultFired>,
}

#[derive(Debug)]
struct Armed {
    state: ArmedFault,
    chances: fastrand::Rng,
}

impl Armed {
    /// Whether it has happened as often as it may.
    fn is_spent(&self) -> bool {
        self.state.fired >= self.state.rule.times_max()
    }

    fn matches(&self, target: &Target) -> bool {
        let rule = &self.state.rule;
        let suits = match target.channel {
            Some(channel) => rule.fault.suits_stream(channel),
            None => rule.fault.suits(target.operation),
        };
        let named = |symbol: &String| target.symbols.contains(symbol);
        !self.is_spent()
            && suits
            && (rule.operation.is_none() || rule.operation.as_deref() == target.name())
            && rule.symbol.as_ref().is_none_or(named)
    }

    /// Counts one match and says whether it is chosen. Every match from the `nth` on draws, so that the
    /// sequence depends on nothing else.
    fn choose(&mut self) -> bool {
        let state = &mut self.state;
        state.matched += 1;
        if state.matched < state.rule.nth {
            return false;
        }
        let chosen = self.chances.f64() < state.rule.probability.unwrap_or(1.0);
        state.fired += u64::from(chosen);
        chosen
    }
}

impl Faults {
    /// Arms rules, all or none, and gives their numbers.
    pub(crate) fn arm(&self, rules: Vec<FaultRule>) -> Result<Vec<u64>, SandboxError> {
        rules.iter().try_for_each(FaultRule::check)?;
        let mut registry = self.lock();
        if registry.armed.len() + rules.len() > ARMED_MAX {
            return Err(SandboxError::TooManyFaults { max: ARMED_MAX });
        }
        let ids = rules.into_iter().map(|rule| registry.add(rule)).collect();
        self.note(&registry);
        Ok(ids)
    }

    /// Takes all rules away; what happened stays on record.
    pub(crate) fn disarm(&self) {
        let mut registry = self.lock();
        registry.armed.clear();
        self.is_armed.store(false, Ordering::Relaxed);
    }

    /// As at the start.
    pub(crate) fn reset(&self) {
        *self.lock() = Registry::default();
        self.is_armed.store(false, Ordering::Relaxed);
        self.skew_ms.store(0, Ordering::Relaxed);
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.is_armed.load(Ordering::Relaxed)
    }

    /// The faults that armed rules choose for a request, in the order they were armed.
    pub(crate) fn choose(&self, target: &Target) -> Vec<Chosen> {
        let mut registry = self.lock();
        let matching = registry
            .armed
            .iter_mut()
            .filter(|armed| armed.matches(target));
        let chosen = matching.filter_map(|armed| {
            armed.choose().then(|| Chosen {
                fault: armed.state.rule.fault.clone(),
                armed: Some(armed.state.id),
            })
        });
        let chosen = chosen.collect();
        self.note(&registry);
        chosen
    }

    /// Notes whether requests need to look at the rules at all.
    fn note(&self, registry: &Registry) {
        let is_armed = !registry.armed.iter().all(Armed::is_spent);
        self.is_armed.store(is_armed, Ordering::Relaxed);
    }

    pub(crate) fn record(&self, target: &Target, chosen: Chosen) {
        let mut registry = self.lock();
        registry.fired_count += 1;
        let fired = FaultFired {
            number: registry.fired_count,
            at_ms: Utc::now().timestamp_millis(),
            method: target.method.clone(),
            path: target.path.clone(),
            operation: target.name().map(str::to_owned),
            symbols: target.symbols.clone(),
            fault: chosen.fault,
            armed: chosen.armed,
        };
        if registry.fired.len() == FIRED_MAX {
            registry.fired.pop_front();
        }
        registry.fired.push_back(fired);
    }

    pub(crate) fn armed(&self) -> Vec<ArmedFault> {
        let registry = self.lock();
        registry
            .armed
            .iter()
            .map(|armed| armed.state.clone())
            .collect()
    }

    /// The last faults that happened, oldest first.
    pub(crate) fn fired(&self, count_max: usize) -> Vec<FaultFired> {
        let registry = self.lock();
        let skipped = registry.fired.len().saturating_sub(count_max);
        registry.fired.iter().skip(skipped).cloned().collect()
    }

    pub(crate) fn skew_ms(&self) -> i64 {
        self.skew_ms.load(Ordering::Relaxed)
    }

    /// Sets how far the exchange's clock is ahead.
    pub(crate) fn set_skew_ms(&self, skew_ms: i64) -> Result<(), SandboxError> {
        if !is_skew(skew_ms) {
            return Err(SandboxError::Fault {
                fault: Fault::ClockSkew { skew_ms }.to_string(),
                problem: "no clock is off by more than a year".to_owned(),
                fix: "give milliseconds".to_owned(),
            });
        }
        self.skew_ms.store(skew_ms, Ordering::Relaxed);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    fn add(&mut self, rule: FaultRule) -> u64 {
        self.last_id += 1;
        let chances = fastrand::Rng::with_seed(rule.seed);
        let state = ArmedFault {
            id: self.last_id,
            rule,
            matched: 0,
            fired: 0,
        };
        self.armed.push(Armed { state, chances });
        self.last_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(rule: FaultRule, count: usize) -> String {
        let faults = Faults::default();
        faults.arm(vec![rule]).unwrap();
        let target = Target::default();
        let chosen = (0..count).map(|_| faults.choose(&target).len());
        chosen
            .map(|count| if count == 0 { '.' } else { 'x' })
            .collect()
    }

    #[test]
    fn a_script_starts_at_the_nth_match_and_ends_after_so_many() {
        let rule = || FaultRule::from(Fault::Html);
        assert_eq!(pattern(rule(), 3), "x..");
        assert_eq!(pattern(rule().nth(2).times(2), 5), ".xx..");
        assert_eq!(pattern(rule().always(), 3), "xxx");
        assert_eq!(pattern(rule().chance(0.0, 1), 3), "...");
    }

    #[test]
    fn requests_look_at_rules_only_while_one_could_still_happen() {
        let faults = Faults::default();
        let rules = [Fault::Html, Fault::DropAfter].map(FaultRule::from);
        faults.arm(rules.to_vec()).unwrap();
        assert!(faults.is_armed());
        assert_eq!(faults.choose(&Target::default()).len(), 2);
        assert!(!faults.is_armed());
        assert_eq!(faults.armed().len(), 2);
        faults.arm(vec![Fault::Html.into()]).unwrap();
        assert!(faults.is_armed());
    }

    #[test]
    fn the_same_seed_chooses_the_same_requests_and_another_seed_others() {
        let chances = |seed| pattern(FaultRule::from(Fault::Html).chance(0.3, seed), 200);
        assert_eq!(chances(7), chances(7));
        assert_ne!(chances(7), chances(8));
        let hits = chances(7).matches('x').count();
        assert!((30..90).contains(&hits), "{hits} of 200 at 0.3");
    }

    #[test]
    fn a_rule_that_could_never_happen_is_refused_and_nothing_is_armed() {
        let faults = Faults::default();
        let good = Fault::Html.on("get_order");
        for bad in [
            Fault::Html.on("get_orders"),
            Fault::Settle { delay_ms: 1 }.on("get_order"),
            FaultRule::from(Fault::Html).nth(0),
            FaultRule::from(Fault::Html).chance(1.5, 0),
            FaultRule::from(Fault::Html).chance(f64::NAN, 0),
        ] {
            let error = faults.arm(vec![good.clone(), bad]).unwrap_err();
            assert!(error.to_string().contains("; "), "{error}");
        }
        assert!(faults.armed().is_empty() && !faults.is_armed());
    }

    #[test]
    fn only_the_last_faults_are_remembered_and_numbers_go_on() {
        let faults = Faults::default();
        for _ in 0..=FIRED_MAX {
            let chosen = Chosen {
                fault: Fault::Html,
                armed: None,
            };
            faults.record(&Target::default(), chosen);
        }
        let fired = faults.fired(usize::MAX);
        assert_eq!((fired.len(), fired[0].number), (FIRED_MAX, 2));
        assert_eq!(faults.fired(1)[0].number, 1_001);
    }
}
