//! A person's consent, bound to one call.
//!
//! A client of 2026-07-28 gets a form and a state, and sends the state back with the person's response. The state is
//! sealed with a key of this process, for a short time, over caller, tool, arguments and idempotency key. So it is valid
//! for no other call, and for none after a restart. It can be used twice, but the call that it allows has one idempotency
//! key: the second time the journal gives the outcome and nothing is sent.

use std::time::Duration;

use bpx_capability::exposed::Tool;
use rmcp::model::{
    BooleanSchema, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationSchema, InputRequest, InputRequests, InputRequiredResult, InputResponses,
    JsonObject, PrimitiveSchemaDefinition, RequestStateCodec, SealOptions,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::caller::Caller;
use crate::error::GatewayError;

/// The name of the form, and of its only field.
const CONFIRM: &str = "confirm";
const KEY_BYTES: usize = RequestStateCodec::MIN_KEY_LENGTH;
const NONCE_BYTES: usize = 16;

/// The digest of a call: caller, tool, arguments and idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CallDigest([u8; 32]);

impl CallDigest {
    pub(super) fn new(
        caller: Caller,
        tool: &Tool,
        arguments: &JsonObject,
        key: Option<&str>,
    ) -> Self {
        let mut call = json!([caller.name(), tool.name, arguments, key]);
        call.sort_all_objects();
        Self(Sha256::digest(call.to_string()).into())
    }

    /// The digest in hexadecimal.
    pub(super) fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

/// What a client sent back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Consent {
    /// The person agreed; the call's idempotency key, unless it has one.
    Given { key: String },
    /// The person said no.
    Declined,
    /// There is a state, but no response to its form.
    Missing,
    /// The state is for another call, too old, from before a restart, or made up. Callers are not told which.
    Invalid,
}

/// Seals and opens states.
#[derive(Debug)]
pub(super) struct Confirmations {
    codec: RequestStateCodec,
    lifetime: Duration,
}

impl Confirmations {
    pub(super) fn new(lifetime: Duration) -> Result<Self, GatewayError> {
        let codec =
            RequestStateCodec::try_new(random::<KEY_BYTES>()?).map_err(|_| GatewayError::Random)?;
        Ok(Self { codec, lifetime })
    }

    /// The form and the state for the client.
    pub(super) fn ask(
        &self,
        digest: &CallDigest,
        summary: String,
    ) -> Result<InputRequiredResult, GatewayError> {
        let nonce = random::<NONCE_BYTES>()?;
        let options = SealOptions::new()
            .associated_data(&digest.0)
            .ttl(self.lifetime);
        let state = self.codec.seal_with(&nonce, &options);
        let form = InputRequest::Elicitation(ElicitRequest::new(form(summary)));
        let requests = InputRequests::from([(CONFIRM.to_owned(), form)]);
        Ok(InputRequiredResult::new(Some(requests), Some(state)))
    }

    /// The person's response.
    pub(super) fn read(
        &self,
        digest: &CallDigest,
        state: &str,
        responses: Option<&InputResponses>,
    ) -> Consent {
        let Ok(nonce) = self.codec.open_with(state, &digest.0) else {
            return Consent::Invalid;
        };
        let Some(response) = responses.and_then(|responses| responses.get(CONFIRM)) else {
            return Consent::Missing;
        };
        let result = serde_json::from_value::<ElicitResult>(response.clone());
        match result.is_ok_and(|result| agrees(&result)) {
            true => Consent::Given {
                key: format!("confirmed-{}", hex::encode(nonce)),
            },
            false => Consent::Declined,
        }
    }
}

/// The form: the call in words, and a box that is not ticked.
pub(super) fn form(summary: String) -> ElicitRequestParams {
    let confirm = BooleanSchema::new()
        .title("Do this")
        .description("Tick to let the call above be made exactly as shown.")
        .with_default(false);
    let requested_schema = ElicitationSchema::new(
        [(
            CONFIRM.to_owned(),
            PrimitiveSchemaDefinition::Boolean(confirm),
        )]
        .into(),
    )
    .with_required(vec![CONFIRM.to_owned()]);
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: summary,
        requested_schema,
    }
}

/// Whether the person accepted the form with its box ticked.
pub(super) fn agrees(result: &ElicitResult) -> bool {
    let ticked = result
        .content
        .as_ref()
        .and_then(|content| content.get(CONFIRM));
    matches!(result.action, ElicitationAction::Accept) && ticked == Some(&Value::Bool(true))
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], GatewayError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|_| GatewayError::Random)?;
    Ok(bytes)
}
