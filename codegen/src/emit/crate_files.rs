//! `Cargo.toml` and `lib.rs`.

use bpx_contract::Names;
use bpx_contract::model::{Content, Kind, Model, Operation, Shape, StringFormat, TypeDef};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs::{clean, first_paragraph};
use super::{Source, Workflows, streams};

/// Whether the generated crate belongs to this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrateKind {
    /// A member of this workspace.
    Member,
    /// A crate that stands alone.
    Alone {
        /// The path from the crate to `bpx-runtime`.
        runtime: String,
        /// The name of the crate; made of the API's title without it.
        name: Option<String>,
    },
}

/// The manifest: versions from the workspace, or literal ones for a crate that stands alone.
pub(super) fn manifest(model: &Model, workflows: &Workflows<'_>, kind: &CrateKind) -> String {
    let about = format!("Typed client of {}", model.title);
    let about = about.replace(|c: char| c.is_control() || matches!(c, '"' | '\\'), " ");
    let formats = [
        (
            "chrono04",
            [StringFormat::DateTime, StringFormat::Date].as_slice(),
        ),
        ("uuid1", &[StringFormat::Uuid]),
    ];
    let features = formats
        .iter()
        .filter(|(_, formats)| has_any(model, workflows, formats));
    let features: Vec<_> = features
        .map(|(feature, _)| format!("\"{feature}\""))
        .collect();
    let features = match features.is_empty() {
        true => String::new(),
        false => format!(", features = [{}]", features.join(", ")),
    };
    let name = crate_name(model, kind);
    let (package, runtime, source, end) = match kind {
        CrateKind::Member => (
            "version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true",
            "bpx-runtime.workspace = true".to_owned(),
            ["workspace = true", "serde.workspace = true"],
            "",
        ),
        CrateKind::Alone { runtime, .. } => (
            "version = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.89\"",
            format!(
                "bpx-runtime = {{ path = \"{}\", version = \"{RUNTIME_VERSION}\" }}",
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
        "[package]\nname = \"{name}\"\n{package}\ndescription = \"{about}\"\nreadme = \"src/README.md\"\n\n\
         # Named, so that cargo can load the crate while its sources are being written.\n\
         [lib]\npath = \"src/lib.rs\"\n\n[package.metadata.docs.rs]\nall-features = true\n\n[features]\n# `JsonSchema` of schemars 1 for every type.\n\
         schemars = [\"dep:schemars\", \"bpx-runtime/schemars\"]\n\n[dependencies]\n{runtime}\n\
         schemars = {{ {schemars}, optional = true{features} }}\n{serde}\n\n\
         [lints.rust]\nunsafe_code = \"forbid\"\nmissing_docs = \"warn\"\n{end}"
    )
}

/// The runtime has the version of this crate: they are released together.
const RUNTIME_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The name of the package: given, ours, or the words of the title.
pub(super) fn crate_name(model: &Model, kind: &CrateKind) -> String {
    match kind {
        CrateKind::Member => "bpx-client".to_owned(),
        CrateKind::Alone {
            name: Some(name), ..
        } => name.clone(),
        CrateKind::Alone { name: None, .. } => {
            let words = model.title.to_ascii_lowercase();
            let words = words.split(|c: char| !c.is_ascii_alphanumeric());
            let words: Vec<_> = words.filter(|word| !word.is_empty()).take(6).collect();
            let name = words.join("-");
            match name.starts_with(|c: char| c.is_ascii_lowercase()) {
                true => format!("{name}-client"),
                false => format!("api-{name}-client").replace("--", "-"),
            }
        }
    }
}

/// Whether some type holds a string of these formats, whose JSON Schema is another crate's affair.
fn has_any(model: &Model, workflows: &Workflows<'_>, formats: &[StringFormat]) -> bool {
    let types = model.types.values().chain(workflows.types.values());
    let mut open: Vec<_> = types.flat_map(TypeDef::shapes).collect();
    while let Some(shape) = open.pop() {
        if matches!(shape, Shape::String(format) if formats.contains(format)) {
            return true;
        }
        open.extend(shape.parts());
    }
    false
}

/// Whether some type or parameter is exact: a decimal as text.
fn has_decimals(model: &Model) -> bool {
    let params = model.operations.values().flat_map(|it| &it.params);
    let params = params.map(|param| &param.shape);
    let mut shapes = model.types.values().flat_map(TypeDef::shapes).chain(params);
    shapes.any(|shape| *shape.bottom() == Shape::String(StringFormat::Decimal))
}

pub(super) fn lib(source: &Source<'_>) -> TokenStream {
    let &Source {
        model, workflows, ..
    } = source;
    let is_signed = |operation: &Operation| operation.signing.is_some();
    let signs = model.signs();
    let clients = match signs && model.operations.values().all(is_signed) {
        true => quote!(Client),
        false => quote!({Client, PublicClient}),
    };
    let version = &model.version;
    let options = options(model);
    let workflows = (!workflows.is_empty()).then(|| {
        quote!(
            pub mod workflows;
        )
    });
    let signing = signs.then(|| {
        quote! {
            pub use bpx_runtime::{Key, Signer, SigningError};
            pub use operations::OPERATIONS;

            /// A signer for this API's operations.
            pub fn signer(key: Key) -> Signer {
                Signer::new(key, OPERATIONS)
            }
        }
    });
    let operations = signs.then(|| {
        quote!(
            pub mod operations;
        )
    });
    let builder = (!model.operations.is_empty())
        .then(|| quote!(pub mod builder; mod client; pub use client::#clients;));
    let streams = streams::of(model).is_some().then(|| {
        quote!(
            pub mod streams;
        )
    });
    let advised = is_advised_against(model).then(|| {
        quote! {
            #![allow(deprecated, reason = "the contract advises against parts of itself")]
        }
    });
    let readme = "README.md";
    quote! {
        #![doc = include_str!(#readme)]
        #advised

        #builder
        #operations
        #streams
        pub mod types;
        #workflows

        pub use bpx_runtime::{AmountOrPercent, ConnectError, Decimal, Error, Follow, Lenient, Options, Outcome, Page, ResponseValue, chrono};

        /// The version of the API's description that this crate was generated from.
        pub const API_VERSION: &str = #version;

        #signing
        #options
    }
}

fn is_advised_against(model: &Model) -> bool {
    let operations = model.operations.values();
    let types = model.types.values();
    operations
        .clone()
        .any(|it| it.deprecated || it.params.iter().any(|param| param.deprecated))
        || types.clone().any(|def| {
            let fields = match &def.kind {
                Kind::Object(fields) => fields.as_slice(),
                _ => &[],
            };
            def.deprecated || fields.iter().any(|field| field.deprecated)
        })
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

/// `src/README.md`: the page of the crate, and the front page of its documentation. It stands in `src`, which holds nothing
/// else, since the crate's own folder may have a `README.md` that somebody wrote.
pub(super) fn readme(source: &Source<'_>, kind: &CrateKind) -> String {
    let &Source { model, names, .. } = source;
    let name = crate_name(model, kind);
    let intro = first_paragraph(&model.doc);
    let intro = intro.trim_start_matches('#').trim();
    let title = model.title.trim_end_matches('.');
    let kind = match model.operations.is_empty() {
        true => "Types",
        false => "Typed client",
    };
    let contract = clean(&format!("{kind} of {title}.\n\n{intro}")).join("\n");
    let server = model.server.as_deref().unwrap_or("https://api.example.com");
    let example = example(model, names, (server, &name.replace('-', "_")));
    let text = format!(
        "# {name}\n\n{contract}\n\n{}\n\n{NOTE}\n\n{example}",
        scope(model)
    );
    format!("{}\n", text.trim_end())
}

const NOTE: &str = "Every file is machine-written; `SURFACE.md` digests what is public.";

/// What the crate does and does not, as far as it is true of this contract.
fn scope(model: &Model) -> String {
    if model.operations.is_empty() {
        return "It reads and writes values. It sends nothing.".to_owned();
    }
    let operations = || model.operations.values();
    let signs = model.signs();
    let pages = operations().any(|it| it.success.paged());
    let secures = operations().any(|it| !it.security.is_empty());
    let open = |def: &TypeDef| match &def.kind {
        Kind::Enum(listed) | Kind::IntegerEnum(listed) => !listed.closed,
        _ => false,
    };
    let parts = [
        (
            true,
            match signs {
                true => "build, sign, send and decode each documented operation",
                false => "build, send and decode each documented operation",
            },
        ),
        (
            secures,
            "show the token, password or key that an operation asks for",
        ),
        (
            model.rate_limit.is_some(),
            "wait for its turn under the rate limit",
        ),
        (
            true,
            match signs {
                true => "send a read again after a temporary failure, signed anew",
                false => "send a read again after a temporary failure",
            },
        ),
        (pages, "read moving lists row by row"),
        (
            streams::of(model).is_some(),
            "subscribe to streams, and report where updates are missing",
        ),
        (
            model.types.values().any(open),
            "keep enum values and fields it does not know",
        ),
        (has_decimals(model), "read decimals exactly"),
    ];
    let does: Vec<_> = parts
        .iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, text)| *text)
        .collect();
    wrapped(&format!(
        "It does: {}. It does not: send a state-changing request twice, or send a value that the contract does not know.",
        does.join("; ")
    ))
}

/// Lines of at most a page's width.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 115;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + word.len() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

/// A call that compiles: the first operation that only reads and needs no argument, else the first of all.
fn example(model: &Model, names: &Names, (server, package): (&str, &str)) -> String {
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
        .map(|param| format!(".{}(\"…\")", names.param(id, &param.name, param.location)))
        .collect();
    let method = names.method(id);
    let signs = model.signs();
    let public = if signs { "PublicClient" } else { "Client" };
    let client = if operation.signing.is_some() {
        format!(
            "    let signer = {package}::signer(Key::from_base64(&std::env::var(\"API_SECRET\")?)?);\n    let client = Client::new({server:?}, signer)?;\n"
        )
    } else {
        format!("    let client = {public}::new({server:?})?;\n")
    };
    let import = if operation.signing.is_some() {
        "Client, Key"
    } else {
        public
    };
    let use_body = match &operation.success.content {
        Content::Events(_) => "println!(\"{}\", response.status());",
        _ => "println!(\"{}: {response:?}\", response.status());",
    };
    format!(
        "```rust,no_run\nuse {package}::{{{import}}};\n\nasync fn example() -> Result<(), Box<dyn std::error::Error>> {{\n{client}    \
         let response = client.{method}(){set}.send().await?;\n    {use_body}\n    Ok(())\n}}\n```"
    )
}
