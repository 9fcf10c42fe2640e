//! Where each operation goes: through dispatch, or to another service at a base URL of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bpx_arazzo::{Call, CheckedStep};
use bpx_contract::Api;
use bpx_contract::api::Operation;
use bpx_contract::model::Method;
use bpx_dispatch::{Dispatch, Remote};
use bpx_runtime::Options;

use crate::{Error, Library};

/// An operation, and where it goes.
#[derive(Debug, Clone)]
pub(crate) struct Route<'a> {
    pub(crate) operation: &'a Arc<Operation>,
    /// The service that is called, unsigned; none where the call goes through dispatch.
    pub(crate) service: Option<&'a Remote>,
}

impl Route<'_> {
    pub(crate) fn changes(&self) -> bool {
        !self.operation.effect.only_reads()
    }

    /// Whether sending the request twice is known to do what sending it once does, or its outcome is asked for instead.
    pub(crate) fn may_repeat(&self) -> bool {
        let is_idempotent = matches!(self.operation.method, Method::Put | Method::Delete);
        self.service.is_none() || !self.changes() || is_idempotent
    }
}

/// Services outside the exchange's API, by source description.
#[derive(Debug, Clone, Default)]
pub(crate) struct Services(BTreeMap<String, Arc<Remote>>);

/// The key of the service for every source that is not named.
pub(crate) const ANY: &str = "";

impl Services {
    pub(crate) fn add(
        &mut self,
        source: &str,
        base_url: &str,
        options: Options,
    ) -> Result<(), Error> {
        let remote = Remote::unsigned(base_url, options)?;
        self.0.insert(source.to_owned(), Arc::new(remote));
        Ok(())
    }

    /// Where the operation of a step goes. `api` is what dispatch calls.
    pub(crate) fn route<'a>(
        &'a self,
        api: &'a Api,
        library: &'a Library,
        (step, source, operation): (&str, &str, &str),
    ) -> Result<Route<'a>, Error> {
        let no_route = || Error::NoRoute {
            step: step.to_owned(),
            operation: operation.to_owned(),
            source: source.to_owned(),
        };
        let described = library
            .apis
            .get(source)
            .and_then(|it| it.operation(operation));
        let described = described.ok_or_else(no_route)?;
        // A named service may happen to use the names of the exchange.
        if let Some(service) = self.0.get(source) {
            return plain(described, service, step);
        }
        if let Some(operation) = api.at(described.method.as_str(), &described.path) {
            let service = None;
            return Ok(Route { operation, service });
        }
        if let Some(known) = api.operation(operation) {
            let spelled = |it: &Operation| format!("{} {}", it.method.as_str(), it.path);
            return Err(Error::OtherOperation {
                step: step.to_owned(),
                operation: operation.to_owned(),
                found: spelled(described),
                known: spelled(known),
            });
        }
        plain(described, self.0.get(ANY).ok_or_else(no_route)?, step)
    }

    fn check(&self, api: &Api, library: &Library) -> Result<(), Error> {
        let workflows = &library.checked.workflows;
        for CheckedStep { step, call, .. } in workflows.iter().flat_map(|it| &it.steps) {
            if let Call::Operation {
                source, operation, ..
            } = call
            {
                self.route(api, library, (&step.id, source, operation))?;
            }
        }
        let mut others = library.others.values();
        others.try_for_each(|other| self.check(api, other))
    }
}

/// Dispatch and the services beside it.
#[derive(Debug, Clone)]
pub(crate) struct Router {
    pub(crate) dispatch: Dispatch,
    pub(crate) services: Services,
}

impl Router {
    /// Where the operation of a step goes: step, source, operation.
    pub(crate) fn route<'a>(
        &'a self,
        library: &'a Library,
        names: (&str, &str, &str),
    ) -> Result<Route<'a>, Error> {
        self.services.route(self.dispatch.api(), library, names)
    }

    /// Checks that every step of a document has somewhere to go, before anything is sent.
    pub(crate) fn check(&self, library: &Library) -> Result<(), Error> {
        self.services.check(self.dispatch.api(), library)
    }
}

/// A route to a service. Its arguments are one flat object, as everywhere.
fn plain<'a>(
    operation: &'a Arc<Operation>,
    service: &'a Remote,
    step: &str,
) -> Result<Route<'a>, Error> {
    let mut names = BTreeSet::new();
    let twice = operation.arguments().find(|it| !names.insert(&it.name));
    match twice {
        Some(argument) => Err(Error::SameName {
            step: step.to_owned(),
            operation: operation.id.clone(),
            argument: argument.name.clone(),
        }),
        None => Ok(Route {
            operation,
            service: Some(service),
        }),
    }
}
