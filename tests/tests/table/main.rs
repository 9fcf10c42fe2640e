//! The operation table: its rows, its schemas and what is exposed over it say the same, and hold for real answers.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is wrong, in its helpers too"
)]

mod answers;
mod arguments;
mod exposed;

use bpx_client::OPERATIONS;
use bpx_venue::operations::{self, TABLE};
use bpx_contract::api::{Body, Effect};

#[test]
fn every_operation_has_a_row_that_agrees_with_its_signature() {
    let ids: Vec<_> = TABLE.iter().map(|row| row.id).collect();
    assert!(ids.is_sorted());
    assert_eq!(ids.len(), 8);
    for row in TABLE {
        assert_eq!(table::find(row.id), Some(row));
        let signed = row.signed.unwrap();
        assert!(OPERATIONS.contains(signed));
        assert_eq!(
            (row.id, row.method, row.path),
            (signed.id, signed.method, signed.path)
        );
        assert_eq!(row.effect == Effect::Reads, row.method == "GET");
        assert!(row.success.contains(&200) && row.errors.contains(&429));
        assert_eq!(row.accepted, row.success.contains(&202));
    }
    assert_eq!(table::find("get"), None);
}

#[test]
fn a_body_that_is_a_list_is_one_argument() {
    let Body::Array {
        argument, fields, ..
    } = table::EXECUTE_ORDER_BATCH.body
    else {
        panic!("{:?}", table::EXECUTE_ORDER_BATCH.body)
    };
    assert_eq!(argument.name, "orders");
    let Body::Object {
        fields: single,
        type_name,
    } = table::EXECUTE_ORDER.body
    else {
        panic!("{:?}", table::EXECUTE_ORDER.body)
    };
    assert_eq!(fields, single);
    assert_eq!(type_name, "NewOrder");
    let names: Vec<_> = table::EXECUTE_ORDER_BATCH
        .arguments()
        .map(|argument| argument.name)
        .collect();
    assert_eq!(names, ["X-BROKER-ID", "orders"]);
}
