//! A person's consent, bound to one call.
//!
//! A client of 2026-07-28 gets a form and a state, and sends the state back with the person's response. The state is
//! sealed with a key of this process, for a short time, over account, caller, tool, arguments and idempotency key. So it is
//! valid for no other call, and for none after a restart. It can be used twice, but the call that it allows has one idempotency
//! key: the second time the journal gives the outcome and nothing is sent.

use std::time::{Duration, SystemTime};

use bpx_capability::exposed::Tool;
use bpx_dispatch::canonical;
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
/// Nobody reads a form and says no to it in less.
const READING_MIN: Duration = Duration::from_millis(300);

/// The digest of a call: account, caller, tool, arguments and idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CallDigest([u8; 32]);

impl CallDigest {
    pub(super) fn new(
        account: &str,
        caller: Caller,
        tool: &Tool,
        arguments: &JsonObject,
        key: Option<&str>,
    ) -> Self {
        let arguments = canonical(&tool.operation, arguments);
        let call = json!([account, caller.name(), tool.name, arguments, key]);
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
    /// As far as is known no person was asked.
    Unasked,
    /// There is a state, but no response to its form.
    Missing,
    /// The state is for another call, too old, from before a restart, or made up. Callers do not learn which.
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
        let sealed = [nonce.as_slice(), &now_ms().to_be_bytes()].concat();
        let state = self.codec.seal_with(&sealed, &options);
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
        let opened = self.codec.open_with(state, &digest.0).ok();
        let Some((nonce, asked_ms)) = opened.as_deref().and_then(<[u8]>::split_first_chunk) else {
            return Consent::Invalid;
        };
        let nonce: &[u8; NONCE_BYTES] = nonce;
        let Some(response) = responses.and_then(|responses| responses.get(CONFIRM)) else {
            return Consent::Missing;
        };
        let result = serde_json::from_value::<ElicitResult>(response.clone());
        let asked_ms = asked_ms.try_into().map_or(0, u64::from_be_bytes);
        let took = Duration::from_millis(now_ms().saturating_sub(asked_ms));
        match result.map_or_else(|_| said_no(took), |result| said(&result, took)) {
            Said::Yes => Consent::Given {
                key: format!("confirmed-{}", hex::encode(nonce)),
            },
            Said::No => Consent::Declined,
            Said::Nobody => Consent::Unasked,
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

/// What a response to the form means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// The person agrees.
    Yes,
    /// The person does not.
    No,
    /// As far as is known no person was asked: the response came too fast, or nobody chose anything.
    Nobody,
}

/// What a response that came after this time means.
pub(super) fn said(result: &ElicitResult, took: Duration) -> Said {
    let ticked = result
        .content
        .as_ref()
        .and_then(|content| content.get(CONFIRM));
    match result.action {
        ElicitationAction::Accept if ticked == Some(&Value::Bool(true)) => Said::Yes,
        ElicitationAction::Cancel => Said::Nobody,
        _ => said_no(took),
    }
}

fn said_no(took: Duration) -> Said {
    match took < READING_MIN {
        true => Said::Nobody,
        false => Said::No,
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], GatewayError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|_| GatewayError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_faster_than_a_person_reads_or_chooses_nothing_has_asked_nobody() {
        let (fast, slow) = (READING_MIN - Duration::from_millis(1), READING_MIN);
        let result =
            |action, ticked: bool| ElicitResult::new(action).with_content(json!({CONFIRM: ticked}));
        let accept = result(ElicitationAction::Accept, true);
        assert_eq!(said(&accept, slow), Said::Yes);
        let unticked = result(ElicitationAction::Accept, false);
        let decline = ElicitResult::new(ElicitationAction::Decline);
        for no in [&unticked, &decline] {
            assert_eq!((said(no, fast), said(no, slow)), (Said::Nobody, Said::No));
        }
        let cancel = result(ElicitationAction::Cancel, true);
        assert_eq!(said(&cancel, slow), Said::Nobody);
    }
}
