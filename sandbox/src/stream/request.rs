//! What clients send: reading it, believing it, refusing it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use crate::account::AccountId;
use crate::auth::Credentials;
use crate::canonical::Signable;
use crate::exchange::Exchange;
use crate::stream::topic::Key;
use crate::verified::Verified;

/// The one code and text that are known from the venue.
const INVALID_STREAM: (u16, &str) = (4006, "Invalid stream");
// The venue's codes for these are not known.
const UNREADABLE: u16 = 4000;
const UNKNOWN_METHOD: u16 = 4001;
const NOT_BELIEVED: u16 = 4002;
const TOO_MANY: u16 = 4003;

/// How many streams a connection may listen to, and a message may name.
pub(crate) const STREAMS_MAX: usize = 1_000;

const INSTRUCTION: &str = "subscribe";
/// How much of a wrong method is repeated.
const METHOD_CHARS_MAX: usize = 40;

/// A message that is answered with no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    code: u16,
    message: String,
}

impl Refused {
    fn new(code: u16, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    pub(crate) fn unreadable(problem: impl std::fmt::Display) -> Self {
        Self::new(UNREADABLE, format!("Invalid message: {problem}"))
    }

    pub(crate) fn too_many() -> Self {
        let message = format!("Too many streams: at most {STREAMS_MAX} on a connection");
        Self::new(TOO_MANY, message)
    }

    pub(crate) fn text(&self) -> String {
        json!({ "id": null, "error": { "code": self.code, "message": self.message } }).to_string()
    }
}

/// What a client wants, and where it may be private, whose it is.
#[derive(Debug)]
pub(crate) enum Request {
    /// The streams and their names, each once.
    Subscribe(Vec<(Key, String)>),
    Unsubscribe(Vec<Key>),
}

/// Members that are not known are left alone.
#[derive(Deserialize)]
struct Message {
    method: String,
    params: Vec<String>,
    signature: Option<[String; 4]>,
}

impl Request {
    /// Reads a message and verifies its signature. It is taken whole or not at all.
    pub(crate) fn read(
        text: &str,
        exchange: &Exchange,
        now: DateTime<Utc>,
    ) -> Result<Self, Refused> {
        let message: Message = serde_json::from_str(text).map_err(Refused::unreadable)?;
        if message.params.len() > STREAMS_MAX {
            return Err(Refused::too_many());
        }
        let is_subscribe = match message.method.as_str() {
            "SUBSCRIBE" => true,
            "UNSUBSCRIBE" => false,
            other => {
                let other: String = other.chars().take(METHOD_CHARS_MAX).collect();
                let problem = format!("Unknown method `{other}`: use SUBSCRIBE or UNSUBSCRIBE");
                return Err(Refused::new(UNKNOWN_METHOD, problem));
            }
        };
        let invalid = || Refused::new(INVALID_STREAM.0, INVALID_STREAM.1);
        let key = |name: String| {
            let key = Key::named(&name, &exchange.markets).ok_or_else(invalid)?;
            Ok((key, name))
        };
        let mut streams: Vec<_> = message
            .params
            .into_iter()
            .map(key)
            .collect::<Result<_, Refused>>()?;
        let signature = message.signature.as_ref();
        let account = signature
            .map(|signature| signer(&message.method, signature, exchange, now))
            .transpose()?;
        if !is_subscribe {
            let keys = streams.into_iter().map(|(key, _)| key);
            return Ok(Self::Unsubscribe(keys.collect()));
        }
        for (key, _) in &mut streams {
            if key.topic.is_private() {
                let missing = || Refused::new(NOT_BELIEVED, "Missing signature");
                key.account = Some(account.ok_or_else(missing)?);
            }
        }
        Ok(Self::Subscribe(streams))
    }
}

/// Whose key has signed.
fn signer(
    method: &str,
    signature: &[String; 4],
    exchange: &Exchange,
    now: DateTime<Utc>,
) -> Result<AccountId, Refused> {
    let now_ms = now.timestamp_millis();
    let credentials = Credentials::of_message(signature);
    let believed = credentials
        .check(&exchange.accounts, &exchange.venue, now_ms)
        .and_then(|account| {
            let nothing = Signable::Query(&[]);
            let (timestamp, window) = (credentials.timestamp, credentials.window);
            let text = nothing.signing_string(INSTRUCTION, timestamp, window);
            let key = account.verifying_key();
            let verified = credentials.verify(&key, &exchange.venue, &text)?;
            exchange.replays.check(verified, now_ms)?;
            Ok(account.id)
        });
    let account = believed.map_err(|refusal| Refused::new(NOT_BELIEVED, refusal.to_string()))?;
    let entry = Verified {
        method: method.to_owned(),
        path: "/".to_owned(),
        instructions: vec![INSTRUCTION.to_owned()],
        status: 101,
    };
    exchange.log.record(exchange.log.arrive(), entry);
    Ok(account)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::config::{AccountConfig, SandboxConfig};

    /// Made with another library: the published test key of RFC 8032 over
    /// `instruction=subscribe&timestamp=1750793021519&window=5000`.
    const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
    const API_KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    const SIGNATURE: &str =
        "leFLQxU4JdSY/G/UcO65cT7ePa0er0gXZPG0gyldm0Fnoh2GlWT4M/gJAtajovJnBHlhgRvhGskcnix4/E+QCw==";
    const TIMESTAMP_MS: i64 = 1_750_793_021_519;

    fn read(late_ms: i64, window: &str) -> Result<Request, Refused> {
        let account = AccountConfig {
            api_secret: Some(SEED.to_owned()),
            ..AccountConfig::default()
        };
        let config = SandboxConfig {
            accounts: vec![account],
            ..SandboxConfig::bare()
        };
        let exchange = Exchange::open(&config).unwrap();
        let message = json!({
            "method": "SUBSCRIBE",
            "params": ["account.orderUpdate", "depth.SOL_USDC"],
            "signature": [API_KEY, SIGNATURE, TIMESTAMP_MS.to_string(), window],
        });
        let signed_at = DateTime::from_timestamp_millis(TIMESTAMP_MS).unwrap();
        let now = signed_at + TimeDelta::milliseconds(late_ms);
        Request::read(&message.to_string(), &exchange, now)
    }

    #[test]
    fn a_signature_of_another_library_is_believed_within_its_window() {
        for late_ms in [-5_000, 0, 5_000] {
            let Ok(Request::Subscribe(streams)) = read(late_ms, "5000") else {
                panic!("not believed {late_ms} ms late");
            };
            let accounts: Vec<_> = streams.iter().map(|(key, _)| key.account).collect();
            assert_eq!(accounts, [Some(AccountId(1)), None]);
        }
        for late_ms in [-5_001, 5_001] {
            let refused = read(late_ms, "5000").unwrap_err();
            assert_eq!(refused, Refused::new(NOT_BELIEVED, "Request has expired"));
        }
        let refused = read(0, "5001").unwrap_err();
        assert_eq!(refused, Refused::new(NOT_BELIEVED, "Invalid signature"));
    }
}
