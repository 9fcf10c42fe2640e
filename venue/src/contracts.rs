//! The contracts of this repository, embedded, so that no program needs their files.

use std::sync::LazyLock;

use bpx_capability::{Exposed, read};
use bpx_contract::{Api, Diagnostics, Document};

/// A contract file and its text.
type Embedded = (&'static str, &'static str);

const OPENAPI: Embedded = (
    "openapi/backpack-order.openapi.yaml",
    include_str!("../contracts/backpack-order.openapi.yaml"),
);
const CAPABILITY: Embedded = (
    "capabilities/order.capability.yaml",
    include_str!("../contracts/order.capability.yaml"),
);

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

/// What the capability file exposes of the order API.
#[must_use]
pub fn exposed() -> &'static Exposed {
    static EXPOSED: LazyLock<Exposed> = LazyLock::new(|| whole(read_exposed()));
    &EXPOSED
}

fn read_api() -> Result<Api, Diagnostics> {
    Api::from_document(document(OPENAPI)?)
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
        document(OVERLAY).unwrap();
        for (_, embedded) in WORKFLOWS {
            document(embedded).unwrap();
        }
    }
}
