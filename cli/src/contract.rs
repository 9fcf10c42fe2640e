//! The API that a command works on: the embedded order API, or an OpenAPI document that is named by flags.

use std::path::PathBuf;

use bpx_contract::{Api, Document};
use bpx_dispatch::{AnyVenue, Venue};
use bpx_venue::Backpack;
use clap::Args;

use crate::failure::Failure;

/// An OpenAPI document to use instead of the embedded one.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Contract")]
pub(crate) struct ContractArgs {
    /// OpenAPI document that describes the operations [default: the order API of Backpack Exchange]
    #[arg(long, value_name = "FILE")]
    openapi: Option<PathBuf>,
    /// OpenAPI overlay to apply to that document
    #[arg(long, value_name = "FILE", requires = "openapi")]
    overlay: Option<PathBuf>,
}

impl ContractArgs {
    /// The API that the flags name.
    pub(crate) fn api(&self) -> Result<Api, Failure> {
        let Some(path) = &self.openapi else {
            return Ok(bpx_venue::api().clone());
        };
        let document = Document::read(path)?;
        let overlay = self.overlay.as_deref().map(Document::read).transpose()?;
        Ok(Api::from_documents(document, overlay.as_ref())?)
    }
}

impl ContractArgs {
    /// The flags that name the same document again.
    pub(crate) fn flags(&self) -> impl Iterator<Item = (&'static str, String)> {
        let given = [("--openapi", &self.openapi), ("--overlay", &self.overlay)];
        let given = given.into_iter();
        given.filter_map(|(flag, path)| Some((flag, path.as_ref()?.display().to_string())))
    }
}

/// Whether the API has every operation of the embedded one, with the same id, method and path. What the venue crate knows
/// of the operations holds for such an API and for no other.
pub(crate) fn is_order_api(api: &Api) -> bool {
    bpx_venue::api().operations().all(|known| {
        let found = api.operation(&known.id);
        found.is_some_and(|it| it.method == known.method && it.path == known.path)
    })
}

/// Whether what the venue crate knows holds for the API: it has the order operations, or others that are signed in the
/// venue's way.
pub(crate) fn is_of_venue(api: &Api) -> bool {
    api.operations().any(|it| it.signing.is_some()) || is_order_api(api)
}

/// What is known of the API's operations beyond its document.
pub(crate) fn venue(api: &Api) -> &'static dyn Venue {
    match is_of_venue(api) {
        true => &Backpack,
        false => &AnyVenue,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(from: &str, to: &str) -> Api {
        let document = bpx_venue::api().document();
        let text = document.value.to_string();
        let changed = text.replace(from, to);
        assert!(
            from == to || changed != text,
            "`{from}` is not in the document"
        );
        Api::from_document(Document::parse("changed.json", changed.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn another_version_of_the_order_api_is_the_order_api_and_another_path_or_id_is_not() {
        assert!(is_order_api(&replaced("Places", "Submits")));
        assert!(!is_order_api(&replaced("/api/v1/orders", "/api/v2/orders")));
        assert!(!is_order_api(&replaced("\"get_fills\"", "\"list_fills\"")));
    }
}
