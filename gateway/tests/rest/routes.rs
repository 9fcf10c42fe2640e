//! Each route: arguments in, the exchange's own JSON out.

use bpx_sandbox::{RestingLiquidity, Side};
use serde_json::{Value, json};

use crate::support::{FILLS, Fixture, HISTORY, ORDER, ORDERS, answer, bid, header, send};

#[tokio::test]
async fn an_order_is_placed_found_listed_and_cancelled() {
    let fixture = Fixture::new().await;
    let response = send(fixture.post(ORDER, &bid("20"))).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(header(&response, "x-outcome"), "done");
    assert_eq!(header(&response, "cache-control"), "no-store");
    let client_id: u32 = header(&response, "x-client-id").parse().unwrap();
    assert_eq!(header(&response, "x-intent").len(), 32);
    let placed: Value = response.json().await.unwrap();
    assert_eq!(placed["status"], "New");
    assert_eq!(placed["clientId"], client_id);

    let path = format!("{ORDER}?symbol=SOL_USDC&clientId={client_id}");
    let (status, found) = answer(fixture.get(&path)).await;
    assert_eq!((status, &found["id"]), (200, &placed["id"]));
    let (status, open) = answer(fixture.get(&format!("{ORDERS}?symbol=SOL_USDC"))).await;
    assert_eq!((status, &open[0]["id"]), (200, &placed["id"]));

    let which = json!({"symbol": "SOL_USDC", "clientId": client_id});
    let (status, cancelled) = answer(fixture.delete(ORDER, &which)).await;
    assert_eq!((status, &cancelled["status"]), (200, &json!("Cancelled")));
    let (_, history) = answer(fixture.get(&format!("{HISTORY}?symbol=SOL_USDC"))).await;
    assert_eq!(history[0]["id"], placed["id"]);
}

#[tokio::test]
async fn a_batch_goes_in_as_a_list_and_all_of_a_market_goes_out_at_once() {
    let fixture = Fixture::new().await;
    let response = send(fixture.post(ORDERS, &json!([bid("20"), bid("21")]))).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "x-client-id").split(", ").count(), 2);
    let rows: Value = response.json().await.unwrap();
    assert_eq!(rows[1]["operation"], "Ok");

    let (status, cancelled) = answer(fixture.delete(ORDERS, &json!({"symbol": "SOL_USDC"}))).await;
    assert_eq!((status, cancelled.as_array().unwrap().len()), (200, 2));
    let (_, open) = answer(fixture.get(ORDERS)).await;
    assert_eq!(open, json!([]));
}

#[tokio::test]
async fn fills_come_in_pages_with_the_exchanges_page_headers() {
    let fixture = Fixture::new().await;
    let offer = RestingLiquidity {
        symbol: "SOL_USDC".to_owned(),
        side: Side::Ask,
        price: 20.into(),
        quantity: 10.into(),
    };
    fixture.sandbox.add_liquidity(&offer).unwrap();
    for _ in 0..3 {
        send(fixture.post(ORDER, &bid("20"))).await;
    }
    let response = send(fixture.get(&format!("{FILLS}?symbol=SOL_USDC&limit=2"))).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "x-page-size"), "2");
    assert_eq!(header(&response, "x-total"), "3");
    assert_eq!(header(&response, "x-page-count"), "2");
    assert_eq!(header(&response, "x-current-page"), "1");
    let fills: Value = response.json().await.unwrap();
    assert_eq!(fills.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn headers_of_the_operation_reach_the_exchange() {
    let fixture = Fixture::new().await;
    let request = fixture.post(ORDER, &bid("20")).header("X-BROKER-ID", "7");
    assert_eq!(send(request).await.status(), 200);
    let request = fixture
        .post(ORDER, &bid("20"))
        .header("X-BROKER-ID", "many");
    let (status, problem) = answer(request).await;
    assert_eq!(status, 400);
    assert_eq!(problem["findings"][0]["pointer"], "/X-BROKER-ID");
}

#[tokio::test]
async fn the_same_key_is_the_same_order_and_another_call_under_it_is_refused() {
    let fixture = Fixture::new().await;
    let place = |price| {
        fixture
            .post(ORDER, &bid(price))
            .header("Idempotency-Key", "k1")
    };
    let first = send(place("20")).await;
    assert_eq!(header(&first, "idempotency-replayed"), "");
    let (client_id, body) = (
        header(&first, "x-client-id").to_owned(),
        first.text().await.unwrap(),
    );
    let again = send(place("20")).await;
    assert_eq!(again.status(), 200);
    assert_eq!(header(&again, "idempotency-replayed"), "true");
    assert_eq!(header(&again, "x-client-id"), client_id);
    assert_eq!(again.text().await.unwrap(), body);
    assert_eq!(fixture.arrived("POST", ORDER), 1);

    let (status, problem) = answer(place("21")).await;
    assert_eq!(status, 422);
    assert_eq!(problem["code"], "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(problem["intent"].as_str().unwrap().len(), 32);
    assert_eq!(fixture.arrived("POST", ORDER), 1);
}

#[tokio::test]
async fn every_route_of_the_capability_is_served_and_nothing_beside_it() {
    let fixture = Fixture::new().await;
    for route in bpx_venue::exposed().routes() {
        let request = fixture.bare(route.method.parse().unwrap(), &route.path);
        assert_eq!(send(request).await.status(), 401, "{}", route.name);
    }
    for path in ["/", "/api/v1/orders/", "/api/v1/markets", "/api/v1/order/1"] {
        assert_eq!(send(fixture.get(path)).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_cancellation_that_is_queued_too_long_is_said_to_be() {
    let fixture = Fixture::new().await;
    let (_, placed) = answer(fixture.post(ORDER, &bid("20"))).await;
    let fault = bpx_sandbox::Fault::Settle { delay_ms: 600_000 };
    fixture.sandbox.arm(fault.on("cancel_order")).unwrap();
    let which = json!({"symbol": "SOL_USDC", "orderId": placed["id"]});
    let response = send(fixture.delete(ORDER, &which)).await;
    assert_eq!(response.status(), 202);
    assert_eq!(header(&response, "x-outcome"), "accepted");
    assert_eq!(header(&response, "content-type"), "application/json");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["outcome"], "accepted");
    assert!(!body["next"].as_str().unwrap().is_empty(), "{body}");
    assert_eq!(body["intent"].as_str().unwrap().len(), 32);
}
