//! When an armed fault happens.

use serde::{Deserialize, Serialize};

use crate::errors::SandboxError;
use crate::fault::kind::Fault;
use crate::http::Operation;
use crate::stream::topic::CHANNELS;

/// A fault and the requests it happens to: every match from the `nth` on, each with the given
/// probability, until it has happened so many `times`.
///
/// The choice depends on nothing but the rule and the order of its matches: the same seed and the same
/// requests give the same faults.
///
/// ```
/// use bpx_sandbox::{Fault, FaultRule};
///
/// let second_order_is_lost = Fault::DropAfter.on("execute_order").nth(2);
/// let one_read_in_ten = Fault::Html.on("get_order").chance(0.1, 42);
/// let all_of_a_market: FaultRule = FaultRule::from(Fault::Maintenance).symbol("SOL_USDC").always();
/// assert_eq!(all_of_a_market.probability, Some(1.0));
/// # let _ = (second_order_is_lost, one_read_in_ten);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FaultRule {
    /// What happens.
    pub fault: Fault,
    /// The operation it happens to, for example `execute_order`, or the stream, for example `depth`;
    /// `None` is every one that the fault can happen to.
    #[serde(default)]
    pub operation: Option<String>,
    /// The symbol that the request must name; `None` is any or none.
    #[serde(default)]
    pub symbol: Option<String>,
    /// The first match it happens to, counted from 1.
    #[serde(default = "first")]
    pub nth: u64,
    /// How often it happens at most. `None` is once without a probability, and without end with one.
    #[serde(default)]
    pub times: Option<u64>,
    /// How likely it is for each match, 0 to 1; `None` is certain.
    #[serde(default)]
    pub probability: Option<f64>,
    /// Chooses the sequence of chances.
    #[serde(default)]
    pub seed: u64,
}

fn first() -> u64 {
    1
}

impl Fault {
    /// This fault, once, at the next request for an operation, for example `execute_order`, or at the next
    /// message of a stream, for example `depth`.
    #[must_use]
    pub fn on(self, operation: impl Into<String>) -> FaultRule {
        FaultRule {
            operation: Some(operation.into()),
            ..FaultRule::from(self)
        }
    }
}

impl From<Fault> for FaultRule {
    /// This fault, once, at the next request.
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            operation: None,
            symbol: None,
            nth: first(),
            times: None,
            probability: None,
            seed: 0,
        }
    }
}

impl FaultRule {
    /// Only requests that name this symbol; in a batch, any of its orders.
    #[must_use]
    pub fn symbol(mut self, symbol: impl Into<String>) -> Self {
        self.symbol = Some(symbol.into());
        self
    }

    /// Not before the n-th match, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = nth;
        self
    }

    /// At most so many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Each match with this probability, 0 to 1, drawn from a sequence that the seed chooses.
    #[must_use]
    pub fn chance(mut self, probability: f64, seed: u64) -> Self {
        self.probability = Some(probability);
        self.seed = seed;
        self
    }

    /// Every match.
    #[must_use]
    pub fn always(self) -> Self {
        self.chance(1.0, 0)
    }

    /// Whether it could ever happen as written.
    pub(crate) fn check(&self) -> Result<(), SandboxError> {
        let complaint = self.complaint();
        complaint.map_or(Ok(()), |(problem, fix)| {
            Err(SandboxError::Fault {
                fault: self.fault.to_string(),
                problem,
                fix,
            })
        })
    }

    /// Problem and fix.
    fn complaint(&self) -> Option<(String, String)> {
        let likely = self.probability.unwrap_or(1.0);
        if !(0.0..=1.0).contains(&likely) {
            let problem = format!("a probability of {likely} is not between 0 and 1");
            return Some((problem, "give 0 to 1".to_owned()));
        }
        if self.nth == 0 {
            let problem = "there is no match number 0".to_owned();
            return Some((problem, "count from 1".to_owned()));
        }
        let name = self.operation.as_deref()?;
        if let Fault::Stream(fault) = &self.fault {
            let known = fault.only().map_or(CHANNELS.to_vec(), |only| vec![only]);
            let is_known = known.contains(&name);
            let problem = format!("it cannot happen to {name}");
            return (!is_known).then(|| (problem, format!("use {}", known.join(", "))));
        }
        let Some(operation) = Operation::named(name) else {
            let fix = format!("use one of {}", names(Operation::ALL));
            return Some((format!("there is no operation {name}"), fix));
        };
        let unsuited = !self.fault.suits(Some(operation));
        unsuited.then(|| {
            let only = names(self.fault.only().unwrap_or_default());
            let problem = format!("it cannot happen to {name}");
            (problem, format!("use {only}"))
        })
    }

    /// How often it happens at most.
    pub(crate) fn times_max(&self) -> u64 {
        let unlimited = if self.probability.is_some() {
            u64::MAX
        } else {
            1
        };
        self.times.unwrap_or(unlimited)
    }
}

pub(crate) fn names(operations: &[Operation]) -> String {
    let names: Vec<_> = operations
        .iter()
        .map(|operation| operation.name())
        .collect();
    names.join(", ")
}
