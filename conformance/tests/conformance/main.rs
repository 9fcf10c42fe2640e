//! Recordings, good and bad, and what the checker makes of them.

#[cfg(test)]
mod drift;
#[cfg(test)]
mod fast;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forward;
#[cfg(test)]
mod inputs;
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
mod sandbox;
#[cfg(test)]
mod seam;
#[cfg(test)]
mod support;
