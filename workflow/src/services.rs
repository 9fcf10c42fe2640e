//! Services beside the exchange: where the operations of a document's sources go, and with which credentials.

use std::collections::BTreeMap;
use std::sync::Arc;

use bpx_arazzo::{Call, CheckedStep};
use bpx_contract::Api;
use bpx_contract::model::Operation;
use bpx_runtime::{Connection, Options};

use crate::credentials::Credentials;
use crate::{Error, Library};

/// The key of the service for every source that is not named.
const ANY: &str = "";

/// Base URLs of services, by source description, and credentials, by security scheme. `Debug` shows no credential.
///
/// A source of a document that is itself a source is named with both names, as `shared.api`. Two sources that are the
/// same OpenAPI document are one service. Each request is sent once, and redirects are not followed.
#[derive(Debug, Clone, Default)]
pub struct Services {
    named: BTreeMap<String, Connection>,
    credentials: Credentials,
}

impl Services {
    /// Sends the operations of a source description to this base URL, unsigned. Without a source, those of every source
    /// that has no base URL of its own, but for the operations of dispatch's API.
    ///
    /// # Errors
    /// [`Error::Connect`].
    pub fn with_service(
        mut self,
        source: Option<&str>,
        base_url: &str,
        options: Options,
    ) -> Result<Self, Error> {
        let connection = Connection::public(base_url, options)?;
        let source = source.unwrap_or(ANY).to_owned();
        self.named.insert(source, connection);
        Ok(self)
    }

    /// Sets the credential of a security scheme, `SCHEME` or `SOURCE.SCHEME`: a token, a key, or `USER:PASSWORD` where the
    /// scheme is Basic. An operation gets those of the first alternative of its `security` that are all there, unless a
    /// parameter of the step stands in the same place.
    #[must_use]
    pub fn with_credential(mut self, scheme: &str, value: impl Into<String>) -> Self {
        self.credentials.set(scheme, value.into());
        self
    }

    /// Whether some step of the document calls an operation of this API, which goes through dispatch.
    #[must_use]
    pub fn leave_any_to(&self, api: &Api, library: &Library) -> bool {
        let named = self.of_sources(library);
        all_of(library).any(|(library, source, operation)| {
            !named.contains_key(&library.key(source)) && is_of(api, operation)
        })
    }

    /// The named services by every source that they stand for.
    fn of_sources(&self, root: &Library) -> BTreeMap<String, &Connection> {
        let named = root.apis.iter().filter_map(|(source, api)| {
            let service = self.named.get(source)?;
            Some((api.document().sha256.as_str(), service))
        });
        let by_digest: BTreeMap<_, _> = named.collect();
        let mut found = BTreeMap::new();
        for library in root.whole() {
            for (source, api) in &library.apis {
                let key = library.key(source);
                // At the top each name is given by itself.
                let is_inner = !library.prefix.is_empty();
                let same = by_digest.get(api.document().sha256.as_str()).copied();
                let same = || same.filter(|_| is_inner);
                if let Some(service) = self.named.get(&key).or_else(same) {
                    found.insert(key, service);
                }
            }
        }
        found
    }

    /// The services of a document. Where nothing goes through dispatch, a source without one is called at the first
    /// server of its own document.
    pub(crate) fn of(&self, api: Option<&Api>, root: &Library) -> Result<Resolved, Error> {
        let named = self.of_sources(root).into_iter();
        let mut resolved = Resolved {
            named: named.map(|(key, it)| (key, Arc::new(it.clone()))).collect(),
            others: BTreeMap::new(),
            credentials: self.credentials.clone(),
            exchange: api.is_some_and(|api| self.leave_any_to(api, root)),
        };
        let any = self.named.get(ANY).map(|it| Arc::new(it.clone()));
        for library in root.whole() {
            for (source, api) in &library.apis {
                let key = library.key(source);
                if resolved.named.contains_key(&key) {
                    continue;
                }
                let own = || own_server(api).filter(|_| !resolved.exchange);
                if let Some(service) = any.clone().or_else(own) {
                    resolved.others.insert(key, service);
                }
            }
        }
        Ok(resolved)
    }
}

/// The first server of a document that signs nothing: what is signed goes only where its caller says.
fn own_server(api: &Api) -> Option<Arc<Connection>> {
    let model = api.model();
    let signs = model.operations.values().any(|it| it.signing.is_some());
    let url = model.server.as_deref().filter(|_| !signs)?;
    // What cannot be called, such as a relative URL, is no server.
    Connection::public(url, Options::default())
        .ok()
        .map(Arc::new)
}

/// The operations that the steps of a document and its sources call.
fn all_of(root: &Library) -> impl Iterator<Item = (&Library, &str, &Operation)> {
    root.whole().into_iter().flat_map(|library| {
        let steps = library.checked.workflows.iter().flat_map(|it| &it.steps);
        steps.filter_map(move |step| library.called(step))
    })
}

impl Library {
    /// The operation that a step calls.
    fn called<'a>(&'a self, step: &'a CheckedStep) -> Option<(&'a Self, &'a str, &'a Operation)> {
        let Call::Operation {
            source, operation, ..
        } = &step.call
        else {
            return None;
        };
        let described = self.apis.get(source)?.model().operations.get(operation)?;
        Some((self, source.as_str(), described))
    }
}

/// Whether an operation is one of this API, by its method and path.
fn is_of(api: &Api, operation: &Operation) -> bool {
    api.at(operation.method.as_str(), &operation.path).is_some()
}

/// The services of one document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resolved {
    /// By source.
    pub(crate) named: BTreeMap<String, Arc<Connection>>,
    /// For what is not of dispatch's API, by source.
    pub(crate) others: BTreeMap<String, Arc<Connection>>,
    pub(crate) credentials: Credentials,
    /// Whether something goes through dispatch.
    pub(crate) exchange: bool,
}
