//! The output schema takes what an exchange answers, and what readers have to expect of a later one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bpx_client::types::{CancelAll, CancelOrder, NewOrder, OrderType, Side};
use bpx_client::{Client, Key, Options, signer};
use bpx_contract::api::Operation;
use bpx_runtime::serde_json::{self, Value, json};
use bpx_runtime::{Tap, Tapped};
use bpx_sandbox::{Sandbox, SandboxConfig, Side as Makers};
use bpx_tests::exchange::{decimal, resting};
use bpx_venue::operations::{CANCEL_ORDER, GET_ORDER};
use jsonschema::Validator;

/// Keeps the body of every success, by operation.
#[derive(Debug, Default)]
struct Successes(Mutex<BTreeMap<Cow<'static, str>, Vec<Value>>>);

impl Tap for Successes {
    fn saw(&self, exchange: Tapped) {
        if exchange.status.is_some_and(|status| status.is_success()) {
            let body = serde_json::from_slice(&exchange.response_body).unwrap_or(Value::Null);
            let mut all = self.0.lock().unwrap();
            all.entry(exchange.operation).or_default().push(body);
        }
    }
}

fn validator(operation: &Operation) -> Validator {
    let schema = operation.output_schema();
    jsonschema::draft202012::meta::validate(schema).unwrap();
    jsonschema::draft202012::new(schema).unwrap()
}

fn limit(side: Side, price: &str) -> NewOrder {
    NewOrder::new(OrderType::Limit, side, "SOL_USDC")
        .price(decimal(price).unwrap())
        .quantity(decimal("1").unwrap())
}

/// All eight operations, with every kind of answer that the local exchange has.
async fn trade(client: &Client, sandbox: &Sandbox) {
    let resting_order = limit(Side::Bid, "90").client_id(7);
    client
        .execute_order()
        .body(resting_order)
        .send()
        .await
        .unwrap();
    let market =
        NewOrder::new(OrderType::Market, Side::Bid, "SOL_USDC").quantity(decimal("0.5").unwrap());
    client.execute_order().body(market).send().await.unwrap();
    let conditional = limit(Side::Bid, "95")
        .trigger_price("94".parse().unwrap())
        .trigger_quantity("1".parse().unwrap());
    let too_fine = limit(Side::Bid, "80").quantity(decimal("0.000000001").unwrap());
    let batch = vec![limit(Side::Bid, "80"), conditional, too_fine];
    client
        .execute_order_batch()
        .body(batch)
        .send()
        .await
        .unwrap();
    client
        .get_order()
        .symbol("SOL_USDC")
        .client_id(7_u32)
        .send()
        .await
        .unwrap();
    client.get_open_orders().send().await.unwrap();
    client.get_fills().send().await.unwrap();
    client.get_order_history().send().await.unwrap();
    let cancel = CancelOrder::new("SOL_USDC").client_id(7);
    client.cancel_order().body(cancel).send().await.unwrap();
    client
        .cancel_open_orders()
        .body(CancelAll::new("SOL_USDC"))
        .send()
        .await
        .unwrap();
    client.get_order_history().send().await.unwrap();
    // Accepted, not yet executed: nothing comes back.
    sandbox.settle_late(true);
    client
        .execute_order()
        .body(limit(Side::Bid, "70").client_id(8))
        .send()
        .await
        .unwrap();
    let cancel = CancelOrder::new("SOL_USDC").client_id(8);
    client.cancel_order().body(cancel).send().await.unwrap();
    client
        .cancel_open_orders()
        .body(CancelAll::new("SOL_USDC"))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn what_the_local_exchange_answers_is_valid() {
    let config = SandboxConfig {
        liquidity: vec![resting(Makers::Ask, "100", "5").unwrap()],
        ..SandboxConfig::bare()
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let seen = Arc::new(Successes::default());
    let key = Key::from_base64(&sandbox.api_secret()).unwrap();
    let options = Options::default().with_tap(seen.clone());
    let client = Client::with_options(&sandbox.base_url(), signer(key), options).unwrap();
    trade(&client, &sandbox).await;
    let seen = seen.0.lock().unwrap().clone();
    for operation in bpx_venue::api().operations() {
        let validator = validator(operation);
        let answers = &seen[operation.id.as_str()];
        assert!(!answers.is_empty(), "{}", operation.id);
        for answer in answers {
            assert!(answer.is_null() <= operation.accepted, "{}", operation.id);
            let wrapped = json!({"result": answer});
            if let Err(error) = validator.validate(&wrapped) {
                panic!("{}: {error} in {wrapped}", operation.id);
            }
        }
    }
    assert!(seen["cancel_order"].contains(&Value::Null), "no 202");
    assert_eq!(seen["execute_order_batch"][0].as_array().unwrap().len(), 3);
    assert!(!seen["get_fills"][0].as_array().unwrap().is_empty());
}

fn order() -> Value {
    json!({
        "orderType": "Limit", "id": "1", "createdAt": 1, "executedQuantity": "0", "executedQuoteQuantity": "0",
        "postOnly": false, "price": "1", "quantity": "1", "selfTradePrevention": "RejectTaker", "side": "Bid",
        "status": "New", "symbol": "SOL_USDC", "timeInForce": "GTC",
    })
}

#[test]
fn an_answer_may_hold_what_a_later_contract_has() {
    let validator = validator(&GET_ORDER);
    let changes = [
        ("clientId", json!(null)),
        ("triggerBy", json!(null)),
        ("triggerBy", json!("NewKindOfPrice")),
        ("status", json!("PendingRelease")),
        ("newMember", json!({"any": ["thing"]})),
        ("orderType", json!("Iceberg")),
    ];
    for (name, value) in changes {
        let mut order = order();
        order[name] = value;
        assert!(validator.is_valid(&json!({"result": order})), "{name}");
    }
    assert!(validator.is_valid(&json!({"result": {"orderType": "Iceberg"}})));
}

#[test]
fn an_answer_may_not_lack_or_mistype_what_the_contract_promises() {
    let validator = validator(&GET_ORDER);
    assert!(validator.is_valid(&json!({"result": order()})));
    for (name, _) in order().as_object().unwrap() {
        let mut order = order();
        order.as_object_mut().unwrap().remove(name);
        assert!(!validator.is_valid(&json!({"result": order})), "{name}");
    }
    for (name, value) in [
        ("price", json!(1)),
        ("side", json!(7)),
        ("clientId", json!("1")),
    ] {
        let mut order = order();
        order[name] = value;
        assert!(!validator.is_valid(&json!({"result": order})), "{name}");
    }
    // Only where a request can be accepted without an answer is there nothing.
    assert!(!validator.is_valid(&json!({"result": null})));
    assert!(self::validator(&CANCEL_ORDER).is_valid(&json!({"result": null})));
}
