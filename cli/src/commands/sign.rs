//! `bpx sign`: explains a signature and sends nothing.

use std::fmt::Write as _;
use std::fs;

use anstyle::{AnsiColor, Style};
use bpx_client::OPERATIONS;
use bpx_signing::{
    Clock as _, Part, SignedOperation, Signer, SigningString, SystemClock, WINDOW_MS_DEFAULT,
};
use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::key::KeyArgs;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  bpx sign GET /api/v1/order --query 'symbol=SOL_USDC&orderId=28'
  bpx sign DELETE /api/v1/order --body '{\"symbol\":\"BTC_USDT\",\"orderId\":\"28\"}' --timestamp 1614550000000
  bpx sign POST /api/v1/orders --body @orders.json --window 10000 --json

Environment:
  BACKPACK_API_SECRET  seed of the key pair, standard base64, where --api-secret-file is not given
  BACKPACK_API_KEY     public key; may be left out, and is checked against the seed when set

Exit codes: 0 done, 1 failed, 2 wrong usage or bad input.";

/// The headers of a signed request: public key, signature, time of signing and validity.
pub(crate) const SIGNATURE_HEADERS: [&str; 4] =
    ["X-API-KEY", "X-SIGNATURE", "X-TIMESTAMP", "X-WINDOW"];
/// Parts longer than this push their rule onto the next line, in characters.
const COLUMN_CHARS_MAX: usize = 44;
const HEADING: Style = Style::new().bold();
const FAINT: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::BrightBlack)));

/// Explain a signature: signing string, signature, headers; sends nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sign {
    /// HTTP method
    method: String,
    /// Path of the operation, without host and query, for example /api/v1/order
    path: String,
    /// Query as it stands in the URL, without the question mark
    #[arg(long)]
    query: Option<String>,
    /// JSON body exactly as it will be sent, or @FILE to read it from a file
    #[arg(long)]
    body: Option<String>,
    /// Time of signing in Unix milliseconds [default: now]
    #[arg(long, value_name = "MS")]
    timestamp: Option<i64>,
    /// How long the signature is valid, in milliseconds, 1 to 60000
    #[arg(long, value_name = "MS", default_value_t = WINDOW_MS_DEFAULT)]
    window: u64,
    #[command(flatten)]
    key: KeyArgs,
    /// Print one JSON object: signing_string, signature, api_key, timestamp, window
    #[arg(long)]
    json: bool,
}

/// A signature and what it was made of.
#[derive(Serialize)]
struct Signed {
    signing_string: String,
    signature: String,
    api_key: String,
    timestamp: i64,
    window: u64,
}

impl Sign {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let key = self.key.key()?;
        self.check_query()?;
        let method = self.method.to_ascii_uppercase();
        let signer = Signer::new(key.clone(), OPERATIONS);
        let operation = signer.operation(&method, &self.path).ok_or_else(|| {
            Failure::bad_input(
                format!(
                    "{method} {} is not a signed operation of the order API",
                    self.path
                ),
                "correct method or path, without the host, for example GET /api/v1/order",
            )
        })?;
        let timestamp = self.timestamp.unwrap_or_else(|| SystemClock.now_ms());
        let body = self.body.as_deref().map(body_bytes).transpose()?;
        let (query, body) = (self.query.as_deref(), body.as_deref());
        let string = SigningString::new(operation, query, body, timestamp, self.window)?;
        let signed = Signed {
            signing_string: string.as_str().to_owned(),
            signature: key.sign(&string),
            api_key: key.public_base64(),
            timestamp,
            window: self.window,
        };
        if self.json {
            return output::json(&signed);
        }
        let parts = SigningString::explain(operation, query, body, timestamp, self.window)?;
        Ok(output::text(&explanation(operation, &parts, &signed))?)
    }

    /// The query is given by its flag, and without the question mark.
    fn check_query(&self) -> Result<(), Failure> {
        if self.path.contains('?') {
            return Err(Failure::bad_input(
                "the path contains a query",
                "give the query with --query",
            ));
        }
        let query = self.query.as_deref().unwrap_or_default();
        if query.starts_with('?') {
            return Err(Failure::bad_input(
                "--query starts with a question mark",
                "leave the question mark out",
            ));
        }
        Ok(())
    }
}

fn body_bytes(body: &str) -> Result<Vec<u8>, Failure> {
    let Some(file) = body.strip_prefix('@') else {
        return Ok(body.as_bytes().to_owned());
    };
    fs::read(file).map_err(|error| {
        Failure::bad_input(
            format!("--body: cannot read {file} ({error})"),
            "give a readable file after the @",
        )
    })
}

fn explanation(operation: &SignedOperation, parts: &[Part], signed: &Signed) -> String {
    let SignedOperation {
        id, method, path, ..
    } = operation;
    let Signed {
        signing_string,
        signature,
        api_key,
        timestamp,
        window,
    } = signed;
    let parts: String = parts.iter().map(explained).collect();
    let [
        key_header,
        signature_header,
        timestamp_header,
        window_header,
    ] = SIGNATURE_HEADERS;
    format!(
        "{HEADING}Parts of {id}, {method} {path}{HEADING:#}\n{parts}\n\
         {HEADING}Signing string{HEADING:#} (the parts, joined with '&')\n  {signing_string}\n\n\
         {HEADING}Signature{HEADING:#} (Ed25519 over its UTF-8 bytes, standard base64)\n  {signature}\n\n\
         {HEADING}Headers{HEADING:#}\n  {key_header}: {api_key}\n  {signature_header}: {signature}\n  \
         {timestamp_header}: {timestamp}\n  {window_header}: {window}\n\nNothing was sent.\n"
    )
}

/// One part with its rule, and a line for each difference between clients.
fn explained(part: &Part) -> String {
    let text = if part.rule.is_signed() {
        part.text.clone()
    } else {
        format!("({} left out)", part.text)
    };
    let gap = if text.chars().count() > COLUMN_CHARS_MAX {
        format!("\n{:46}", "")
    } else {
        String::new()
    };
    let mut lines = format!(
        "  {text:COLUMN_CHARS_MAX$}{gap}  {FAINT}{}{FAINT:#}\n",
        part.rule.text()
    );
    for note in part.notes() {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{:46}  {FAINT}others differ: {note}{FAINT:#}", "");
    }
    lines
}
