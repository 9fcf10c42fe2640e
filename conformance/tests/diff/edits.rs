//! A table of edits: what each is called, how it is judged, whether a counterexample is given, which version it asks for.

use std::sync::LazyLock;

use bpx_conformance::Contract;
use bpx_conformance::diff::Diff;

use crate::support::{compared, edited, line, ours};

/// What the edit does, the edit, the changes that are found.
type Row = (&'static str, &'static str, &'static [&'static str]);

const EDITS: &[Row] = &[
    (
        "a required request field",
        r#"[
        {"op": "add", "path": "/components/schemas/OrderExecutePayload/properties/goodTill", "value": {"type": "integer", "format": "int64"}},
        {"op": "add", "path": "/components/schemas/OrderExecutePayload/required/-", "value": "goodTill"}]"#,
        &["breaking! request-required-field-added OrderExecutePayload.goodTill major"],
    ),
    (
        "an optional request field",
        r#"[
        {"op": "add", "path": "/components/schemas/OrderExecutePayload/properties/goodTill", "value": {"type": "integer", "format": "int64"}}]"#,
        &["safe request-field-added OrderExecutePayload.goodTill minor"],
    ),
    (
        "a request field removed",
        r#"[
        {"op": "remove", "path": "/components/schemas/OrderExecutePayload/properties/brokerId"}]"#,
        &["risky request-field-removed OrderExecutePayload.brokerId major"],
    ),
    (
        "a request field required",
        r#"[
        {"op": "add", "path": "/components/schemas/OrderExecutePayload/required/-", "value": "price"}]"#,
        &["breaking! request-field-became-required OrderExecutePayload.price major"],
    ),
    (
        "a request field optional",
        r#"[
        {"op": "replace", "path": "/components/schemas/OrderExecutePayload/required", "value": ["side", "symbol"]}]"#,
        &["safe request-field-became-optional OrderExecutePayload.orderType major"],
    ),
    (
        "a request field of a smaller format",
        r#"[
        {"op": "replace", "path": "/components/schemas/OrderCancelPayload/properties/clientId/format", "value": "uint16"}]"#,
        &["breaking! request-narrowed OrderCancelPayload.clientId major"],
    ),
    (
        "a request field of a larger format",
        r#"[
        {"op": "replace", "path": "/components/schemas/OrderCancelPayload/properties/clientId/format", "value": "uint64"}]"#,
        &["safe request-widened OrderCancelPayload.clientId major"],
    ),
    (
        "a request field with a bound",
        r#"[
        {"op": "add", "path": "/components/schemas/OrderCancelPayload/properties/symbol/maxLength", "value": 20}]"#,
        &["breaking! request-narrowed OrderCancelPayload.symbol patch"],
    ),
    (
        "a request value removed",
        r#"[
        {"op": "replace", "path": "/components/schemas/CancelOrderTypeEnum/enum", "value": ["RestingLimitOrder"]}]"#,
        &["breaking! request-value-removed CancelOrderTypeEnum=ConditionalOrder major"],
    ),
    (
        "a request value added",
        r#"[
        {"op": "add", "path": "/components/schemas/CancelOrderTypeEnum/enum/-", "value": "TwapOrder"}]"#,
        &["safe request-value-added CancelOrderTypeEnum=TwapOrder minor"],
    ),
    (
        "a value of a closed enumeration",
        r#"[
        {"op": "add", "path": "/components/schemas/TimeInForce/enum/-", "value": "GTD"}]"#,
        &[
            "breaking! response-closed-value-added TimeInForce=GTD major",
            "safe request-closed-value-added TimeInForce=GTD major",
        ],
    ),
    (
        "an enumeration opened",
        r#"[
        {"op": "remove", "path": "/components/schemas/Side/x-closed"}]"#,
        &[
            "risky enum-opened Side major",
            "safe request-enum-opened Side major",
        ],
    ),
    (
        "a new order status",
        r#"[
        {"op": "add", "path": "/components/schemas/OrderStatus/enum/-", "value": "PendingRelease"}]"#,
        &["risky! response-value-added OrderStatus=PendingRelease minor"],
    ),
    (
        "a new error code",
        r#"[
        {"op": "add", "path": "/components/schemas/ApiErrorCode/enum/-", "value": "ORDER_PENDING_RELEASE"}]"#,
        &["risky! response-value-added ApiErrorCode=ORDER_PENDING_RELEASE minor"],
    ),
    (
        "new expiry reasons",
        r#"[
        {"op": "add", "path": "/components/schemas/OrderExpiryReason/enum/-", "value": "CancelOnlyMode"},
        {"op": "add", "path": "/components/schemas/OrderExpiryReason/enum/-", "value": "Maintenance"}]"#,
        &[
            "risky! response-value-added OrderExpiryReason=CancelOnlyMode minor",
            "risky! response-value-added OrderExpiryReason=Maintenance minor",
        ],
    ),
    (
        "a required response field dropped from the required",
        r#"[
        {"op": "test", "path": "/components/schemas/Order/required/4", "value": "status"},
        {"op": "remove", "path": "/components/schemas/Order/required/4"}]"#,
        &["breaking! response-field-became-optional Order.status major"],
    ),
    (
        "a nullable response field",
        r#"[
        {"op": "add", "path": "/components/schemas/OrderFill/properties/price/nullable", "value": true}]"#,
        &["breaking! response-null-added OrderFill.price major"],
    ),
    (
        "a nullable optional response field",
        r#"[
        {"op": "add", "path": "/components/schemas/Order/properties/price/nullable", "value": true}]"#,
        &["risky! response-optional-null-added Order.price patch"],
    ),
    (
        "a response field of another type",
        r#"[
        {"op": "replace", "path": "/components/schemas/OrderFill/properties/clientId", "value": {"type": "integer", "format": "uint32"}}]"#,
        &["breaking! response-widened OrderFill.clientId major"],
    ),
    (
        "a time as text",
        r#"[
        {"op": "replace", "path": "/components/schemas/LimitOrder/properties/createdAt", "value": {"type": "string", "format": "naive-date-time"}}]"#,
        &["breaking! response-widened LimitOrder.createdAt major"],
    ),
    (
        "a response field added",
        r#"[
        {"op": "add", "path": "/components/schemas/OrderFill/properties/assetClass", "value": {"type": "string"}}]"#,
        &["safe response-field-added OrderFill.assetClass minor"],
    ),
    (
        "a required response field removed",
        r#"[
        {"op": "remove", "path": "/components/schemas/OrderFill/properties/feeSymbol"},
        {"op": "replace", "path": "/components/schemas/OrderFill/required", "value": ["fee", "isMaker", "orderId", "price", "quantity", "side", "symbol", "timestamp"]}]"#,
        &["breaking! response-field-removed OrderFill.feeSymbol major"],
    ),
    (
        "an optional response field removed",
        r#"[
        {"op": "remove", "path": "/components/schemas/OrderFill/properties/tradeId"}]"#,
        &["risky response-optional-field-removed OrderFill.tradeId major"],
    ),
    (
        "a response field required",
        r#"[
        {"op": "add", "path": "/components/schemas/OrderFill/required/-", "value": "tradeId"}]"#,
        &["safe response-field-became-required OrderFill.tradeId major"],
    ),
    (
        "a decimal that is any text",
        r#"[
        {"op": "remove", "path": "/components/schemas/OrderFill/properties/fee/format"}]"#,
        &["breaking! response-widened OrderFill.fee major"],
    ),
    (
        "words",
        r#"[
        {"op": "replace", "path": "/components/schemas/OrderFill/description", "value": "Half an order."}]"#,
        &[],
    ),
    (
        "a required parameter",
        r#"[
        {"op": "add", "path": "/paths/~1api~1v1~1orders/get/parameters/-", "value": {"name": "account", "in": "query", "required": true, "schema": {"type": "string"}}}]"#,
        &["breaking! parameter-required-added account major"],
    ),
    (
        "an optional parameter",
        r#"[
        {"op": "add", "path": "/paths/~1api~1v1~1orders/get/parameters/-", "value": {"name": "account", "in": "query", "schema": {"type": "string"}}}]"#,
        &["safe parameter-added account minor"],
    ),
    (
        "a parameter removed",
        r#"[
        {"op": "remove", "path": "/paths/~1api~1v1~1orders/get/parameters/0"}]"#,
        &["risky parameter-removed marketType major"],
    ),
    (
        "a parameter required",
        r#"[
        {"op": "add", "path": "/paths/~1api~1v1~1orders/get/parameters/1/required", "value": true}]"#,
        &["breaking! parameter-became-required symbol major"],
    ),
    (
        "a parameter optional",
        r#"[
        {"op": "remove", "path": "/paths/~1api~1v1~1order/get/parameters/2/required"}]"#,
        &["safe parameter-became-optional symbol minor"],
    ),
    (
        "a parameter of a smaller format",
        r#"[
        {"op": "replace", "path": "/paths/~1api~1v1~1order/get/parameters/0/schema/format", "value": "uint16"}]"#,
        &["breaking! parameter-narrowed clientId major"],
    ),
    (
        "a parameter that is any text",
        r#"[
        {"op": "replace", "path": "/paths/~1api~1v1~1order/get/parameters/0/schema", "value": {"type": "string"}}]"#,
        &["safe parameter-widened clientId major"],
    ),
    (
        "a parameter with a bound",
        r#"[
        {"op": "add", "path": "/components/parameters/Limit/schema/maximum", "value": 500}]"#,
        &["breaking! parameter-narrowed limit patch"],
    ),
    (
        "a list that is one value",
        r##"[
        {"op": "replace", "path": "/components/parameters/MarketTypes/schema", "value": {"$ref": "#/components/schemas/MarketType"}}]"##,
        &["breaking! parameter-narrowed marketType major"],
    ),
    (
        "a parameter's value removed",
        r#"[
        {"op": "replace", "path": "/components/schemas/MarketType/enum", "value": ["SPOT", "PERP", "IPERP", "DATED", "PREDICTION"]}]"#,
        &["breaking! request-value-removed MarketType=RFQ major"],
    ),
    (
        "a parameter's value added",
        r#"[
        {"op": "add", "path": "/components/schemas/FillType/enum/-", "value": "Rfq"}]"#,
        &["safe request-value-added FillType=Rfq minor"],
    ),
    (
        "a header in other letters",
        r#"[
        {"op": "replace", "path": "/components/parameters/BrokerId/name", "value": "X-Broker-Id"}]"#,
        &["safe parameter-respelled X-Broker-Id patch"],
    ),
    (
        "a parameter elsewhere",
        r#"[
        {"op": "replace", "path": "/paths/~1api~1v1~1orders/get/parameters/1/in", "value": "header"}]"#,
        &["breaking parameter-moved symbol patch"],
    ),
    (
        "an operation removed",
        r#"[
        {"op": "remove", "path": "/paths/~1api~1v1~1orders/post"}]"#,
        &["breaking operation-removed execute_order_batch major"],
    ),
    (
        "an operation added",
        r#"[
        {"op": "add", "path": "/paths/~1api~1v1~1ping", "value": {"get": {"operationId": "ping", "responses": {"200": {"description": ""}}}}}]"#,
        &["safe operation-added ping minor"],
    ),
    (
        "an operation renamed",
        r#"[
        {"op": "replace", "path": "/paths/~1api~1v1~1order/get/operationId", "value": "fetch_order"}]"#,
        &["safe operation-renamed get_order major"],
    ),
    (
        "an operation moved",
        r#"[
        {"op": "move", "from": "/paths/~1wapi~1v1~1history~1fills", "path": "/paths/~1wapi~1v2~1history~1fills"}]"#,
        &["breaking operation-moved get_fills patch"],
    ),
    (
        "another instruction",
        r#"[
        {"op": "replace", "path": "/paths/~1api~1v1~1order/get/x-instruction", "value": "orderQueryOne"}]"#,
        &["breaking instruction-changed get_order patch"],
    ),
    (
        "no signature",
        r#"[
        {"op": "remove", "path": "/paths/~1api~1v1~1order/get/x-instruction"},
        {"op": "remove", "path": "/paths/~1api~1v1~1order/get/security"}]"#,
        &["safe signing-removed get_order major"],
    ),
    (
        "a success without body",
        r#"[
        {"op": "add", "path": "/paths/~1api~1v1~1order/post/responses/202", "value": {"description": "Later."}}]"#,
        &["breaking! response-empty-success-added 202 major"],
    ),
    (
        "no success without body",
        r#"[
        {"op": "remove", "path": "/paths/~1api~1v1~1order/delete/responses/202"}]"#,
        &["safe response-success-status-removed 202 major"],
    ),
    (
        "another failure",
        r##"[
        {"op": "add", "path": "/paths/~1api~1v1~1order/get/responses/418", "value": {"$ref": "#/components/responses/BadRequest"}}]"##,
        &["safe response-failure-status-added 418 minor"],
    ),
    (
        "text for JSON",
        r#"[
        {"op": "replace", "path": "/paths/~1api~1v1~1order/get/responses/200/content", "value": {"text/plain": {"schema": {"type": "string"}}}}]"#,
        &["breaking response-content-changed success major"],
    ),
    (
        "a list without page headers",
        r#"[
        {"op": "remove", "path": "/paths/~1wapi~1v1~1history~1fills/get/responses/200/headers"}]"#,
        &["breaking response-pages-removed headers major"],
    ),
    (
        "no body",
        r#"[
        {"op": "remove", "path": "/paths/~1api~1v1~1orders/delete/requestBody"}]"#,
        &["risky request-body-removed body major"],
    ),
    (
        "one object for a list",
        r##"[
        {"op": "replace", "path": "/paths/~1api~1v1~1orders/get/responses/200/content/application~1json; charset=utf-8/schema", "value": {"$ref": "#/components/schemas/OrderType"}}]"##,
        &["breaking! response-widened response major"],
    ),
    (
        "a kind of order added",
        r##"[
        {"op": "add", "path": "/components/schemas/OrderType/anyOf/-", "value": {"$ref": "#/components/schemas/OrderType_TwapOrder"}},
        {"op": "add", "path": "/components/schemas/OrderType/discriminator/mapping/Twap", "value": "#/components/schemas/OrderType_TwapOrder"},
        {"op": "add", "path": "/components/schemas/OrderType_TwapOrder", "value": {"allOf": [
            {"type": "object", "required": ["orderType"], "properties": {"orderType": {"type": "string", "enum": ["Twap"]}}},
            {"$ref": "#/components/schemas/LimitOrder"}]}}]"##,
        &["risky! response-arm-added OrderType:Twap minor"],
    ),
    (
        "a kind of row removed",
        r##"[
        {"op": "replace", "path": "/components/schemas/BatchCommandOrderResult/oneOf", "value": [{"$ref": "#/components/schemas/BatchCommandOrderResult_OrderType"}]}]"##,
        &["safe response-arm-removed BatchCommandOrderResult:Err major"],
    ),
    (
        "a type renamed",
        r##"[
        {"op": "copy", "from": "/components/schemas/OrderFill", "path": "/components/schemas/Trade"},
        {"op": "replace", "path": "/paths/~1wapi~1v1~1history~1fills/get/responses/200/content/application~1json; charset=utf-8/schema/items", "value": {"$ref": "#/components/schemas/Trade"}}]"##,
        &["safe type-renamed OrderFill major"],
    ),
];

/// An edit, carried out.
pub(crate) struct Edited {
    pub(crate) says: &'static str,
    pub(crate) new: Contract,
    pub(crate) found: Diff,
    lines: &'static [&'static str],
}

/// All of them; each takes its time, so that the tests share them.
pub(crate) static EDITED: LazyLock<Vec<Edited>> = LazyLock::new(|| {
    let old = ours();
    let edited = EDITS.iter().map(|(says, patch, lines)| {
        let new = edited(patch);
        let found = compared(&old, &new);
        Edited {
            says,
            new,
            found,
            lines,
        }
    });
    edited.collect()
});

#[test]
fn every_edit_is_named_and_judged() {
    for edit in EDITED.iter() {
        let lines: Vec<_> = edit.found.changes.iter().map(line).collect();
        assert_eq!(lines, edit.lines, "{}", edit.says);
    }
}
