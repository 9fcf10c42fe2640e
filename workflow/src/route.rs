//! Where each operation goes: through dispatch, or to another service at a base URL of its own.

use std::sync::Arc;

use bpx_arazzo::{Call, CheckedStep};
use bpx_contract::Api;
use bpx_contract::api;
use bpx_contract::model::{Method, Model, Operation};
use bpx_dispatch::{AnyVenue, Dispatch, Venue};
use bpx_runtime::Connection;

use crate::services::{Resolved, Services};
use crate::{Error, Library};

/// The account of a run that goes to services alone.
pub(crate) const NO_ACCOUNT: &str = "none";

/// An operation, and where it goes.
#[derive(Debug, Clone)]
pub(crate) struct Route<'a> {
    pub(crate) id: &'a str,
    pub(crate) operation: &'a Operation,
    pub(crate) model: &'a Model,
    /// The source, as services are named.
    pub(crate) source: String,
    pub(crate) to: To<'a>,
}

/// Who gets a request.
#[derive(Debug, Clone)]
pub(crate) enum To<'a> {
    /// The exchange, through dispatch.
    Exchange(&'a Arc<api::Operation>),
    /// A service, unsigned.
    Service(&'a Connection),
}

impl Route<'_> {
    pub(crate) fn changes(&self) -> bool {
        !self.operation.method.is_safe()
    }

    /// The operation, where it goes through dispatch.
    pub(crate) fn exchange(&self) -> Option<&Arc<api::Operation>> {
        match self.to {
            To::Exchange(operation) => Some(operation),
            To::Service(_) => None,
        }
    }

    /// Whether sending the request twice is known to do what sending it once does, or its outcome is asked for instead.
    pub(crate) fn may_repeat(&self) -> bool {
        let is_idempotent = matches!(self.operation.method, Method::Put | Method::Delete);
        self.exchange().is_some() || !self.changes() || is_idempotent
    }
}

impl Resolved {
    /// Where the operation of a step goes. `api` is what dispatch calls.
    pub(crate) fn route<'a>(
        &'a self,
        api: Option<&'a Api>,
        library: &'a Library,
        (step, source, operation): (&str, &str, &str),
    ) -> Result<Route<'a>, Error> {
        let no_route = || Error::NoRoute {
            step: step.to_owned(),
            operation: operation.to_owned(),
            source: library.key(source),
        };
        let model = library.apis.get(source).ok_or_else(no_route)?.model();
        let found = model.operations.get_key_value(operation);
        let (id, described) = found.ok_or_else(no_route)?;
        let source = library.key(source);
        let to = |to| Route {
            id,
            operation: described,
            model,
            source: source.clone(),
            to,
        };
        // A named service may happen to use the names of the exchange.
        if let Some(service) = self.named.get(&source) {
            return Ok(to(To::Service(service)));
        }
        if let Some(api) = api {
            if let Some(known) = api.at(described.method.as_str(), &described.path) {
                return Ok(to(To::Exchange(known)));
            }
            if let Some(known) = api.operation(operation) {
                return Err(Error::OtherOperation {
                    step: step.to_owned(),
                    operation: operation.to_owned(),
                    found: spelled(described.method, &described.path),
                    known: spelled(known.method, &known.path),
                });
            }
        }
        let service = self.others.get(&source).ok_or_else(no_route)?;
        Ok(to(To::Service(service)))
    }

    fn check(&self, api: Option<&Api>, root: &Library) -> Result<(), Error> {
        for library in root.whole() {
            let workflows = &library.checked.workflows;
            for CheckedStep { step, call, .. } in workflows.iter().flat_map(|it| &it.steps) {
                if let Call::Operation {
                    source, operation, ..
                } = call
                {
                    self.route(api, library, (&step.id, source, operation))?;
                }
            }
        }
        Ok(())
    }
}

fn spelled(method: Method, path: &str) -> String {
    format!("{} {path}", method.as_str())
}

/// Dispatch, if something goes through it, and the services beside it.
#[derive(Debug, Clone)]
pub(crate) struct Router {
    pub(crate) dispatch: Option<Dispatch>,
    pub(crate) services: Resolved,
}

impl Router {
    /// Where each step of a document goes; every step has somewhere to go, before anything is sent.
    pub(crate) fn of(
        dispatch: Option<&Dispatch>,
        services: &Services,
        library: &Library,
    ) -> Result<Self, Error> {
        let api = dispatch.map(Dispatch::api);
        let services = services.of(api, library)?;
        services.check(api, library)?;
        let dispatch = dispatch.filter(|_| services.exchange).cloned();
        Ok(Self { dispatch, services })
    }

    /// Where the operation of a step goes: step, source, operation.
    pub(crate) fn route<'a>(
        &'a self,
        library: &'a Library,
        names: (&str, &str, &str),
    ) -> Result<Route<'a>, Error> {
        let api = self.dispatch.as_ref().map(Dispatch::api);
        self.services.route(api, library, names)
    }

    /// What is known of the venue.
    pub(crate) fn venue(&self) -> &dyn Venue {
        match &self.dispatch {
            Some(dispatch) => dispatch.venue(),
            None => &AnyVenue,
        }
    }

    pub(crate) fn account(&self) -> &str {
        self.dispatch.as_ref().map_or(NO_ACCOUNT, Dispatch::account)
    }

    pub(crate) fn journal_digest(&self) -> Option<&str> {
        self.dispatch.as_ref()?.journal_digest()
    }
}
