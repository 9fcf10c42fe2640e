//! What `bpx serve` exposes: the embedded capabilities, and capability files joined with OpenAPI documents.

use std::path::PathBuf;

use bpx_capability::{Exposed, Warning, grouped, read};
use bpx_contract::{Api, Diagnostics, Document, apply};
use bpx_dispatch::Service;
use clap::Args;

use super::services::{self, Located};
use crate::failure::Failure;
use crate::output;

/// The APIs and the capabilities to serve.
#[derive(Debug, Args)]
#[command(next_help_heading = "Contract")]
pub(in crate::commands) struct ExposedArgs {
    /// OpenAPI document that describes operations; may be repeated [default: the order API of Backpack Exchange]
    #[arg(long, value_name = "FILE")]
    openapi: Vec<PathBuf>,
    /// OpenAPI overlay for the document that it fits; may be repeated
    #[arg(long, value_name = "FILE", requires = "openapi")]
    overlay: Vec<PathBuf>,
    /// Capability file that says what to serve; may be repeated [default: all operations of the order API]
    #[arg(long, value_name = "FILE")]
    capability: Vec<PathBuf>,
    /// Call a consumed API of a capability file elsewhere than at its base URI; may be repeated
    #[arg(long, value_name = "NAMESPACE=URL", value_parser = services::located, requires = "capability")]
    service: Vec<Located>,
    /// Serve the order API too, beside the capability files
    #[arg(long)]
    with_orders: bool,
    /// Serve balances, markets and tickers too, three operations that only read
    #[arg(long, conflicts_with_all = ["openapi", "capability", "with_orders"])]
    with_markets: bool,
}

impl ExposedArgs {
    /// The APIs that the flags name, as one.
    pub(in crate::commands) fn api(&self) -> Result<Api, Failure> {
        if self.with_markets {
            return Ok(bpx_venue::with_markets().0.clone());
        }
        let documents = self.documents()?;
        let mut apis = Vec::new();
        if self.with_orders || documents.is_empty() {
            apis.push(bpx_venue::api().clone());
        }
        for document in documents {
            apis.push(Api::from_documents_lossy(document, None)?);
        }
        let mut apis = apis.into_iter();
        let first = apis.next().unwrap_or_else(|| bpx_venue::api().clone());
        Ok(apis.fold(first, |all, api| all.merged(&api)))
    }

    /// The documents with the overlays that fit them.
    fn documents(&self) -> Result<Vec<Document>, Failure> {
        let documents = self.openapi.iter().map(|path| Document::read(path));
        let mut documents = documents.collect::<Result<Vec<_>, Diagnostics>>()?;
        for path in &self.overlay {
            let overlay = Document::read(path)?;
            let mut misfit = None;
            let mut fits = false;
            for document in &mut documents {
                match apply(document, &overlay) {
                    Ok(changed) => (*document, fits) = (changed, true),
                    Err(faults) => misfit = Some(faults),
                }
            }
            if let (false, Some(faults)) = (fits, misfit) {
                return Err(faults.into());
            }
        }
        Ok(documents)
    }

    /// The APIs, and the routes and tools of every capability. Title, description and skill are those of the first.
    pub(in crate::commands) fn load(&self) -> Result<(Api, Exposed), Failure> {
        if self.with_markets {
            return Ok(bpx_venue::with_markets().clone());
        }
        let api = self.api()?;
        let mut exposed = self.embedded(&api)?;
        let mut warnings = Vec::new();
        for file in &self.capability {
            let more = Exposed::of(&read(&Document::read(file)?)?, &api)?;
            warnings.extend(more.warnings.clone());
            match &mut exposed {
                Some(exposed) => exposed.extend(more),
                None => exposed = Some(more),
            }
        }
        remark(&warnings)?;
        let Some(exposed) = exposed else {
            return Err(Failure::bad_input(
                format!("nothing says what to serve of {}", api.document().file),
                "name a capability file with --capability",
            ));
        };
        require_distinct_tools(&exposed)?;
        services::require_one_place(&exposed)?;
        let api = api.with_operations(exposed.operations());
        Ok((api, exposed))
    }

    /// The embedded capability, where it is to be served.
    fn embedded(&self, api: &Api) -> Result<Option<Exposed>, Failure> {
        let is_own = api.document().sha256 == bpx_venue::api().document().sha256;
        let is_default = self.capability.is_empty() && is_own;
        Ok((self.with_orders || is_default).then(|| bpx_venue::exposed().clone()))
    }

    /// The consumed APIs that are not where the exchange is, or want to know who calls.
    pub(in crate::commands) fn services(
        &self,
        exposed: &Exposed,
        base_url: &str,
    ) -> Result<Vec<Service>, Failure> {
        services::of(exposed, base_url, &self.service)
    }
}

/// One line for each cause, however often it occurs.
fn remark(warnings: &[Warning]) -> Result<(), Failure> {
    for (warning, count) in grouped(warnings) {
        let further = match count {
            1 => String::new(),
            2 => " (and one more place)".to_owned(),
            count => format!(" (and {} more places)", count - 1),
        };
        let text = warning.to_string();
        let (first, rest) = text.split_once("\n   as: ").unwrap_or((&text, ""));
        output::remark(&format!("{first}{further}\n   as: {rest}"))?;
    }
    Ok(())
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
