//! The operation table: its rows, its schemas and what is exposed over it say the same, and hold for real answers.

#![cfg(test)]

mod answers;
mod arguments;
mod exposed;

use bpx_client::OPERATIONS;
use bpx_contract::api::Body;
use bpx_venue::api;
use bpx_venue::operations::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH};

#[test]
fn every_operation_has_a_row_that_agrees_with_its_signature() {
    let rows: Vec<_> = api().operations().collect();
    assert_eq!(rows.len(), 8);
    assert!(rows.iter().map(|row| &row.id).is_sorted());
    for row in rows {
        assert_eq!(api().operation(&row.id), Some(row));
        let signed = OPERATIONS.iter().find(|it| it.id == row.id).unwrap();
        let signing = row.signing.as_ref().unwrap();
        assert_eq!(
            (row.method.as_str(), &*row.path, &*signing.instruction),
            (&*signed.method, &*signed.path, &*signed.instruction)
        );
        assert_eq!(row.effect.only_reads(), signed.method == "GET");
        assert!(row.success.contains(&200) && row.errors.contains(&429));
        assert_eq!(row.accepted, row.success.contains(&202));
    }
    assert_eq!(api().operation("get"), None);
}

#[test]
fn a_body_that_is_a_list_is_one_argument() {
    let Body::Array {
        argument, fields, ..
    } = &EXECUTE_ORDER_BATCH.body
    else {
        panic!("{:?}", EXECUTE_ORDER_BATCH.body)
    };
    assert_eq!(argument.name, "orders");
    let Body::Object {
        fields: single,
        component,
        ..
    } = &EXECUTE_ORDER.body
    else {
        panic!("{:?}", EXECUTE_ORDER.body)
    };
    assert_eq!(fields, single);
    assert!(!component.is_empty());
    let names: Vec<_> = EXECUTE_ORDER_BATCH
        .arguments()
        .map(|argument| argument.name.as_str())
        .collect();
    assert_eq!(names, ["X-BROKER-ID", "orders"]);
}
