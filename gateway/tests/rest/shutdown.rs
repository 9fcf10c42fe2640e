//! Shutdown: calls in flight are finished, later ones are refused.

use std::time::Duration;

use bpx_dispatch::{Call, Refused};
use bpx_sandbox::Fault;
use serde_json::{Map, Value};
use tokio::net::TcpStream;

use crate::support::{Fixture, ORDER, ORDERS, bid, send};

#[tokio::test]
async fn an_order_in_flight_is_finished_and_answered_before_the_end() {
    let fixture = Fixture::new().await;
    let slow = Fault::DelayAfter { delay_ms: 700 };
    fixture.sandbox.arm(slow.on("execute_order")).unwrap();
    // An idle connection does not delay the shutdown.
    assert_eq!(send(fixture.get(ORDERS)).await.status(), 200);
    let placing = tokio::spawn(fixture.post(ORDER, &bid("20")).send());
    while fixture.arrived("POST", ORDER) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let address = fixture.address();
    let Fixture {
        sandbox,
        gateway,
        dispatch,
        state,
        ..
    } = fixture;
    let stopping = tokio::spawn(gateway.shutdown());
    while TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let answer = placing.await.unwrap().unwrap();
    assert_eq!(answer.status(), 200);
    let order: Value = answer.json().await.unwrap();
    assert_eq!(order["status"], "New");
    stopping.await.unwrap();

    let call = Call::new(&bpx_venue::operations::GET_OPEN_ORDERS, Map::new(), "test");
    assert!(matches!(dispatch.call(call).await, Err(Refused::Closed)));
    assert_eq!(sandbox.faults_fired().len(), 1);
    drop(state);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_stop_its_order() {
    let fixture = Fixture::new().await;
    let slow = Fault::DelayBefore { delay_ms: 300 };
    fixture.sandbox.arm(slow.on("execute_order")).unwrap();
    let impatient = fixture
        .post(ORDER, &bid("20"))
        .timeout(Duration::from_millis(100));
    assert!(impatient.send().await.is_err());
    let Fixture {
        sandbox,
        gateway,
        state,
        ..
    } = fixture;
    gateway.shutdown().await;
    let placed = sandbox
        .verified()
        .iter()
        .filter(|seen| seen.method == "POST")
        .count();
    assert_eq!(placed, 1);
    drop(state);
}
