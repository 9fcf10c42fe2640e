//! `bpx keygen`: a new key pair.

use bpx_signing::Key;
use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  bpx keygen
  bpx keygen --json

The API key is the public half and may be shown. The secret is the seed: whoever has it can trade.
Without --json the two lines fit into an environment file.

Exit codes: 0 done, 1 failed, 2 wrong usage.";

const WARNING: &str = "warning: the secret on stdout permits trading; keep it out of shells' histories, logs and repositories";

/// Make a key pair in the venue's encoding.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Keygen {
    /// Print one JSON object with `api_key` and `api_secret`
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Pair<'a> {
    api_key: &'a str,
    api_secret: &'a str,
}

impl Keygen {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let key = Key::generate()?;
        let (api_key, api_secret) = (key.public_base64(), key.secret_base64());
        output::remark(WARNING)?;
        if self.json {
            return output::json(&Pair {
                api_key: &api_key,
                api_secret: &api_secret,
            });
        }
        let lines = format!(
            "BACKPACK_API_KEY={api_key}\nBACKPACK_API_SECRET={}\n",
            api_secret.as_str()
        );
        Ok(output::text(&lines)?)
    }
}
