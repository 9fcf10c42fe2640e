//! `Cargo.toml` and `lib.rs`.

use bpx_contract::Names;
use bpx_contract::model::{Model, Operation, Shape, StringFormat};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs::{first_paragraph, module_doc, own_module_doc};
use super::{Source, Workflows};

/// Whether the generated crate belongs to this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrateKind {
    /// A member of this workspace.
    Member,
    /// A crate that stands alone.
    Alone {
        /// The path from the crate to `bpx-runtime`.
        runtime: String,
    },
}

/// The manifest: versions from the workspace, or literal ones for a crate that stands alone.
pub(super) fn manifest(model: &Model, workflows: &Workflows<'_>, kind: &CrateKind) -> String {
    let about = format!("Typed client of {}", model.title);
    let about = about.replace(|c: char| c.is_control() || matches!(c, '"' | '\\'), " ");
    let chrono = if has_times(model, workflows) {
        ", features = [\"chrono04\"]"
    } else {
        ""
    };
    let (package, runtime, source, end) = match kind {
        CrateKind::Member => (
            "version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true",
            "bpx-runtime.workspace = true".to_owned(),
            ["workspace = true", "serde.workspace = true"],
            "",
        ),
        CrateKind::Alone { runtime } => (
            "version = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.88\"\npublish = false",
            format!(
                "bpx-runtime = {{ path = \"{}\" }}",
                runtime.replace('\\', "/").replace('"', "\\\"")
            ),
            [
                "version = \"1.2.3\"",
                "serde = { version = \"1.0.229\", features = [\"derive\"] }",
            ],
            "\n# This crate belongs to no workspace around it.\n[workspace]\n",
        ),
    };
    let [schemars, serde] = source;
    format!(
        "[package]\nname = \"bpx-client\"\n{package}\ndescription = \"{about}\"\nreadme = \"SURFACE.md\"\n\n\
         # Named, so that cargo can load the crate while its sources are being written.\n\
         [lib]\npath = \"src/lib.rs\"\n\n[features]\n# `JsonSchema` of schemars 1 for every type.\n\
         schemars = [\"dep:schemars\", \"bpx-runtime/schemars\"]\n\n[dependencies]\n{runtime}\n\
         schemars = {{ {schemars}, optional = true{chrono} }}\n{serde}\n\n\
         [lints.rust]\nunsafe_code = \"forbid\"\nmissing_docs = \"warn\"\n{end}"
    )
}

/// Whether some type holds a date-time with offset, whose JSON Schema is chrono's affair.
fn has_times(model: &Model, workflows: &Workflows<'_>) -> bool {
    let types = model.types.values().chain(workflows.types.values());
    let shapes = types.flat_map(|def| def.kind.shapes());
    shapes
        .into_iter()
        .any(|shape| matches!(shape.bottom(), Shape::String(StringFormat::DateTime)))
}

pub(super) fn lib(source: &Source<'_>) -> TokenStream {
    let &Source {
        model,
        names,
        workflows,
        ..
    } = source;
    let docs = crate_doc(model, names);
    let public = model
        .operations
        .values()
        .any(|operation| operation.signing.is_none());
    let clients = if public {
        quote!({Client, PublicClient})
    } else {
        quote!(Client)
    };
    let version = &model.version;
    let options = options(model);
    let workflows = (!workflows.is_empty()).then(|| {
        quote!(
            pub mod workflows;
        )
    });
    quote! {
        #docs

        pub mod builder;
        mod client;
        pub mod operations;
        pub mod types;
        #workflows

        pub use bpx_runtime::{ConnectError, Decimal, Error, Key, Options, Outcome, Page, ResponseValue, Signer, SigningError, chrono};
        pub use client::#clients;
        pub use operations::OPERATIONS;

        /// The version of the API's description that this crate was generated from.
        pub const API_VERSION: &str = #version;

        /// A signer for this API's operations.
        pub fn signer(key: Key) -> Signer {
            Signer::new(key, OPERATIONS)
        }

        #options
    }
}

/// What [`Options`] are by default for this API.
fn options(model: &Model) -> TokenStream {
    let (limit, text) = match &model.rate_limit {
        Some(limit) => {
            let requests = Literal::u32_unsuffixed(limit.requests);
            let window = Literal::u64_unsuffixed(limit.window_ms);
            let limit =
                quote!(.with_rate_limit(RateLimit::new(#requests, Duration::from_millis(#window))));
            let text =
                format!("with the documented rate limit: {requests} requests in {window} ms");
            (Some(limit), text)
        }
        None => (None, "which documents no rate limit".to_owned()),
    };
    let docs = format!(" The default options of a client of this API, {text}.");
    let imports = limit.is_some().then(|| {
        quote!(
            use std::time::Duration;
            use bpx_runtime::RateLimit;
        )
    });
    quote! {
        #[doc = #docs]
        pub fn options() -> Options {
            #imports
            Options::default() #limit
        }
    }
}

fn crate_doc(model: &Model, names: &Names) -> TokenStream {
    let intro = first_paragraph(&model.doc);
    let intro = intro.trim_start_matches('#').trim();
    let contract = module_doc(&format!("Typed client of {}.\n\n{intro}", model.title));
    let server = model.server.as_deref().unwrap_or("https://api.example.com");
    let ours = own_module_doc(&format!("{SCOPE}{}", example(model, names, server)));
    quote! { #contract #ours }
}

const SCOPE: &str = "
It does: build, sign, send and decode each documented operation; wait for its turn under the rate limit; send a read
that failed in passing again, signed anew; read moving lists row by row; keep enum values and fields it does not know;
read decimals exactly. It does not: send a state-changing request twice, choose a client id, or send a value that the
contract does not know.

Every file is machine-written; `SURFACE.md` digests what is public.

";

/// A call that compiles: the first operation that only reads and needs no argument, else the first of all.
fn example(model: &Model, names: &Names, server: &str) -> String {
    let needs = |operation: &Operation| {
        operation
            .params
            .iter()
            .filter(|param| param.required)
            .count()
    };
    let mut candidates: Vec<_> = model
        .operations
        .iter()
        .filter(|(_, it)| it.body.is_none())
        .collect();
    candidates.sort_by_key(|(id, it)| {
        (
            it.signing.is_none(),
            !it.method.is_safe(),
            needs(it),
            (*id).clone(),
        )
    });
    let Some((id, operation)) = candidates.first() else {
        return String::new();
    };
    let required = operation
        .params
        .iter()
        .filter(|param| param.required && param.shape == Shape::String(StringFormat::Plain));
    let set: String = required
        .map(|param| format!(".{}(\"…\")", names.param(&param.name, param.location)))
        .collect();
    let method = names.method(id);
    let client = if operation.signing.is_some() {
        format!(
            "let signer = bpx_client::signer(Key::from_base64(&std::env::var(\"API_SECRET\")?)?);\nlet client = Client::new({server:?}, signer)?;"
        )
    } else {
        format!("let client = PublicClient::new({server:?})?;")
    };
    let import = if operation.signing.is_some() {
        "Client, Key"
    } else {
        "PublicClient"
    };
    format!(
        "```rust,no_run\nuse bpx_client::{{{import}}};\n\n# async fn example() -> Result<(), Box<dyn std::error::Error>> {{\n{client}\n\
         let answer = client.{method}(){set}.send().await?;\nprintln!(\"{{}}: {{answer:?}}\", answer.status());\n# Ok(())\n# }}\n```"
    )
}
