//! `workflows.rs`: a type for each workflow, for what it takes and for what it gives.

mod literal;
mod names;
mod secret;
mod typed;

use bpx_contract::Names;
use bpx_contract::model::{Kind, Model, StringEnum, TypeDef};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(crate) use self::typed::Workflows;
use super::docs::doc;
use super::{Fault, types};
use crate::workflows::Flows;

/// The whole module.
pub(super) fn emit(
    workflows: &Workflows<'_>,
    model: &Model,
    names: &Names,
) -> Result<TokenStream, Fault> {
    let own = own_model(workflows, model);
    let imports = types::imports();
    let strangers = strangers(workflows, &own, names);
    let mut items = TokenStream::from_iter(types::items(&own, workflows.defined(), names)?);
    for typed in workflows.all.iter().filter(|it| !it.secrets.is_empty()) {
        let ident = format_ident!("{}", names.ty(&typed.inputs));
        if let Some(Kind::Object(fields)) = own.types.get(&typed.inputs).map(|it| &it.kind) {
            items = secret::hidden(items, &ident, fields, &typed.secrets, names)?;
        }
    }
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
        #strangers

        #(#markers)*
        #items

        /// The documents, whole.
        pub const DOCUMENTS: &[bpx_runtime::WorkflowDocument] = &[#(#rows),*];
    })
}

/// The types of the workflows alone. What they take from the contract is named, not defined.
fn own_model(workflows: &Workflows<'_>, model: &Model) -> Model {
    let stub = |def: &TypeDef| TypeDef {
        kind: Kind::Enum(StringEnum {
            values: Vec::new(),
            closed: true,
        }),
        ..def.clone()
    };
    let mut types = workflows.types.clone();
    let shapes = workflows.types.values().flat_map(|def| def.kind.shapes());
    for name in shapes.filter_map(|shape| shape.named()) {
        if let (false, Some(def)) = (types.contains_key(name), model.types.get(name)) {
            types.insert(name.to_owned(), stub(def));
        }
    }
    Model {
        types,
        operations: Default::default(),
        ..model.clone()
    }
}

/// The import of what stands in `types`.
fn strangers(workflows: &Workflows<'_>, own: &Model, names: &Names) -> Option<TokenStream> {
    let strangers = own.types.keys();
    let strangers = strangers.filter(|it| !workflows.types.contains_key(*it));
    let strangers: Vec<_> = strangers
        .map(|it| format_ident!("{}", names.ty(it)))
        .collect();
    (!strangers.is_empty()).then(|| quote!(use crate::types::{#(#strangers),*};))
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
