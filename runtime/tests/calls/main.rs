//! Calls against a server on this computer: what is sent, what comes back, and what each failure says.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod server;
#[cfg(test)]
mod spans;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tap;
#[cfg(test)]
mod turns;
