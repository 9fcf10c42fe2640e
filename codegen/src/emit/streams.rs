//! `streams.rs`: a method for each stream that the server sends.

use bpx_contract::Names;
use bpx_contract::model::{Channel, ChannelParam, Model, Shape, Signed, StreamCall, Streams};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::Type;

use super::backend::Decided;
use super::docs::{clean_line, closed, code, doc, one_line};

/// The streams of a model whose crate has a client to connect with.
pub(super) fn of(model: &Model) -> Option<&Streams> {
    let has_client = !model.operations.is_empty();
    model.streams.as_ref().filter(|_| has_client)
}

/// A stream with the type of its messages.
pub(super) struct Typed<'a> {
    pub(super) call: StreamCall<'a>,
    pub(super) message: &'a Type,
}

/// Every stream with the type that was decided for its messages.
pub(super) fn typed<'a>(streams: &'a Streams, decided: &'a Decided) -> Vec<Typed<'a>> {
    let typed = streams.calls().into_iter().filter_map(|call| {
        let message = decided.messages.get(call.address)?;
        Some(Typed { call, message })
    });
    typed.collect()
}

/// The whole module.
pub(super) fn emit(
    model: &Model,
    streams: &Streams,
    names: &Names,
    decided: &Decided,
) -> TokenStream {
    let (subscribe, unsubscribe) = (&streams.subscribe, &streams.unsubscribe);
    let instruction = streams.instruction.as_deref().unwrap_or_default();
    let (url, title) = (&streams.url, clean_line(&model.title));
    let about = format!(" The streams of {title}, over one connection that clones share.");
    let typed = typed(streams, decided);
    let methods = typed.iter().map(|it| method(it, names));
    let is_plain = |it: &Channel| !matches!(it.message, Shape::Named(_));
    let plain = streams.channels.values().any(is_plain).then(|| {
        quote! {
            #[allow(unused_imports, reason = "not every contract uses all of these imports")]
            use bpx_runtime::{chrono::{DateTime, NaiveDate, Utc}, serde_json::Value, Ipv4Addr, Ipv6Addr, Uuid};
            #[allow(unused_imports, reason = "not every contract uses all of these imports")]
            use std::collections::BTreeMap;
        }
    });
    quote! {
        #![doc = " Streams: what the server sends, over one connection, to whoever subscribes."]
        pub use bpx_runtime::stream::{Event, Gap, StreamError, StreamOptions, Subscription, Unread};
        use bpx_runtime::stream::{Protocol, StreamName};
        #plain
        #[allow(unused_imports, reason = "not every contract uses all of these imports")]
        use crate::types;

        /// How streams are asked for.
        pub const PROTOCOL: Protocol = Protocol {
            subscribe: #subscribe,
            unsubscribe: #unsubscribe,
            instruction: #instruction,
        };

        /// Where the document says that the streams are.
        pub const SERVER_URL: &str = #url;

        #[doc = #about]
        #[derive(Debug, Clone)]
        pub struct Streams { connection: bpx_runtime::stream::Streams }

        impl Streams {
            pub(crate) fn new(connection: bpx_runtime::stream::Streams) -> Self {
                Self { connection }
            }

            /// What came so far, in numbers.
            #[must_use]
            pub fn counts(&self) -> bpx_runtime::stream::StreamCounts {
                self.connection.counts()
            }

            #(#methods)*
        }
    }
}

/// The methods of a client that connect to the streams.
pub(super) fn of_client(model: &Model) -> Option<TokenStream> {
    of(model)?;
    let server = model.server.as_deref().unwrap_or_default();
    Some(quote! {
        /// The streams of this API. Each call makes a connection of its own, once something is subscribed to; clones share it.
        #[must_use]
        pub fn stream(&self) -> crate::streams::Streams {
            self.stream_with_options(bpx_runtime::stream::StreamOptions::default())
        }

        /// As `stream`, with time-outs and limits of your own.
        #[must_use]
        pub fn stream_with_options(&self, options: bpx_runtime::stream::StreamOptions) -> crate::streams::Streams {
            use crate::streams::{PROTOCOL, SERVER_URL, Streams};
            Streams::new(self.connection.streams(PROTOCOL, SERVER_URL, #server, options))
        }
    })
}

fn method(Typed { call, message }: &Typed<'_>, names: &Names) -> TokenStream {
    let ident = format_ident!("{}", names.stream(call.address));
    let docs = doc(&method_doc(call));
    let address = address_of_params(call);
    let optional = optional(call);
    // Inside of `impl` a lifetime has to have a name.
    let borrows = optional.is_some_and(|it| !matches!(it.shape, Shape::Named(_)));
    let lifetime = borrows.then(|| quote!('a));
    let generics = lifetime.as_ref().map(|it| quote!(<#it>));
    let arguments = call.params().iter().map(|param| {
        let name = format_ident!("{}", names.stream_param(address, &param.name));
        match optional.is_some_and(|it| it.name == param.name) {
            true => {
                let ty = argument(param, names, lifetime.as_ref());
                quote!(#name: impl Into<Option<#ty>>)
            }
            false => {
                let ty = argument(param, names, None);
                quote!(#name: #ty)
            }
        }
    });
    let make = match call.channel.signed {
        Signed::Yes => quote!(StreamName::signed),
        Signed::No | Signed::Unknown => quote!(StreamName::public),
    };
    let name = match (optional, call.narrower) {
        (Some(optional), Some((longer, _))) => {
            let argument = format_ident!("{}", names.stream_param(longer, &optional.name));
            let (with, without) = (
                text(longer, address, names),
                text(call.address, address, names),
            );
            quote! {
                match #argument.into() {
                    Some(#argument) => #make(#with),
                    None => #make(#without),
                }
            }
        }
        _ => {
            let text = text(call.address, address, names);
            quote!(#make(#text))
        }
    };
    quote! {
        #docs
        pub fn #ident #generics(&self, #(#arguments),*) -> Subscription<#message> {
            self.connection.subscribe(#name)
        }
    }
}

/// The address whose parameters the call has.
fn address_of_params<'a>(call: &StreamCall<'a>) -> &'a str {
    call.narrower.map_or(call.address, |(longer, _)| longer)
}

/// The parameter that may be left out.
pub(super) fn optional<'a>(call: &StreamCall<'a>) -> Option<&'a ChannelParam> {
    call.narrower.and_then(|(_, channel)| channel.params.last())
}

/// The type of an argument.
fn argument(param: &ChannelParam, names: &Names, lifetime: Option<&TokenStream>) -> TokenStream {
    match &param.shape {
        Shape::Named(name) => {
            let ident = format_ident!("{}", names.ty(name));
            quote!(types::#ident)
        }
        _ => quote!(& #lifetime str),
    }
}

/// The type of an argument, as a reader writes it.
pub(super) fn argument_text(param: &ChannelParam, names: &Names) -> String {
    match &param.shape {
        Shape::Named(name) => names.ty(name).to_owned(),
        _ => "&str".to_owned(),
    }
}

/// The name of a stream: the address with its parameters filled in, which are called as those of another one.
fn text(address: &str, of_params: &str, names: &Names) -> TokenStream {
    let mut format = String::new();
    let mut rest = address;
    while let Some((constant, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let rust = names.stream_param(of_params, name);
        format.push_str(&format!("{constant}{{{rust}}}"));
        rest = after;
    }
    match format.is_empty() {
        true => address.to_token_stream(),
        false => {
            format.push_str(rest);
            quote!(format!(#format))
        }
    }
}

fn method_doc(call: &StreamCall<'_>) -> String {
    let Channel {
        summary,
        doc,
        signed,
        ..
    } = call.channel;
    let mut paragraphs = Vec::new();
    if !summary.is_empty() {
        paragraphs.push(format!("{}.", one_line(summary).trim_end_matches('.')));
    }
    if !doc.is_empty() {
        paragraphs.push(closed(doc));
    }
    paragraphs.push(addresses(call));
    let mut text = paragraphs.join("\n\n");
    match signed {
        Signed::Yes => text.push_str(", signed."),
        Signed::No => text.push('.'),
        Signed::Unknown => {
            text.push_str(". The contract does not say whether it has to be signed.");
        }
    }
    let described = call.params().iter().filter(|it| !it.doc.is_empty());
    let described = described.map(|it| format!("- {}: {}", code(&it.name), one_line(&it.doc)));
    let described: Vec<_> = described.collect();
    if !described.is_empty() {
        text.push_str(&format!("\n\n{}", described.join("\n")));
    }
    text
}

/// The addresses of a call.
pub(super) fn addresses(call: &StreamCall<'_>) -> String {
    match call.narrower {
        Some((longer, _)) => format!("{} or {}", code(call.address), code(longer)),
        None => code(call.address),
    }
}
