//! The switches for what is unknown or disputed about the venue.

use bpx_sandbox::{
    DuplicateClientId, Sandbox, SandboxConfig, Side, SignatureCode, UnknownOrder, VenueConfig,
};
use reqwest::Method;
use serde_json::json;

use crate::client::{Client, head, limit, now_ms, plus, resting, start};

async fn turned(turn: impl FnOnce(&mut VenueConfig)) -> (Sandbox, Client) {
    let mut config = SandboxConfig::bare();
    turn(&mut config.venue);
    start(config).await
}

#[tokio::test]
async fn the_code_of_a_bad_signature() {
    let code = SignatureCode::InvalidSignature;
    let (_sandbox, client) = turned(|venue| venue.bad_signature_code = code).await;
    let signed = client.sign_now("instruction=orderQuery");
    let reply = client.send(Method::GET, "/api/v1/orders", signed, "").await;
    reply.is_error(400, "INVALID_SIGNATURE", "Invalid signature");
}

#[tokio::test]
async fn the_status_of_an_expired_request() {
    let (_sandbox, client) = turned(|venue| venue.expired_status = 401).await;
    let signed = client.sign("instruction=orderQueryAll", now_ms() - 10_000, None);
    let reply = client.send(Method::GET, "/api/v1/orders", signed, "").await;
    reply.is_error(401, "INVALID_CLIENT_REQUEST", "Request has expired");
}

#[tokio::test]
async fn the_answer_to_cancelling_an_unknown_order() {
    let answer = UnknownOrder::InvalidClientRequest;
    let (_sandbox, client) = turned(|venue| venue.unknown_order = answer).await;
    let reply = client
        .cancel(json!({ "symbol": "SOL_USDC", "orderId": "1" }))
        .await;
    reply.is_error(400, "INVALID_CLIENT_REQUEST", "Order not found");
}

#[tokio::test]
async fn a_client_id_in_use_may_be_refused() {
    let refuse = DuplicateClientId::Refuse;
    let (_sandbox, client) = turned(|venue| venue.duplicate_client_id = refuse).await;
    let order = |symbol| {
        plus(
            limit("Bid", "1", "1"),
            json!({ "clientId": 1, "symbol": symbol }),
        )
    };
    client.place(order("SOL_USDC")).await.ok();
    for symbol in ["SOL_USDC", "ETH_USDC"] {
        let reply = client.place(order(symbol)).await;
        reply.is_error(400, "INVALID_CLIENT_REQUEST", "Duplicate `clientId`");
    }
    client
        .cancel(json!({ "symbol": "SOL_USDC", "clientId": 1 }))
        .await
        .ok();
    client.place(order("ETH_USDC")).await.ok();
}

#[tokio::test]
async fn histories_may_come_oldest_first() {
    let (_sandbox, client) = turned(|venue| venue.history_ascending = true).await;
    for _ in 0..2 {
        client.place(limit("Bid", "1", "1")).await.ok();
    }
    assert_eq!(client.history("").await.ok()[0]["id"], "1");
    assert_eq!(
        client.history("sortDirection=Desc").await.ok()[0]["id"],
        "2"
    );
}

#[tokio::test]
async fn a_signature_may_be_believed_once_only() {
    for refuses in [false, true] {
        let (_sandbox, client) = turned(|venue| venue.refuse_replays = refuses).await;
        let order = limit("Bid", "1", "1");
        let signed = client.sign_now(&head("orderExecute", &order));
        let send = || {
            let body = order.to_string();
            client.send(Method::POST, "/api/v1/order", signed.clone(), body)
        };
        send().await.ok();
        let again = send().await;
        if refuses {
            again.is_error(400, "INVALID_CLIENT_REQUEST", "Request was sent before");
        } else {
            assert_eq!(again.ok()["id"], "2");
        }
    }
}

#[tokio::test]
async fn an_order_may_be_held_back_before_it_reaches_the_book() {
    let (sandbox, client) = turned(|venue| venue.pending_release_ms = 60_000).await;
    sandbox
        .add_liquidity(&resting(Side::Ask, "100", "1"))
        .unwrap();
    let held = client.place(limit("Bid", "100", "1")).await.ok();
    assert_eq!(held["status"], "PendingRelease");
    assert_eq!(client.open_orders("").await.ok(), json!([held]));
    assert_eq!(client.order("orderId=2&symbol=SOL_USDC").await.ok(), held);
    let body = json!({ "symbol": "SOL_USDC", "orderId": held["id"] });
    let reply = client.cancel(body).await;
    reply.is_error(400, "ORDER_PENDING_RELEASE", "Order is pending release");
    assert_eq!(
        client
            .cancel_all(json!({ "symbol": "SOL_USDC" }))
            .await
            .ok(),
        json!([])
    );
    let post_only = plus(limit("Bid", "99", "1"), json!({ "postOnly": true }));
    assert_eq!(client.place(post_only).await.ok()["status"], "New");
}

#[tokio::test]
async fn a_held_order_is_released_after_a_while() {
    let (sandbox, client) = turned(|venue| venue.pending_release_ms = 20).await;
    sandbox
        .add_liquidity(&resting(Side::Ask, "100", "1"))
        .unwrap();
    let held = client.place(limit("Bid", "100", "3")).await.ok();
    let query = format!("orderId={}&symbol=SOL_USDC", held["id"].as_str().unwrap());
    for _ in 0..10_000 {
        let order = client.order(&query).await.ok();
        if order["status"] != "PendingRelease" {
            assert_eq!(order["status"], "PartiallyFilled");
            assert_eq!(order["executedQuantity"], "1");
            return;
        }
    }
    panic!("still held");
}

#[tokio::test]
async fn a_query_beside_a_body_may_be_refused() {
    let (_sandbox, client) = turned(|venue| venue.repeated_query = false).await;
    let body = json!({ "symbol": "SOL_USDC" });
    let signed = client.sign_now(&head("orderCancelAll", &body));
    let target = "/api/v1/orders?symbol=SOL_USDC";
    let reply = client
        .send(Method::DELETE, target, signed, body.to_string())
        .await;
    let message = "This operation takes no query parameters";
    reply.is_error(400, "INVALID_CLIENT_REQUEST", message);
}

#[tokio::test]
async fn the_pace_of_an_account_may_be_limited() {
    let (sandbox, client) = turned(|venue| venue.requests_per_minute = 3).await;
    for _ in 0..3 {
        client.balances().await.ok();
    }
    client
        .balances()
        .await
        .is_error(429, "TOO_MANY_REQUESTS", "Too many requests");
    client.ask("/api/v1/markets").await.ok();
    sandbox.reset().unwrap();
    client.balances().await.ok();
}
