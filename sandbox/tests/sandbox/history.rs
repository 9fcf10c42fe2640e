//! Order history and fills: pages, order, filters.

use bpx_sandbox::Side;
use serde_json::{Value, json};

use crate::client::{Client, Reply, limit, now_ms, plus, resting, start_empty, start_with};

fn ids(rows: &Value, field: &str) -> Vec<String> {
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| row[field].as_str().unwrap().to_owned())
        .collect()
}

/// Page count, current page, page size, total.
fn page(reply: &Reply) -> [&str; 4] {
    ["x-page-count", "x-current-page", "x-page-size", "x-total"].map(|name| reply.header(name))
}

async fn place(client: &Client, count: usize) {
    for _ in 0..count {
        client.place(limit("Bid", "1", "1")).await.ok();
    }
}

#[tokio::test]
async fn pages_are_cut_newest_first_unless_asked_otherwise() {
    let (_sandbox, client) = start_empty().await;
    place(&client, 5).await;
    for (query, expected, head) in [
        ("", vec!["5", "4", "3", "2", "1"], ["1", "1", "100", "5"]),
        ("limit=2", vec!["5", "4"], ["3", "1", "2", "5"]),
        ("limit=2&offset=2", vec!["3", "2"], ["3", "2", "2", "5"]),
        (
            "limit=2&offset=4&sortDirection=Desc",
            vec!["1"],
            ["3", "3", "2", "5"],
        ),
        (
            "limit=1000&offset=0&sortDirection=Asc",
            vec!["1", "2", "3", "4", "5"],
            ["1", "1", "1000", "5"],
        ),
        (
            "offset=18446744073709551615",
            vec![],
            ["1", "184467440737095517", "100", "5"],
        ),
        (
            "limit=1&offset=18446744073709551615",
            vec![],
            ["5", "18446744073709551615", "1", "5"],
        ),
    ] {
        let reply = client.history(query).await;
        assert_eq!(ids(&reply.ok(), "id"), expected, "{query}");
        assert_eq!(page(&reply), head, "{query}");
    }
}

#[tokio::test]
async fn the_default_page_holds_100_rows() {
    let (_sandbox, client) = start_empty().await;
    for _ in 0..6 {
        client
            .batch(json!(vec![limit("Bid", "1", "1"); 20]))
            .await
            .ok();
    }
    let reply = client.history("").await;
    assert_eq!(ids(&reply.ok(), "id").len(), 100);
    assert_eq!(page(&reply), ["2", "1", "100", "120"]);
    assert_eq!(
        ids(&client.history("offset=100").await.ok(), "id").len(),
        20
    );
}

#[tokio::test]
async fn an_empty_answer_has_its_page_headers_too() {
    let (_sandbox, client) = start_empty().await;
    for reply in [client.fills("").await, client.history("").await] {
        assert_eq!(reply.ok(), json!([]));
        assert_eq!(page(&reply), ["0", "1", "100", "0"]);
        assert_eq!(reply.header("cache-control"), "no-store");
        for name in ["X-PAGE-COUNT", "X-CURRENT-PAGE", "X-PAGE-SIZE", "X-TOTAL"] {
            assert!(reply.header("access-control-expose-headers").contains(name));
        }
    }
}

#[tokio::test]
async fn a_limit_is_between_1_and_1000() {
    let (_sandbox, client) = start_empty().await;
    for query in ["limit=0", "limit=1001"] {
        for reply in [client.history(query).await, client.fills(query).await] {
            reply.is_error(
                400,
                "INVALID_CLIENT_REQUEST",
                "Invalid limit: must be between 1 and 1000",
            );
        }
    }
}

#[tokio::test]
async fn order_history_is_filtered() {
    let (_sandbox, client) = start_empty().await;
    place(&client, 1).await;
    client
        .place(plus(
            limit("Bid", "1", "1"),
            json!({ "symbol": "ETH_USDC_PERP" }),
        ))
        .await
        .ok();
    for (query, expected) in [
        ("orderId=1", vec!["1"]),
        ("orderId=3", vec![]),
        ("symbol=ETH_USDC_PERP", vec!["2"]),
        ("marketType=PERP", vec!["2"]),
        ("marketType=PERP&marketType=SPOT", vec!["2", "1"]),
        ("marketType=RFQ", vec![]),
        ("orderId=1&marketType=PERP", vec![]),
        ("strategyId=1", vec![]),
    ] {
        assert_eq!(
            ids(&client.history(query).await.ok(), "id"),
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn fills_are_filtered_by_order_time_type_and_market() {
    let (_sandbox, client) = start_with(vec![resting(Side::Ask, "100", "3")]).await;
    let before = now_ms();
    for _ in 0..2 {
        client.place(limit("Bid", "100", "1")).await.ok();
    }
    let after = now_ms();
    for (query, expected) in [
        (String::new(), vec!["3", "2"]),
        ("sortDirection=Asc".to_owned(), vec!["2", "3"]),
        ("orderId=2".to_owned(), vec!["2"]),
        ("fillType=User".to_owned(), vec!["3", "2"]),
        ("fillType=Liquidation".to_owned(), vec![]),
        ("strategyId=1".to_owned(), vec![]),
        ("marketType=PERP".to_owned(), vec![]),
        ("marketType=SPOT&symbol=SOL_USDC".to_owned(), vec!["3", "2"]),
        (format!("from={before}&to={after}"), vec!["3", "2"]),
        (format!("from={}", after + 1), vec![]),
        (format!("to={}", before - 1), vec![]),
        (format!("from={after}&to={}", before - 1), vec![]),
    ] {
        assert_eq!(
            ids(&client.fills(&query).await.ok(), "orderId"),
            expected,
            "{query}"
        );
    }
}
