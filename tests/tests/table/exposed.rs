//! What is exposed is what the capability file says, over rows of the table.

use bpx_capability::{self as capability, Capability};
use bpx_client::capability::{MCP, REST, VARIABLES};
use bpx_venue::operations::TABLE;
use bpx_contract::{Document, lower};
use bpx_tests::workspace::root;

fn capability() -> Capability {
    let file = root().join("capabilities/order.capability.yaml");
    capability::read(&Document::read(&file).unwrap())
        .unwrap()
        .capability
}

/// A text without the line breaks of the file.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[test]
fn tools_are_those_of_the_capability_file_in_its_order() {
    let capability = capability();
    let openapi = root().join("openapi/backpack-order.openapi.yaml");
    let model = lower(&Document::read(&openapi).unwrap()).unwrap();
    let joined = capability::join(&capability, &model).unwrap();
    assert_eq!(MCP.len(), capability.mcp.len());
    for (made, said) in MCP.iter().zip(&capability.mcp) {
        assert_eq!(
            (made.namespace, made.port),
            (said.namespace.as_str(), said.port)
        );
        assert_eq!(words(made.instructions), words(&said.description));
        assert_eq!(made.tools.len(), said.tools.len());
        for (made, said) in made.tools.iter().zip(&said.tools) {
            assert_eq!(made.name, said.name);
            assert_eq!(made.description, said.description);
            assert_eq!(Some(made.title), said.title.as_deref());
            assert_eq!(Some(made.hints.read_only), said.hints.read_only);
            assert_eq!(Some(made.hints.destructive), said.hints.destructive);
            assert_eq!(Some(made.hints.idempotent), said.hints.idempotent);
            assert_eq!(Some(made.operation.id), joined.operation(&said.call));
        }
    }
}

#[test]
fn routes_are_those_of_the_capability_file_and_each_is_an_operation() {
    let capability = capability();
    for (made, said) in REST.iter().zip(&capability.rest) {
        assert_eq!(
            (made.namespace, made.port),
            (said.namespace.as_str(), said.port)
        );
        assert_eq!(made.routes.len(), said.routes.len());
        for (made, said) in made.routes.iter().zip(&said.routes) {
            assert_eq!(
                (made.name, made.path),
                (said.name.as_str(), said.path.as_str())
            );
            // Here routes look like what they call.
            assert_eq!(
                (made.method, made.path),
                (made.operation.method, made.operation.path)
            );
        }
    }
    let mut exposed: Vec<_> = REST[0]
        .routes
        .iter()
        .map(|route| route.operation.id)
        .collect();
    exposed.sort_unstable();
    assert!(exposed.iter().eq(TABLE.iter().map(|row| &row.id)));
}

#[test]
fn variables_are_those_of_the_binds() {
    let keys: Vec<_> = VARIABLES
        .iter()
        .map(|it| (it.namespace, it.name, it.key))
        .collect();
    assert_eq!(
        keys,
        [
            ("env", "BACKPACK_API_KEY", "BACKPACK_API_KEY"),
            ("env", "BACKPACK_API_SECRET", "BACKPACK_API_SECRET")
        ]
    );
}

#[test]
fn placing_orders_is_hinted_at_as_harmless_and_known_not_to_be() {
    let belittled = MCP[0].tools.iter();
    let belittled = belittled.filter(|tool| tool.hints.belittle(tool.operation.effect));
    let names: Vec<_> = belittled.map(|tool| tool.name).collect();
    assert_eq!(
        names,
        ["backpack-execute-order", "backpack-execute-order-batch"]
    );
}
