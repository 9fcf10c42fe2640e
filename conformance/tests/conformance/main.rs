//! Recordings, good and bad, and what the checker makes of them.

#[cfg(test)]
mod drift;
#[cfg(test)]
mod exchanges;
#[cfg(test)]
mod fast;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod inputs;
#[cfg(test)]
mod live;
#[cfg(test)]
mod merge;
#[cfg(test)]
mod mixed;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod record;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod seam;
#[cfg(test)]
mod seeded;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod support;
#[cfg(test)]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with the tests of the recorder"
)]
#[path = "../../../recording/tests/recording/traffic.rs"]
mod traffic;
#[cfg(test)]
mod written;
