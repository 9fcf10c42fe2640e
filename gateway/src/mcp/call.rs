//! One tool call, from its arguments to its result.

mod approval;

use std::sync::Arc;
use std::time::Instant;

use bpx_capability::exposed::Tool;
use bpx_dispatch::Call;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, InputRequiredResult, JsonObject,
    ProtocolVersion,
};
use rmcp::service::{RequestContext, RoleServer, ServiceError};
use serde_json::Value;

use super::confirm::{self, CallDigest, Confirmations, Consent, Said};
use super::list::{Part, Shape};
use super::meta::MetaNames;
use super::portable;
use super::result::{self, ResultContext};
use crate::caller::Caller;
use crate::error::GatewayError;
use crate::settings::McpSettings;
use crate::shared::{CallError, Shared};
use crate::{interface, problem, summary};

const UNAVAILABLE: &str = "CONFIRMATION_UNAVAILABLE";
const NOBODY_ASKED: &str = "the client declined without asking anyone, as far as is known";

/// What all tool calls share.
#[derive(Debug)]
pub(super) struct CallSettings {
    pub(super) shared: Arc<Shared>,
    settings: McpSettings,
    confirmations: Confirmations,
    meta: MetaNames,
}

impl CallSettings {
    pub(super) fn new(shared: Arc<Shared>, settings: McpSettings) -> Result<Self, GatewayError> {
        Ok(Self {
            confirmations: Confirmations::new(settings.confirm_lifetime)?,
            meta: MetaNames::of(&shared.exposed),
            shared,
            settings,
        })
    }
}

/// What becomes of a tool call.
#[derive(Debug)]
pub(super) enum CallOutcome {
    /// [`Shared::call`] was called, and counted it.
    Counted(CallToolResult),
    /// A person is asked for consent first.
    Asking(InputRequiredResult),
    /// It was not made; the code says why.
    Refused(&'static str, CallToolResult),
}

impl CallOutcome {
    fn refused(code: &'static str, detail: &str, fix: &str) -> Self {
        Self::Refused(code, result::refused(code, detail, fix))
    }

    pub(super) fn not_made(error: &CallError) -> Self {
        Self::Refused(error.code(), result::not_made(error))
    }
}

/// What consent is sought for.
#[derive(Debug)]
struct Sought<'a> {
    arguments: &'a JsonObject,
    digest: &'a CallDigest,
    key: Option<&'a str>,
}

/// A tool call that is being made.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    pub(super) settings: &'a CallSettings,
    pub(super) tool: &'a Tool,
    pub(super) shape: &'a Shape,
    pub(super) caller: Caller,
    pub(super) context: &'a RequestContext<RoleServer>,
}

impl Attempt<'_> {
    pub(super) async fn make(&self, request: CallToolRequestParams) -> CallOutcome {
        let given = request.arguments.clone().unwrap_or_default();
        let served = self.tool.interface();
        let mut arguments = portable::arguments(served.input_schema(), given);
        if self.tool.operation.effect.only_reads() {
            let part = Part::take(self.shape, &mut arguments).map_err(CallError::Refused);
            let given = part.and_then(|part| Ok((part, interface::bound(served, arguments)?)));
            return match given {
                Ok((part, arguments)) => self.send(arguments, part, None).await,
                Err(error) => CallOutcome::not_made(&error),
            };
        }
        let arguments = match interface::bound(served, arguments) {
            Ok(arguments) => arguments,
            Err(error) => return CallOutcome::not_made(&error),
        };
        // As dispatch reads them: 7.0 is 7.
        let arguments = Call::new(&self.tool.operation, arguments, "").arguments;
        let name = &self.settings.meta.idempotency_key;
        let key = match self.context.meta.get(name) {
            None => None,
            Some(Value::String(key)) => Some(key.clone()),
            Some(_) => {
                let fix = "write 1 to 255 visible ASCII characters, in quotes";
                let detail = format!("the `_meta` member `{name}` is not text");
                return CallOutcome::refused(problem::KEY_INVALID.code, &detail, fix);
            }
        };
        let account = self.settings.shared.dispatch.account();
        let digest = CallDigest::new(account, self.caller, self.tool, &arguments, key.as_deref());
        let key = key.or_else(|| self.key_of_orders(&arguments, &digest));
        let venue = self.settings.shared.dispatch.venue();
        let is_asked = self.settings.settings.confirm.asks_about(self.tool);
        if !is_asked && !venue.needs_consent(&self.tool.operation) {
            return self.send(arguments, Part::default(), key).await;
        }
        let sought = Sought {
            arguments: &arguments,
            digest: &digest,
            key: key.as_deref(),
        };
        match self.consent(&request, &sought).await {
            Ok(confirmed) => {
                self.send(arguments, Part::default(), key.or(confirmed))
                    .await
            }
            Err(outcome) => *outcome,
        }
    }

    /// The key of a call whose orders all have a client order id: the same orders with the same ids are the same call.
    /// None if an order has no id, since two equal orders may then be intended.
    fn key_of_orders(&self, arguments: &JsonObject, digest: &CallDigest) -> Option<String> {
        let dispatch = &self.settings.shared.dispatch;
        let orders = dispatch.orders(&self.tool.operation, arguments);
        let all_named = !orders.is_empty() && orders.iter().all(|it| it.client_id.is_some());
        all_named.then(|| format!("named-{}", digest.hex()))
    }

    async fn send(&self, arguments: JsonObject, part: Part, key: Option<String>) -> CallOutcome {
        let CallSettings {
            shared,
            settings,
            meta,
            ..
        } = self.settings;
        let (operation, served) = (&self.tool.operation, self.tool.interface());
        let places_orders = !shared.dispatch.orders(operation, &arguments).is_empty();
        let context = ResultContext::new(operation, self.shape, part, settings.result_bytes_max)
            .placing_orders(places_orders)
            .with_meta(&meta.call);
        let mut call = Call::new(operation, arguments, "");
        call.idempotency_key = key;
        // Unless the caller gave the key, it stands for numbers that a model may count anew.
        call.while_open = self.context.meta.get(&meta.idempotency_key).is_none();
        CallOutcome::Counted(match shared.call(self.caller, call).await {
            Ok(settled) => result::settled(&context, &interface::shaped(served, settled)),
            Err(error) => {
                let error = interface::named(served, error);
                result::not_made(&self.shape.naming_arguments(error))
            }
        })
    }

    /// A person's consent: the idempotency key that goes with it, or what to do instead of the call.
    async fn consent(
        &self,
        request: &CallToolRequestParams,
        sought: &Sought<'_>,
    ) -> Result<Option<String>, Box<CallOutcome>> {
        let elicitation = Elicitation::of(self.context, self.settings.settings.sessions);
        let mut is_unasked = false;
        let can_ask = !matches!(elicitation, Elicitation::Unavailable(_));
        if can_ask && self.is_declined(sought) {
            return Err(Box::new(declined()));
        }
        if let (Elicitation::Form, Some(state)) = (elicitation, &request.request_state) {
            let responses = request.input_responses.as_ref();
            match self
                .settings
                .confirmations
                .read(sought.digest, state, responses)
            {
                Consent::Given { key } => return Ok(Some(key)),
                Consent::Declined => return Err(Box::new(declined())),
                Consent::Invalid => return Err(Box::new(invalid())),
                Consent::Unasked => is_unasked = true,
                Consent::Missing => {}
            }
        }
        if let Err(error) = self.check(sought) {
            return Err(Box::new(CallOutcome::not_made(&error)));
        }
        let (title, operation) = (&self.tool.title, &self.tool.operation);
        let summary = summary::of(&self.settings.shared, title, operation, sought.arguments);
        let instead = match elicitation {
            Elicitation::Form if is_unasked => nobody_asked(),
            Elicitation::Form => return Err(Box::new(self.ask(sought.digest, summary))),
            Elicitation::Session => match self.ask_in_session(summary.clone()).await {
                Ok(Said::Yes) if !self.is_declined(sought) => return Ok(None),
                Ok(Said::Yes | Said::No) => return Err(Box::new(declined())),
                Ok(Said::Nobody) => nobody_asked(),
                Err(outcome) => return Err(outcome),
            },
            Elicitation::Unavailable(fix) => {
                let detail = "a person has to agree to this call, and this client cannot ask one";
                CallOutcome::refused(UNAVAILABLE, detail, fix)
            }
        };
        if self.settings.settings.approval_wait.is_zero() {
            return Err(Box::new(instead));
        }
        let unasked = match elicitation {
            Elicitation::Unavailable(_) => "the client cannot ask a person",
            _ => NOBODY_ASKED,
        };
        self.approval(sought, summary, unasked).await
    }

    /// Whether a person declined this call outside the client. What the client says of the same question counts no more.
    fn is_declined(&self, sought: &Sought<'_>) -> bool {
        let approvals = &self.settings.shared.approvals;
        approvals.is_declined(&sought.digest.hex())
    }

    /// Checks the call before asking for consent.
    fn check(&self, sought: &Sought<'_>) -> Result<(), CallError> {
        let mut call = Call::new(&self.tool.operation, sought.arguments.clone(), "");
        call.idempotency_key = sought.key.map(str::to_owned);
        self.settings.shared.check(self.caller, &call)
    }

    fn ask(&self, digest: &CallDigest, summary: String) -> CallOutcome {
        match self.settings.confirmations.ask(digest, summary) {
            Ok(form) => CallOutcome::Asking(form),
            Err(error) => CallOutcome::refused(UNAVAILABLE, &error.to_string(), "call again later"),
        }
    }

    /// Sends the form over the session while the call waits.
    async fn ask_in_session(&self, summary: String) -> Result<Said, Box<CallOutcome>> {
        let lifetime = Some(self.settings.settings.confirm_lifetime);
        let form = confirm::form(summary);
        let peer = &self.context.peer;
        let asking = peer.create_elicitation_with_timeout(form, lifetime);
        let started = Instant::now();
        let asked = tokio::select! {
            asked = asking => asked,
            // Nobody can respond any more.
            () = self.settings.shared.stop.cancelled() => Err(ServiceError::TransportClosed),
        };
        match asked {
            Ok(result) => Ok(confirm::said(&result, started.elapsed())),
            // It declares forms, and has none.
            Err(ServiceError::McpError(_)) => Ok(Said::Nobody),
            Err(error) => {
                let detail = format!("the person was asked and did not respond: {error}");
                let fix = "call again when somebody is there to respond";
                Err(Box::new(CallOutcome::refused(UNAVAILABLE, &detail, fix)))
            }
        }
    }
}

fn declined() -> CallOutcome {
    let detail = "the person did not agree to this call";
    let fix = "do not call again unless the person wants it; ask what to change";
    CallOutcome::refused("CONFIRMATION_DECLINED", detail, fix)
}

fn nobody_asked() -> CallOutcome {
    let fix = "ask the person; the operator can let calls wait for approval outside this client, or change which calls need consent";
    CallOutcome::refused("CONFIRMATION_DECLINED", NOBODY_ASKED, fix)
}

fn invalid() -> CallOutcome {
    let detail = "the consent is for another call, or too old";
    let fix = "call again without `requestState`, and the person is asked again";
    CallOutcome::refused("CONFIRMATION_INVALID", detail, fix)
}

/// How a client can ask its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Elicitation {
    /// By a form in the response to the call.
    Form,
    /// By a request of the server, within a session.
    Session,
    /// Not at all; what to do about it.
    Unavailable(&'static str),
}

impl Elicitation {
    fn of(context: &RequestContext<RoleServer>, sessions: bool) -> Self {
        let capabilities = context.client_capabilities();
        let can_ask = capabilities.is_some_and(|it| has_forms(&it));
        let version = context.protocol_version();
        let is_modern = version
            .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str());
        match (is_modern, can_ask, sessions) {
            (true, true, _) => Self::Form,
            (false, true, true) => Self::Session,
            (false, _, false) => Self::Unavailable(
                "use a client of protocol 2026-07-28 that declares elicitation; the operator can turn on sessions for older clients, or change which calls need consent",
            ),
            _ => Self::Unavailable(
                "use a client that declares elicitation; the operator can change which calls need consent",
            ),
        }
    }
}

/// An elicitation capability without members means forms.
fn has_forms(capabilities: &ClientCapabilities) -> bool {
    let elicitation = capabilities.elicitation.as_ref();
    elicitation.is_some_and(|it| it.form.is_some() || it.url.is_none())
}
