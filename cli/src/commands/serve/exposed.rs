//! What `bpx serve` exposes: the embedded capability, or capability files joined with an API.

use std::path::{Path, PathBuf};

use bpx_capability::{Exposed, read};
use bpx_contract::{Api, Document};
use clap::Args;

use crate::contract::ContractArgs;
use crate::failure::Failure;
use crate::output;

/// The API and the capabilities to serve.
#[derive(Debug, Args)]
#[command(next_help_heading = "Contract")]
pub(in crate::commands) struct ExposedArgs {
    #[command(flatten)]
    contract: ContractArgs,
    /// Capability file that says what to serve; may be repeated [default: all operations of the order API]
    #[arg(long, value_name = "FILE")]
    capability: Vec<PathBuf>,
}

impl ExposedArgs {
    /// The API that the flags name.
    pub(in crate::commands) fn api(&self) -> Result<Api, Failure> {
        self.contract.api()
    }

    /// The routes and tools of every capability file. Title, description and skill are those of the first.
    pub(in crate::commands) fn exposed(&self, api: &Api) -> Result<Exposed, Failure> {
        let Some((first, further)) = self.capability.split_first() else {
            return self.embedded(api);
        };
        let mut exposed = expose(first, api)?;
        for file in further {
            let more = expose(file, api)?;
            exposed.rest.extend(more.rest);
            exposed.mcp.extend(more.mcp);
        }
        require_distinct_tools(&exposed)?;
        Ok(exposed)
    }

    fn embedded(&self, api: &Api) -> Result<Exposed, Failure> {
        if api.document().sha256 == bpx_venue::api().document().sha256 {
            return Ok(bpx_venue::exposed().clone());
        }
        Err(Failure::bad_input(
            format!("nothing says what to serve of {}", api.document().file),
            "name a capability file with --capability",
        ))
    }
}

fn expose(file: &Path, api: &Api) -> Result<Exposed, Failure> {
    let exposed = Exposed::of(&read(&Document::read(file)?)?, api)?;
    for warning in &exposed.warnings {
        output::remark(&warning.to_string())?;
    }
    Ok(exposed)
}

/// MCP finds a tool by its name.
fn require_distinct_tools(exposed: &Exposed) -> Result<(), Failure> {
    let mut names: Vec<_> = exposed.tools().map(|tool| tool.name.as_str()).collect();
    names.sort_unstable();
    let twice = names.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(one),
        _ => None,
    });
    twice.map_or(Ok(()), |name| {
        Err(Failure::bad_input(
            format!("two tools are called `{name}`"),
            "rename one of them in its capability file",
        ))
    })
}
