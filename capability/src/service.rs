//! Where the operations of a consumed API are, and what shows there who calls.

use bpx_contract::Place;

use super::model::{Authentication, Bind, Placement, Scheme};
use super::resolve::{Resolver, Secret, Unresolved};
use super::template::Template;

/// A consumed API, with the operations that routes and tools call of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name in the capability file.
    pub namespace: String,
    /// Base of every path.
    pub base_uri: Template,
    /// How requests are authenticated.
    pub authentication: Option<Authentication>,
    /// What goes into the header or query of every request.
    pub sent: Vec<(String, Placement, Template)>,
    /// Where variables come from.
    pub binds: Vec<Bind>,
    /// The ids of its operations.
    pub operations: Vec<String>,
    /// Whether one of them is signed; the file's own authentication is then a part of the signature at most.
    pub is_signed: bool,
    /// Where it is declared.
    pub place: Place,
}

/// One thing that every request to a service has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// A bearer token.
    Bearer(Secret),
    /// User and password.
    Basic(Secret, Secret),
    /// A header of this name.
    Header(String, Secret),
    /// A query parameter of this name.
    Query(String, Secret),
}

impl Service {
    /// Its base URL, with variables filled in from `lookup`, usually the environment.
    ///
    /// # Errors
    /// A variable that is not set.
    pub fn base_url(&self, lookup: impl Fn(&str) -> Option<String>) -> Result<Secret, Unresolved> {
        Resolver::new(&self.binds, lookup).fill(&self.base_uri)
    }

    /// What every request has, with variables filled in from `lookup`; nothing of the file's own authentication where
    /// requests are signed.
    ///
    /// # Errors
    /// A variable that is not set.
    pub fn access(
        &self,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<Access>, Unresolved> {
        let resolver = Resolver::new(&self.binds, lookup);
        let mut access = Vec::new();
        for (name, placement, value) in &self.sent {
            access.push(placed(name, *placement, resolver.fill(value)?));
        }
        let Some(authentication) = self.authentication.as_ref().filter(|_| !self.is_signed) else {
            return Ok(access);
        };
        let mut values = Vec::new();
        for value in &authentication.values {
            values.push(resolver.fill(value)?);
        }
        let mut values = values.into_iter();
        let first = values.next().unwrap_or_default();
        access.push(match &authentication.scheme {
            Scheme::ApiKey { key, placement } => placed(key, *placement, first),
            Scheme::Basic => Access::Basic(first, values.next().unwrap_or_default()),
            Scheme::Bearer => Access::Bearer(first),
        });
        Ok(access)
    }

    /// Whether requests to both go to the same place in the same way.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let is_bound_alike = self
            .binds
            .iter()
            .map(|it| (&it.namespace, &it.keys))
            .eq(other.binds.iter().map(|it| (&it.namespace, &it.keys)));
        let scheme = |it: &Self| it.authentication.clone().map(|it| (it.scheme, it.values));
        is_bound_alike
            && self.base_uri == other.base_uri
            && self.sent == other.sent
            && scheme(self) == scheme(other)
    }
}

fn placed(name: &str, placement: Placement, value: Secret) -> Access {
    match placement {
        Placement::Header => Access::Header(name.to_owned(), value),
        Placement::Query => Access::Query(name.to_owned(), value),
    }
}
