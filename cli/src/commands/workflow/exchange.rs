//! What of a workflow's sources goes to the exchange.

use bpx_contract::Api;
use bpx_workflow::Library;

/// The order API, and with it each source that describes more of the exchange: it signs operations in the exchange's way,
/// or names the exchange as its server.
pub(super) fn of(library: &Library) -> Api {
    let own = bpx_venue::api();
    let server = own.operations().find_map(|it| it.server());
    let is_more = |api: &&Api| {
        let mut operations = api.operations();
        operations
            .any(|it| it.signing.is_some() || (it.server().is_some() && it.server() == server))
    };
    let sources = library.apis().into_iter().filter(is_more);
    sources.fold(own.clone(), |all, api| all.merged(api))
}
