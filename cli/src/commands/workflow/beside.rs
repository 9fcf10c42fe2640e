//! The services that a workflow calls beside the exchange: base URLs and credentials.

use std::collections::BTreeSet;
use std::{env, fs};

use bpx_runtime::Options;
use bpx_workflow::{Library, Services};
use clap::Args;

use super::{joined, pair};
use crate::failure::Failure;
use crate::output::{self, plain};

/// Followed by the name of a security scheme in capitals.
const VARIABLE: &str = "BPX_AUTH_";

/// Services beside the exchange.
#[derive(Debug, Args)]
#[command(next_help_heading = "Services")]
pub(super) struct Beside {
    /// Base URL of a source's operations; of a source of a source, OUTER.NAME=URL. Where nothing goes to the exchange, the
    /// first server of each document is called that has none
    #[arg(long, value_name = "NAME=URL", value_parser = pair)]
    service: Vec<(String, String)>,
    /// Credential of a security scheme, or @FILE: a token, a key, or USER:PASSWORD [env: BPX_AUTH_SCHEME]
    #[arg(long, value_name = "SCHEME=VALUE", value_parser = pair)]
    auth: Vec<(String, String)>,
}

impl Beside {
    pub(super) fn services(&self, library: &Library) -> Result<Services, Failure> {
        let schemes = library.security_schemes();
        let mut services = Services::default();
        self.check_names(&library.source_names())?;
        for (source, url) in &self.service {
            services = services.with_service(Some(source), url, Options::default())?;
        }
        for scheme in &schemes {
            if let Some(value) = env::var(variable(scheme)).ok().filter(|it| !it.is_empty()) {
                services = services.with_credential(scheme, value);
            }
        }
        for (name, value) in &self.auth {
            let is_known =
                |scheme: &String| name == scheme || name.ends_with(&format!(".{scheme}"));
            if !schemes.iter().any(is_known) {
                let known: Vec<_> = schemes.iter().map(String::as_str).collect();
                let fix = match known.is_empty() {
                    true => "no document has one; leave --auth out".to_owned(),
                    false => format!("use one of {}", known.join(", ")),
                };
                let problem = format!("--auth {name}: there is no such security scheme");
                return Err(Failure::bad_input(problem, fix));
            }
            services = services.with_credential(name, text_of(&format!("--auth {name}"), value)?);
        }
        Ok(services)
    }

    /// A name that no source has is a slip if a source is left without a service: its requests would go elsewhere.
    fn check_names(&self, sources: &BTreeSet<String>) -> Result<(), Failure> {
        let is_given = |source: &String| self.service.iter().any(|(name, _)| name == source);
        // Only names of sources of sources have a dot.
        let mut own = sources.iter().filter(|it| !it.contains('.'));
        let is_left = own.any(|it| !is_given(it));
        for (name, _) in self
            .service
            .iter()
            .filter(|(name, _)| !sources.contains(name))
        {
            let problem = format!("--service {name}: there is no such source");
            let known: Vec<_> = sources.iter().map(String::as_str).collect();
            let fix = format!("use one of {}", known.join(", "));
            if is_left {
                return Err(Failure::bad_input(problem, fix));
            }
            output::remark(&format!("note: {}; {fix}", plain(&problem)))?;
        }
        Ok(())
    }

    /// The flags that name the same services again, with a place for each credential.
    pub(super) fn flags(&self) -> impl Iterator<Item = (&'static str, String)> {
        let services = self.service.iter().map(|pair| ("--service", joined(pair)));
        let auth = self.auth.iter();
        services.chain(auth.map(|(scheme, _)| ("--auth", format!("{scheme}=VALUE"))))
    }
}

/// The environment variable of a security scheme.
fn variable(scheme: &str) -> String {
    let letters = scheme.chars().map(|it| match it.is_ascii_alphanumeric() {
        true => it.to_ascii_uppercase(),
        false => '_',
    });
    letters.fold(VARIABLE.to_owned(), |mut name, it| {
        name.push(it);
        name
    })
}

/// A text as it was given, or that of the file behind an `@`.
pub(super) fn text_of(flag: &str, given: &str) -> Result<String, Failure> {
    let text = match given.strip_prefix('@') {
        Some(file) => fs::read_to_string(file).map_err(|error| {
            Failure::bad_input(
                format!("{flag}: cannot read {file} ({error})"),
                "give a readable file after the @",
            )
        })?,
        None => given.to_owned(),
    };
    Ok(text.trim_end_matches('\n').to_owned())
}
