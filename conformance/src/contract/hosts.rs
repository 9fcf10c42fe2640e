//! Which hosts an API has.

use std::collections::BTreeSet;

use bpx_contract::written::WrittenOperation;

use super::Contract;

/// The hosts of an API: those of the document's servers, and more that a caller names.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    /// Empty where every host may have the API.
    known: BTreeSet<String>,
    bases: BTreeSet<String>,
}

impl Hosts {
    pub(super) fn of(operations: &[WrittenOperation]) -> Self {
        let all: BTreeSet<_> = operations.iter().flat_map(|it| &it.hosts).collect();
        let is_any = operations.iter().any(|it| it.hosts.is_empty());
        let known = all.into_iter().filter(|_| !is_any);
        let bases = operations.iter().flat_map(|it| &it.bases).cloned();
        Self {
            known: known.map(|host| without_port(host)).collect(),
            bases: bases.filter(|base| !base.is_empty()).collect(),
        }
    }

    /// Of these servers.
    pub(super) fn named(hosts: &[String]) -> Self {
        Self {
            known: hosts.iter().map(|host| without_port(host)).collect(),
            bases: BTreeSet::new(),
        }
    }

    pub(super) fn add(&mut self, host: &str) {
        if !self.known.is_empty() {
            self.known.insert(without_port(&host.to_ascii_lowercase()));
        }
    }

    pub(super) fn add_any(&mut self) {
        self.known.clear();
    }

    /// Whether a request that belongs to no operation went to another API. A copy of it on this computer, at an address or
    /// below the path of a server is of the API.
    pub(super) fn is_foreign(&self, host: &str, path: &str) -> bool {
        let host = host.rsplit('@').next().unwrap_or(host).to_ascii_lowercase();
        if host.ends_with(':') {
            return true;
        }
        let name = without_port(&host);
        let is_numeric = name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok();
        let is_local = is_numeric || name == "localhost" || !name.contains('.');
        let is_below = self
            .bases
            .iter()
            .any(|base| path.starts_with(base.as_str()));
        !self.known.is_empty() && !self.known.contains(&name) && !is_local && !is_below
    }
}

impl Contract {
    /// Takes another host for the API's: a request to it that belongs to no operation is a finding.
    #[must_use]
    pub fn with_host(mut self, host: &str) -> Self {
        self.hosts.add(host);
        if let Some(streams) = &mut self.streams {
            streams.hosts.add(host);
        }
        self
    }

    /// Takes every host for the API's.
    #[must_use]
    pub fn with_any_host(mut self) -> Self {
        self.hosts.add_any();
        if let Some(streams) = &mut self.streams {
            streams.hosts.add_any();
        }
        self
    }

    /// Whether a request that belongs to no operation went to something else than this API.
    pub(crate) fn is_foreign(&self, host: Option<&str>, path: &str) -> bool {
        host.is_some_and(|host| self.hosts.is_foreign(host, path))
    }
}

/// Recordings write default ports or leave them out, and test servers have any.
fn without_port(host: &str) -> String {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => host.to_owned(),
    }
}
