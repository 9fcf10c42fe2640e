//! `workflows.rs`: a type for each workflow, for what it takes and for what it gives.

mod literal;
mod names;
mod typed;

use std::collections::BTreeSet;

use bpx_contract::Names;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(crate) use self::typed::Workflows;
use super::backend::Decided;
use super::docs::doc;
use super::{Fault, types};
use crate::workflows::Flows;

/// The whole module.
pub(super) fn emit(
    workflows: &Workflows<'_>,
    names: &Names,
    decided: &Decided,
) -> Result<TokenStream, Fault> {
    let imports = types::imports();
    let imported = imported(workflows, names);
    let secrets = |component: &str| {
        let mut all = workflows.all.iter();
        let typed = all.find(|it| it.inputs == component && !it.secrets.is_empty());
        typed.map(|it| &it.secrets)
    };
    let items = types::items(workflows.defined(), names, decided, &secrets)?;
    let mut rows = Vec::new();
    for Flows {
        file,
        text,
        checked,
        ..
    } in workflows.documents
    {
        let (sha256, text) = (&checked.sha256, literal::lines(text)?);
        rows.push(
            quote!(bpx_runtime::WorkflowDocument { file: #file, sha256: #sha256, text: #text }),
        );
    }
    let markers = workflows.all.iter().map(|it| marker(it, names));
    Ok(quote! {
        #![doc = " Workflows over these operations, each with what it takes and what it gives; `bpx-workflow` runs them."]
        #imports
        #imported

        #(#markers)*
        #(#items)*

        /// The documents, whole.
        pub const DOCUMENTS: &[bpx_runtime::WorkflowDocument] = &[#(#rows),*];
    })
}

/// The import of what stands in `types`.
fn imported(workflows: &Workflows<'_>, names: &Names) -> Option<TokenStream> {
    let shapes = workflows.types.values().flat_map(|def| def.kind.shapes());
    let used: BTreeSet<_> = shapes.filter_map(|shape| shape.named()).collect();
    let used = used
        .into_iter()
        .filter(|it| !workflows.types.contains_key(*it));
    let used: Vec<_> = used.map(|it| format_ident!("{}", names.ty(it))).collect();
    (!used.is_empty()).then(|| quote!(use crate::types::{#(#used),*};))
}

fn marker(typed: &typed::Typed, names: &Names) -> TokenStream {
    let ident = |component: &str| format_ident!("{}", names.ty(component));
    let (marker, inputs) = (ident(&typed.marker), ident(&typed.inputs));
    let outputs = ident(&typed.outputs);
    let (docs, id) = (doc(&typed.doc), &typed.id);
    let document = proc_macro2::Literal::usize_unsuffixed(typed.document);
    quote! {
        #docs
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct #marker;
        impl bpx_runtime::Workflow for #marker {
            type Inputs = #inputs;
            type Outputs = #outputs;
            const ID: &'static str = #id;
            const DOCUMENT: &'static bpx_runtime::WorkflowDocument = &DOCUMENTS[#document];
        }
    }
}
