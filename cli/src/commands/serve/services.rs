//! Where the consumed APIs of capability files are called, and what shows there who calls.

use std::env;

use bpx_capability::{Access, Exposed, Scheme, Service as Consumed, Unresolved};
use bpx_contract::is_signing_header;
use bpx_dispatch::Service;
use bpx_runtime::Credential;

use crate::failure::Failure;

/// `NAMESPACE=URL`
#[derive(Debug, Clone)]
pub(super) struct Located {
    namespace: String,
    url: String,
}

pub(super) fn located(text: &str) -> Result<Located, String> {
    let given = text.split_once('=');
    let given = given.filter(|(namespace, url)| !namespace.is_empty() && !url.is_empty());
    let (namespace, url) = given.ok_or("write the namespace of a consumed API, `=` and its URL")?;
    Ok(Located {
        namespace: namespace.to_owned(),
        url: url.to_owned(),
    })
}

/// The consumed APIs that are called elsewhere than the exchange, or with credentials. `base_url` stands for the base URI
/// of the exchange or, where it is not consumed, of the first API.
pub(super) fn of(
    exposed: &Exposed,
    base_url: &str,
    elsewhere: &[Located],
) -> Result<Vec<Service>, Failure> {
    require_known(exposed, elsewhere)?;
    let is_exchange = |it: &&Consumed| is_exchange(it, exposed);
    let exchange = exposed.services.iter().find(is_exchange);
    let main = exchange.or(exposed.services.first());
    let mut services = Vec::new();
    for consumed in &exposed.services {
        let given = elsewhere
            .iter()
            .find(|it| it.namespace == consumed.namespace);
        let is_main = main.is_some_and(|main| main.base_uri == consumed.base_uri);
        let access = match is_exchange(&consumed) && is_signing_key(consumed) {
            true => Vec::new(),
            false => consumed.access(variable).map_err(unresolved)?,
        };
        if given.is_none() && is_main && access.is_empty() {
            continue;
        }
        let url = match given {
            Some(given) => given.url.clone(),
            None if is_main => base_url.to_owned(),
            None => {
                let own = consumed.base_url(variable).map_err(unresolved)?;
                own.expose().to_owned()
            }
        };
        let service = Service::new(url, consumed.operations.clone());
        services.push(
            access
                .iter()
                .map(credential)
                .fold(service, Service::with_credential),
        );
    }
    Ok(services)
}

/// Whether an API is part of the exchange: requests to it, or to another one at the same base URI, are signed.
fn is_exchange(consumed: &Consumed, exposed: &Exposed) -> bool {
    let embedded = bpx_venue::exposed().services.iter();
    let mut signed = exposed
        .services
        .iter()
        .filter(|it| it.is_signed)
        .chain(embedded);
    consumed.is_signed || signed.any(|it| it.base_uri == consumed.base_uri)
}

/// Whether the file's own authentication is a part of a signature, which public operations do not need.
fn is_signing_key(consumed: &Consumed) -> bool {
    let scheme = consumed.authentication.as_ref().map(|it| &it.scheme);
    match scheme {
        Some(Scheme::ApiKey { key, .. }) => is_signing_header(key),
        Some(_) => false,
        None => true,
    }
}

fn require_known(exposed: &Exposed, elsewhere: &[Located]) -> Result<(), Failure> {
    let known = |namespace: &str| exposed.services.iter().any(|it| it.namespace == namespace);
    match elsewhere.iter().find(|it| !known(&it.namespace)) {
        None => Ok(()),
        Some(Located { namespace, .. }) => {
            let names = exposed.services.iter().map(|it| it.namespace.as_str());
            let names = names.collect::<Vec<_>>().join(", ");
            Err(Failure::bad_input(
                format!("--service: no capability file consumes an API called `{namespace}`"),
                format!("use one of: {names}"),
            ))
        }
    }
}

/// An operation goes to one place.
pub(super) fn require_one_place(exposed: &Exposed) -> Result<(), Failure> {
    for (at, service) in exposed.services.iter().enumerate() {
        for other in exposed.services.iter().take(at) {
            let shared = |id: &&String| other.operations.contains(*id);
            let shared = service.operations.iter().find(shared);
            let both_signed = service.is_signed && other.is_signed;
            if let Some(id) = shared
                && !both_signed
                && !service.is_like(other)
            {
                return Err(Failure::bad_input(
                    format!(
                        "`{id}` is consumed by `{}` and by `{}`, which differ in base URI or authentication",
                        other.namespace, service.namespace
                    ),
                    "consume both in one capability file, or serve one of them",
                ));
            }
        }
    }
    Ok(())
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn unresolved(error: Unresolved) -> Failure {
    Failure::bad_input(error.to_string(), "set the variable in the environment")
}

fn credential(access: &Access) -> Credential {
    match access {
        Access::Bearer(token) => Credential::bearer(token.expose()),
        Access::Basic(user, password) => Credential::basic(user.expose(), password.expose()),
        Access::Header(name, value) => Credential::header(name.as_str(), value.expose()),
        Access::Query(name, value) => Credential::query(name.as_str(), value.expose()),
    }
}
