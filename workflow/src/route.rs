//! Where each operation goes: through dispatch, or, outside the exchange's contract, to a named base URL.

use std::collections::BTreeMap;

use bpx_arazzo::{Call, CheckedStep};
use bpx_client::table;
use bpx_contract::model::Operation as Described;
use bpx_contract::api::Operation;
use bpx_runtime::{Connection, Options};

use crate::{Error, Library};

/// Where one operation goes.
#[derive(Debug, Clone)]
pub(crate) enum Route<'a> {
    /// Through dispatch: one of the exchange's operations.
    Dispatch(&Arc<Operation>),
    /// To another service, unsigned.
    Plain(&'a Connection, &'a Described),
}

/// Base URLs of the services outside the exchange's contract, by source description.
#[derive(Debug, Clone, Default)]
pub(crate) struct Services(pub(crate) BTreeMap<String, Connection>);

/// Stands for every source that is not named.
pub(crate) const ANY: &str = "";

impl Services {
    pub(crate) fn add(
        &mut self,
        source: &str,
        base_url: &str,
        options: Options,
    ) -> Result<(), Error> {
        let connection = Connection::public(base_url, options)?;
        self.0.insert(source.to_owned(), connection);
        Ok(())
    }

    /// Where the operation of a step goes.
    pub(crate) fn route<'a>(
        &'a self,
        library: &'a Library,
        step: &str,
        source: &str,
        operation: &str,
    ) -> Result<Route<'a>, Error> {
        let no_route = || Error::NoRoute {
            step: step.to_owned(),
            operation: operation.to_owned(),
            of: source.to_owned(),
        };
        let model = library.models.get(source).ok_or_else(no_route)?;
        let described = model.operations.get(operation).ok_or_else(no_route)?;
        let found = (described.method.as_str(), described.path.as_str());
        let known = table::TABLE
            .iter()
            .find(|row| row.id == operation || (row.method, row.path) == found);
        // A service of its own may happen to use the same names.
        if let Some(connection) = self.0.get(source) {
            return Ok(Route::Plain(connection, described));
        }
        match known {
            Some(row) if (row.method, row.path) == found => Ok(Route::Dispatch(row)),
            Some(row) => Err(Error::OtherOperation {
                step: step.to_owned(),
                operation: operation.to_owned(),
                found: format!("{} {}", found.0, found.1),
                known: format!("{} {}", row.method, row.path),
            }),
            None => {
                let connection = self.0.get(ANY).ok_or_else(no_route)?;
                Ok(Route::Plain(connection, described))
            }
        }
    }

    /// Whether every step of a document has somewhere to go; before anything is sent.
    pub(crate) fn check(&self, library: &Library) -> Result<(), Error> {
        let workflows = &library.checked.workflows;
        for CheckedStep { step, call, .. } in workflows.iter().flat_map(|it| &it.steps) {
            if let Call::Operation {
                source, operation, ..
            } = call
            {
                self.route(library, &step.id, source, operation)?;
            }
        }
        library
            .others
            .values()
            .try_for_each(|other| self.check(other))
    }
}
