//! Where each operation goes: most to the exchange, some to services of their own.

use std::collections::BTreeMap;

use bpx_contract::Api;
use bpx_contract::api::Operation;
use bpx_runtime::{ConnectError, Connection, Credential, Options, RequestError, Signer};

use crate::call::Arguments;
use crate::remote::{Preview, Remote, Reply};

/// A service beside the exchange. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Service {
    pub(crate) base_url: String,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) operations: Vec<String>,
}

impl Service {
    /// The service at `base_url` that has the operations with these ids.
    pub fn new(base_url: impl Into<String>, operations: Vec<String>) -> Self {
        Self {
            base_url: base_url.into(),
            credentials: Vec::new(),
            operations,
        }
    }

    /// Adds something that shows who calls; all of them go with every request that is not signed.
    #[must_use]
    pub fn with_credential(mut self, credential: Credential) -> Self {
        self.credentials.push(credential);
        self
    }
}

/// The exchange, and the services that have operations of their own.
#[derive(Debug)]
pub(crate) struct Remotes {
    exchange: Remote,
    services: Vec<Remote>,
    /// The service of an operation.
    of: BTreeMap<String, usize>,
}

impl Remotes {
    pub(crate) fn new(
        api: &Api,
        exchange: Remote,
        services: &[Service],
        signer: Option<&Signer>,
        options: &Options,
    ) -> Result<Self, ConnectError> {
        let mut this = Self {
            exchange,
            services: Vec::new(),
            of: BTreeMap::new(),
        };
        for service in services {
            let operations = service.operations.iter();
            let of = operations.map(|id| (id.clone(), this.services.len()));
            this.of.extend(of);
            let remote = Remote::new(api, &service.base_url, signer, options.clone())?;
            this.services
                .push(remote.with_credentials(&service.credentials));
        }
        Ok(this)
    }

    pub(crate) fn base_url(&self) -> &str {
        self.exchange.base_url()
    }

    /// The connection to the exchange.
    pub(crate) fn connection(&self) -> &Connection {
        self.exchange.connection()
    }

    pub(crate) async fn send(&self, operation: &Operation, arguments: &Arguments) -> Reply {
        self.of(operation).send(operation, arguments).await
    }

    pub(crate) fn preview(
        &self,
        operation: &Operation,
        arguments: &Arguments,
    ) -> Result<Preview, RequestError> {
        self.of(operation).preview(operation, arguments)
    }

    fn of(&self, operation: &Operation) -> &Remote {
        let service = self.of.get(&operation.id).copied();
        let service = service.and_then(|index| self.services.get(index));
        service.unwrap_or(&self.exchange)
    }
}
