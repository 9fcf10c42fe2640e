//! The contracts of this repository, embedded, so that no program needs their files.

use std::path::Path;
use std::sync::LazyLock;

use bpx_capability::{Exposed, read};
use bpx_contract::{Api, Diagnostics, Document};

/// A contract file and its text.
type Embedded = (&'static str, &'static str);

const OPENAPI: Embedded = (
    "openapi/backpack-order.openapi.yaml",
    include_str!("../contracts/backpack-order.openapi.yaml"),
);
const ASYNCAPI: Embedded = (
    "asyncapi/backpack-streams.asyncapi.yaml",
    include_str!("../contracts/backpack-streams.asyncapi.yaml"),
);
const CAPABILITY: Embedded = (
    "capabilities/order.capability.yaml",
    include_str!("../contracts/order.capability.yaml"),
);
/// The operations about balances and markets, as an OpenAPI Overlay, and what is exposed of them.
const MARKETS: [Embedded; 2] = [
    (
        "openapi/markets.overlay.yaml",
        include_str!("../contracts/markets.overlay.yaml"),
    ),
    (
        "capabilities/markets.capability.yaml",
        include_str!("../contracts/markets.capability.yaml"),
    ),
];

/// Corrections to the venue's own document (an OpenAPI Overlay).
pub const OVERLAY: Embedded = (
    "openapi/venue.overlay.yaml",
    include_str!("../contracts/venue.overlay.yaml"),
);

/// The table of Rust names that the client is generated with.
pub const NAMES: Embedded = (
    "openapi/names.toml",
    include_str!("../contracts/names.toml"),
);

/// The workflows of this repository, each under the name by which it can be run.
pub const WORKFLOWS: [(&str, Embedded); 1] = [(
    "cancel-replace-order",
    (
        "workflows/cancel-replace-order.arazzo.yaml",
        include_str!("../contracts/cancel-replace-order.arazzo.yaml"),
    ),
)];

/// The order API.
#[must_use]
pub fn api() -> &'static Api {
    static API: LazyLock<Api> = LazyLock::new(|| whole(read_api()));
    &API
}

/// The streams, as an AsyncAPI document.
#[must_use]
pub fn streams() -> &'static Document {
    static STREAMS: LazyLock<Document> = LazyLock::new(|| whole(read_streams()));
    &STREAMS
}

/// What the capability file exposes of the order API.
#[must_use]
pub fn exposed() -> &'static Exposed {
    static EXPOSED: LazyLock<Exposed> = LazyLock::new(|| whole(read_exposed()));
    &EXPOSED
}

/// The order API with three operations beside it that read balances, markets and tickers, and what the capability files
/// expose of both.
#[must_use]
pub fn with_markets() -> &'static (Api, Exposed) {
    static BOTH: LazyLock<(Api, Exposed)> = LazyLock::new(|| whole(read_with_markets()));
    &BOTH
}

fn read_with_markets() -> Result<(Api, Exposed), Diagnostics> {
    let [overlay, capability] = MARKETS;
    let api = Api::from_documents(document(OPENAPI)?, Some(&document(overlay)?))?;
    let mut exposed = Exposed::of(&read(&document(CAPABILITY)?)?, &api)?;
    exposed.extend(Exposed::of(&read(&document(capability)?)?, &api)?);
    Ok((api, exposed))
}

fn read_api() -> Result<Api, Diagnostics> {
    Api::from_document(document(OPENAPI)?)
}

/// It refers to schemas of the order API.
fn read_streams() -> Result<Document, Diagnostics> {
    let (file, text) = ASYNCAPI;
    Document::parse_at(file, text.as_bytes(), Path::new(file), &|path: &Path| {
        let (file, text) = OPENAPI;
        let bytes = || Ok((file.to_owned(), text.as_bytes().to_vec()));
        path.ends_with(file).then(bytes)
    })
}

fn read_exposed() -> Result<Exposed, Diagnostics> {
    Exposed::of(&read(&document(CAPABILITY)?)?, api())
}

fn document((file, text): Embedded) -> Result<Document, Diagnostics> {
    Document::parse(file, text.as_bytes())
}

#[allow(
    clippy::panic,
    reason = "the contracts are part of the program, and a test reads each of them"
)]
fn whole<T>(read: Result<T, Diagnostics>) -> T {
    read.unwrap_or_else(|faults| panic!("{faults}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_contract_can_be_read() {
        assert_eq!(api().operations().len(), 8);
        assert_eq!(exposed().tools().count(), 8);
        let (api, exposed) = with_markets();
        assert_eq!((api.operations().len(), exposed.tools().count()), (11, 11));
        let added = exposed.tools().skip(8);
        assert!(
            added
                .map(|tool| &tool.operation.effect)
                .all(|it| it.only_reads())
        );
        document(OVERLAY).unwrap();
        assert_eq!(streams().value["asyncapi"], "3.0.0");
        for (_, embedded) in WORKFLOWS {
            document(embedded).unwrap();
        }
    }
}
