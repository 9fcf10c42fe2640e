//! Compares each call with the log of the exchange: whether it arrived, and with a valid signature.

use anyhow::Context;
use bpx_client::types::ApiError;
use bpx_client::{Error, ResponseValue};
use bpx_runtime::SignedOperation;
use bpx_sandbox::{Sandbox, Verified};

use super::report::{Call, Signatures};

/// Counts what is sent and compares it with the exchange's log.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    sandbox: &'a Sandbox,
    pub(super) signatures: Signatures,
}

/// A response or an error, and the call as the exchange logged it.
pub(super) struct Answer<T> {
    result: Result<T, Error<ApiError>>,
    call: Call,
}

impl<'a> Watch<'a> {
    pub(super) fn new(sandbox: &'a Sandbox) -> Self {
        let signatures = Signatures::default();
        Self {
            sandbox,
            signatures,
        }
    }

    /// Makes one call. `signed` is how many instructions its signature covers: one, or one per order of a batch.
    pub(super) async fn call<T>(
        &mut self,
        operation: &SignedOperation,
        signed: usize,
        send: impl Future<Output = Result<ResponseValue<T>, Error<ApiError>>>,
    ) -> anyhow::Result<Answer<T>> {
        let before = self.sandbox.verified().len();
        let (status, result) = match send.await {
            Ok(answer) => (answer.status(), Ok(answer.into_inner())),
            Err(error) => match error.status() {
                Some(status) => (status, Err(error)),
                None => return Err(error).context("the call got no answer"),
            },
        };
        let status = status.as_u16();
        let logged = self.sandbox.verified();
        let verified = match logged.get(before..) {
            Some([entry]) => is_of(entry, operation, signed, status),
            _ => false,
        };
        self.signatures.sent += 1;
        self.signatures.verified += usize::from(verified);
        let call = Call {
            id: operation.id.clone(),
            method: operation.method.clone(),
            path: operation.path.clone(),
            status,
            verified,
            detail: String::new(),
        };
        Ok(Answer { result, call })
    }
}

fn is_of(entry: &Verified, operation: &SignedOperation, signed: usize, status: u16) -> bool {
    entry.method == operation.method
        && entry.path == operation.path
        && entry.status == status
        && entry.instructions == vec![operation.instruction.clone(); signed]
}

impl<T> Answer<T> {
    /// The value; an error otherwise.
    pub(super) fn ok(self) -> anyhow::Result<(T, Call)> {
        let value = self
            .result
            .with_context(|| format!("{} was refused", self.call.id))?;
        Ok((value, self.call))
    }

    /// The error body, if the exchange refused with one.
    pub(super) fn refused(self) -> anyhow::Result<(ApiError, Call)> {
        match self.result {
            Err(Error::Api { body, .. }) => Ok((*body, self.call)),
            Err(error) => Err(error).context("the refusal cannot be read"),
            Ok(_) => anyhow::bail!("{} succeeded, a refusal was expected", self.call.id),
        }
    }

    /// The status as it was answered.
    pub(super) fn status(&self) -> u16 {
        self.call.status
    }
}

impl Call {
    /// The call with what came back, in words.
    pub(super) fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}
