//! What the capability file hints at is not what decides.

use bpx_venue::exposed;

#[test]
fn placing_orders_is_hinted_at_as_harmless_and_known_not_to_be() {
    let belittled = exposed()
        .tools()
        .filter(|tool| !tool.hints.destructive && !tool.operation.effect.only_reads());
    let names: Vec<_> = belittled.map(|tool| tool.name.as_str()).collect();
    assert_eq!(
        names,
        ["backpack-execute-order", "backpack-execute-order-batch"]
    );
}
