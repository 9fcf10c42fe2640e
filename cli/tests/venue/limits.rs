//! What changes something beyond orders: it needs its name in the policy, keeps to its limits, and withdrawals need a
//! person besides.

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::files;
use crate::serving::Serving;

const WITHDRAWALS: &str = "/wapi/v1/capital/withdrawals";

fn withdrawal(address: &str, quantity: &str) -> Value {
    json!({"address": address, "blockchain": "Solana", "quantity": quantity, "symbol": "USDC", "clientId": "w-1"})
}

#[test]
fn a_change_that_nobody_named_is_refused_and_nothing_is_sent() {
    let files = files::own();
    let serving = Serving::start(&files, "trading = true\n");
    Runtime::new().unwrap().block_on(async {
        let dust = json!({"symbol": "SOL"});
        let path = "/api/v1/account/convertDust";
        let (status, answer) = serving.rest("POST", path, &[], Some(&dust)).await;
        assert_eq!(status, 403, "{answer}");
        assert!(answer.contains("policy.operation") && answer.contains("[operation.convert_dust]"), "{answer}");
        // An order is known, and needs no name.
        let order = json!({"symbol": "SOL_USDC", "side": "Bid", "orderType": "Limit", "price": "20", "quantity": "1"});
        let (status, answer) = serving.rest("POST", "/api/v1/order", &[], Some(&order)).await;
        assert_eq!(status, 200, "{answer}");
        let verified = serving.verified().await;
        assert!(verified.iter().all(|(.., instruction)| instruction != "convertDust"), "{verified:?}");
    });
}

#[test]
fn a_withdrawal_needs_a_listed_address_an_amount_within_the_cap_and_a_person() {
    let files = files::own();
    let policy = |lines: &str| format!("trading = true\n[operation.request_withdrawal]\n{lines}\n");
    let unlisted = Serving::start(&files, &policy("max = { \"/quantity\" = \"10\" }"));
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (status, answer) = unlisted
            .rest("POST", WITHDRAWALS, &[], Some(&withdrawal("a", "1")))
            .await;
        assert_eq!(status, 403, "{answer}");
        assert!(
            answer.contains("does not list what may stand at /address"),
            "{answer}"
        );
    });
    drop(unlisted);
    let limits = "max = { \"/quantity\" = \"10\" }\none_of = { \"/address\" = [\"home\"] }\n\
        find_out = { read = \"get_withdrawals\", with = { clientId = \"/clientId\" } }";
    let serving = Serving::start(&files, &policy(limits));
    runtime.block_on(async {
        for (address, quantity, pointer) in
            [("else", "1", "/address"), ("home", "10.01", "/quantity")]
        {
            let body = withdrawal(address, quantity);
            let (status, answer) = serving.rest("POST", WITHDRAWALS, &[], Some(&body)).await;
            assert_eq!(status, 403, "{answer}");
            assert!(
                answer.contains(&format!("\"pointer\":\"{pointer}\"")),
                "{answer}"
            );
        }
        let (status, answer) = serving
            .rest("POST", WITHDRAWALS, &[], Some(&withdrawal("home", "10")))
            .await;
        assert_eq!(status, 200, "{answer}");
        // The answer is lost: nobody can tell, and the policy says how to find out.
        serving
            .control("POST", "/faults", json!({"fault": "drop-after"}))
            .await;
        let (status, answer) = serving
            .rest("POST", WITHDRAWALS, &[], Some(&withdrawal("home", "2")))
            .await;
        assert_eq!(status, 504, "{answer}");
        assert!(
            answer.contains(r#"find out with get_withdrawals {\"clientId\":\"w-1\"}"#),
            "{answer}"
        );
        let verified = serving.verified().await;
        let sent = verified
            .iter()
            .filter(|(.., instruction)| instruction == "withdraw");
        assert_eq!(sent.count(), 2, "each is sent once: {verified:?}");
    });
}

#[test]
fn without_a_person_no_withdrawal_is_sent_by_either_protocol() {
    let files = files::own();
    let policy =
        "trading = true\n[operation.request_withdrawal]\none_of = { \"/address\" = [\"home\"] }\n";
    let serving = Serving::with(&files, policy, &["--approval-wait", "0"]);
    serving.leave_alone();
    Runtime::new().unwrap().block_on(async {
        let body = withdrawal("home", "1");
        let (status, answer) = serving.rest("POST", WITHDRAWALS, &[], Some(&body)).await;
        assert_eq!(status, 403, "{answer}");
        assert!(answer.contains("APPROVAL_NEEDED"), "{answer}");
        let result = serving.tool("venue-request-withdrawal", &body).await;
        assert_eq!(result["isError"], json!(true), "{result}");
        assert!(serving.verified().await.is_empty());
    });
}
