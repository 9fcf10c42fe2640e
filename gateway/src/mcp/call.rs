//! One call of a tool, from its arguments to its answer.

use bpx_venue::operations::{EXECUTE_ORDER, EXECUTE_ORDER_BATCH};
use bpx_dispatch::Call;
use bpx_runtime::capability::Tool;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, InputRequiredResult, JsonObject,
    ProtocolVersion,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;

use super::answer::{self, Asked};
use super::confirm::{self, Bound, Consent};
use super::server::Inner;
use super::summary;
use crate::caller::Caller;
use crate::shared::Denied;

/// The member of a request's `_meta` with its idempotency key.
pub(super) const KEY: &str = "backpack/idempotencyKey";
const UNAVAILABLE: &str = "CONFIRMATION_UNAVAILABLE";

/// What becomes of a call.
#[derive(Debug)]
pub(super) enum Answer {
    /// It went through [`Shared::call`](crate::shared::Shared::call), which has counted it.
    Counted(CallToolResult),
    /// A person is asked first.
    Asking(InputRequiredResult),
    /// It was not made, for the reason of this code.
    Refused(&'static str, CallToolResult),
}

impl Answer {
    fn refused(code: &'static str, detail: &str, fix: &str) -> Self {
        Self::Refused(code, answer::refused(code, detail, fix))
    }

    fn denied(denied: Denied) -> Self {
        Self::Refused(denied.code(), answer::denied(denied))
    }
}

/// A call that is being made.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    pub(super) inner: &'a Inner,
    pub(super) tool: &'static Tool,
    pub(super) caller: Caller,
    pub(super) context: &'a RequestContext<RoleServer>,
}

impl Attempt<'_> {
    pub(super) async fn make(&self, request: CallToolRequestParams) -> Answer {
        let arguments = request.arguments.clone().unwrap_or_default();
        if self.tool.operation.effect.only_reads() {
            return self.send(arguments, None).await;
        }
        let key = match self.context.meta.get(KEY) {
            None => None,
            Some(Value::String(key)) => Some(key.clone()),
            Some(_) => {
                let fix = "write 1 to 255 visible ASCII characters, in quotes";
                let detail = format!("`_meta` member `{KEY}` is no text");
                return Answer::refused("IDEMPOTENCY_KEY_INVALID", &detail, fix);
            }
        };
        let bound = Bound::new(self.caller, self.tool, &arguments, key.as_deref());
        let key = key.or_else(|| derived(self.tool, &arguments, &bound));
        if !self.inner.settings.confirm.asks_about(self.tool) {
            return self.send(arguments, key).await;
        }
        let consent = self.consent(&request, &arguments, &bound, key.as_deref());
        match consent.await {
            Ok(confirmed) => self.send(arguments, key.or(confirmed)).await,
            Err(answer) => *answer,
        }
    }

    async fn send(&self, arguments: JsonObject, key: Option<String>) -> Answer {
        let operation = self.tool.operation;
        let asked = Asked::new(operation, &arguments, self.inner.settings.result_bytes_max);
        let mut call = Call::new(operation, arguments, "");
        call.idempotency_key = key;
        Answer::Counted(match self.inner.shared.call(self.caller, call).await {
            Ok(settled) => answer::settled(&asked, &settled),
            Err(denied) => answer::denied(denied),
        })
    }

    /// A person's consent: the idempotency key that goes with it, or what to answer instead of calling.
    async fn consent(
        &self,
        request: &CallToolRequestParams,
        arguments: &JsonObject,
        bound: &Bound,
        key: Option<&str>,
    ) -> Result<Option<String>, Box<Answer>> {
        let asks = asks(self.context, self.inner.settings.sessions);
        if let (Asks::Form, Some(state)) = (asks, &request.request_state) {
            let responses = request.input_responses.as_ref();
            match self.inner.confirmations.read(bound, state, responses) {
                Consent::Given { key } => return Ok(Some(key)),
                Consent::Declined => return Err(Box::new(declined())),
                Consent::Invalid => return Err(Box::new(invalid())),
                Consent::Missing => {}
            }
        }
        if let Err(denied) = self.foresee(arguments, key) {
            return Err(Box::new(Answer::denied(denied)));
        }
        let account = self.inner.shared.dispatch.account().split_once('@');
        let exchange = account.map_or("the exchange", |(_, exchange)| exchange);
        let summary = summary::of(self.tool, arguments, exchange);
        match asks {
            Asks::Form => Err(Box::new(self.ask(bound, summary))),
            Asks::Session => self.ask_at_once(summary).await,
            Asks::Never(fix) => {
                let detail = "a person has to agree to this call, and this client cannot ask one";
                Err(Box::new(Answer::refused(UNAVAILABLE, detail, fix)))
            }
        }
    }

    /// Nobody is asked about what would be refused.
    fn foresee(&self, arguments: &JsonObject, key: Option<&str>) -> Result<(), Denied> {
        let operation = self.tool.operation;
        if !self.caller.scope.allows(operation) {
            let operation = operation.id;
            return Err(Denied::Scope { operation });
        }
        let mut call = Call::new(operation, arguments.clone(), "");
        call.idempotency_key = key.map(str::to_owned);
        let dispatch = &self.inner.shared.dispatch;
        dispatch.check(&call).map_err(Denied::Refused)
    }

    fn ask(&self, bound: &Bound, summary: String) -> Answer {
        match self.inner.confirmations.ask(bound, summary) {
            Ok(asking) => Answer::Asking(asking),
            Err(error) => Answer::refused(UNAVAILABLE, &error.to_string(), "call again later"),
        }
    }

    /// Within a session the question goes out while the call waits.
    async fn ask_at_once(&self, summary: String) -> Result<Option<String>, Box<Answer>> {
        let lifetime = Some(self.inner.settings.confirm_lifetime);
        let form = confirm::form(summary);
        let peer = &self.context.peer;
        match peer.create_elicitation_with_timeout(form, lifetime).await {
            Ok(result) if confirm::agrees(&result) => Ok(None),
            Ok(_) => Err(Box::new(declined())),
            Err(error) => {
                let detail = format!("the person was asked, and no answer came: {error}");
                let fix = "call again when somebody is there to answer";
                Err(Box::new(Answer::refused(UNAVAILABLE, &detail, fix)))
            }
        }
    }
}

fn declined() -> Answer {
    let detail = "the person did not agree to this call";
    let fix = "do not call again unless the person wants it; ask what to change";
    Answer::refused("CONFIRMATION_DECLINED", detail, fix)
}

fn invalid() -> Answer {
    let detail = "the consent is not for this call, or it is too old";
    let fix = "call again without `requestState`, and the person is asked anew";
    Answer::refused("CONFIRMATION_INVALID", detail, fix)
}

/// How a client can ask its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// By a form in the answer to the call.
    Form,
    /// By a request of its own, within a session.
    Session,
    /// Not at all; what to do about it.
    Never(&'static str),
}

fn asks(context: &RequestContext<RoleServer>, sessions: bool) -> Asks {
    let can_ask = context
        .client_capabilities()
        .is_some_and(|it| has_forms(&it));
    let version = context.protocol_version();
    let is_modern =
        version.is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str());
    match (is_modern, can_ask, sessions) {
        (true, true, _) => Asks::Form,
        (false, true, true) => Asks::Session,
        (false, _, false) => Asks::Never(
            "use a client of protocol 2026-07-28 that declares elicitation; its operator can turn on sessions for older clients, or change which calls are confirmed",
        ),
        _ => Asks::Never(
            "use a client that declares elicitation; the gateway's operator can change which calls are confirmed",
        ),
    }
}

/// A capability without members means forms.
fn has_forms(capabilities: &ClientCapabilities) -> bool {
    let elicitation = capabilities.elicitation.as_ref();
    elicitation.is_some_and(|it| it.form.is_some() || it.url.is_none())
}

/// The key of a call that names its orders: the same orders under the same `clientId`s are the same call, however often
/// and whenever it comes. None where an order has no `clientId`, for then two alike may be meant.
fn derived(tool: &Tool, arguments: &JsonObject, bound: &Bound) -> Option<String> {
    let is_named = |order: &Value| order.get("clientId").is_some_and(Value::is_u64);
    let named = match tool.operation.id {
        id if id == EXECUTE_ORDER.id => arguments.get("clientId").is_some_and(Value::is_u64),
        id if id == EXECUTE_ORDER_BATCH.id => {
            let orders = arguments.get("orders").and_then(Value::as_array);
            orders.is_some_and(|orders| !orders.is_empty() && orders.iter().all(is_named))
        }
        _ => false,
    };
    named.then(|| format!("named-{}", bound.hex()))
}
