//! Credentials for the security schemes of services.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bpx_arazzo::In;
use bpx_contract::model::{ApiKeyIn, Model, Operation, Scheme};
use bpx_runtime::{RequestBuilder, Style};

const AUTHORIZATION: &str = "Authorization";

/// Credentials by security scheme: `SCHEME` or `SOURCE.SCHEME`. `Debug` shows the names alone.
#[derive(Clone, Default)]
pub(crate) struct Credentials(BTreeMap<String, String>);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// What a request carries to show who sends it.
#[derive(Clone, Default)]
pub(crate) struct Chosen {
    /// Where, under which name, what.
    values: Vec<(In, String, String)>,
    /// Schemes of which the operation needs some, and none is there.
    pub(crate) missing: Option<String>,
}

impl Credentials {
    pub(crate) fn set(&mut self, scheme: &str, value: String) {
        self.0.insert(scheme.to_owned(), value);
    }

    /// The same names with nothing to see.
    pub(crate) fn masked(&self) -> Self {
        let names = self.0.keys();
        Self(
            names
                .map(|it| (it.clone(), "[redacted]".to_owned()))
                .collect(),
        )
    }

    /// Every text that nobody may see.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = String> {
        self.0.values().flat_map(|value| {
            let password = value
                .split_once(':')
                .map(|(_, password)| password.to_owned());
            let pair = Some(STANDARD.encode(value));
            [Some(value.clone()), password, pair].into_iter().flatten()
        })
    }

    /// The credentials of the first alternative that is there whole. `given` says what parameters of the step bring.
    pub(crate) fn chosen(
        &self,
        source: &str,
        (model, operation): (&Model, &Operation),
        given: &dyn Fn(In, &str) -> bool,
    ) -> Chosen {
        let of = |name: &str| {
            let place = place(model.security.get(name)?)?;
            if given(place.0, place.1) {
                return Some(None);
            }
            let value = self.0.get(&format!("{source}.{name}"));
            let value = value.or_else(|| self.0.get(name))?;
            let text = written(model.security.get(name)?, value);
            Some(Some((place.0, place.1.to_owned(), text)))
        };
        let mut alternatives = operation.security.iter().filter(|it| !it.is_empty());
        let found = alternatives.find_map(|names| {
            let all = names.iter().map(|name| of(name));
            all.collect::<Option<Vec<_>>>()
        });
        let is_free = operation.security.iter().any(Vec::is_empty);
        let alternatives = operation.security.iter().map(|it| it.join(" and "));
        let missing = alternatives.collect::<Vec<_>>().join(", or ");
        Chosen {
            missing: (found.is_none() && !is_free && !missing.is_empty()).then_some(missing),
            values: found.into_iter().flatten().flatten().collect(),
        }
    }
}

impl Chosen {
    /// Puts the credentials into a request.
    pub(crate) fn apply(&self, request: RequestBuilder) -> RequestBuilder {
        let values = self.values.iter();
        values.fold(request, |request, (at, name, value)| match at {
            In::Query => request.query(name, value),
            In::Cookie => request.cookie_as(name, value, Style::FormExploded),
            _ => request.header(name, value),
        })
    }
}

/// Where a scheme's credential travels.
fn place(scheme: &Scheme) -> Option<(In, &str)> {
    Some(match scheme {
        Scheme::Bearer { .. } | Scheme::Basic { .. } => (In::Header, AUTHORIZATION),
        Scheme::ApiKey { location, name, .. } => match location {
            ApiKeyIn::Header => (In::Header, name),
            ApiKeyIn::Query => (In::Query, name),
            ApiKeyIn::Cookie => (In::Cookie, name),
        },
    })
}

/// RFC 6750, RFC 7617, or the key as it is.
fn written(scheme: &Scheme, value: &str) -> String {
    match scheme {
        Scheme::Bearer { .. } => format!("Bearer {value}"),
        Scheme::Basic { .. } => format!("Basic {}", STANDARD.encode(value)),
        Scheme::ApiKey { .. } => value.to_owned(),
    }
}
