//! `table.rs`: every operation as a row of data.

use std::collections::BTreeMap;

use bpx_contract::Names;
use bpx_contract::model::{Content, Kind, Model, Operation, Shape, StringFormat};
use heck::ToShoutySnakeCase as _;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::arguments::{Argument, Arguments, Body, Fields};
use super::docs::code;
use super::prose::flowed;

pub(super) fn emit(model: &Model, names: &Names) -> TokenStream {
    let table = Table {
        model,
        names,
        lists: lists(model, names),
    };
    let rows = model.operations.iter().map(|(id, it)| table.row(id, it));
    let all = model
        .operations
        .keys()
        .map(|id| format_ident!("{}", names.constant(id)));
    let lists = table.lists();
    quote! {
        #![doc = " Every operation as data, for callers that choose one at run time."]
        use bpx_runtime::table::Operation;
        #[allow(unused_imports, reason = "which of these a contract needs is its own affair")]
        use bpx_runtime::{WireEnum, table::{Argument, Body, Effect, Kind, Location}};
        #[allow(unused_imports, reason = "a contract may sign nothing, and may have no enumeration")]
        use crate::{operations, schemas, types};

        #(#rows)*

        /// Every operation, sorted by its id.
        pub const TABLE: &[Operation] = &[#(#all),*];

        /// The operation of this name in the contract.
        pub fn find(id: &str) -> Option<&'static Operation> {
            TABLE.iter().find(|row| row.id == id)
        }

        #lists
    }
}

/// A name for the list of fields of each object that some body is made of.
fn lists(model: &Model, names: &Names) -> BTreeMap<String, Ident> {
    let mut lists = BTreeMap::new();
    for operation in model.operations.values() {
        if let Body::Object(object) | Body::Array(_, object) = Arguments::of(operation, model).body
        {
            let mut name = names.ty(object.name).to_shouty_snake_case();
            let taken = |name: &str, lists: &BTreeMap<String, Ident>| {
                let mut others = lists.iter();
                others.any(|(component, ident)| component != object.name && ident == name)
            };
            while taken(&name, &lists) {
                name.push('_');
            }
            lists.insert(object.name.to_owned(), format_ident!("{name}"));
        }
    }
    lists
}

struct Table<'a> {
    model: &'a Model,
    names: &'a Names,
    lists: BTreeMap<String, Ident>,
}

impl Table<'_> {
    fn row(&self, id: &str, operation: &Operation) -> TokenStream {
        let ident = format_ident!("{}", self.names.constant(id));
        let (input, output) = (
            format_ident!("{ident}_INPUT"),
            format_ident!("{ident}_OUTPUT"),
        );
        let (method, path) = (operation.method.as_str(), &operation.path);
        let (summary, text) = (flowed(&operation.summary), flowed(&operation.doc));
        let arguments = Arguments::of(operation, self.model);
        let params = arguments.params.iter().map(|param| self.argument(param));
        let body = self.body(&arguments.body);
        let success = &operation.success;
        let statuses = numbers(success.statuses.iter().map(|(status, _)| status));
        let failures = operation.errors.iter().filter(|failure| failure.body);
        let errors = numbers(failures.map(|failure| &failure.status));
        let (accepted, absent) = (success.accepted, success.absent);
        let paged = success.paged && matches!(success.content, Content::Json(_));
        let effect = format_ident!(
            "{}",
            if operation.method.is_safe() {
                "Reads"
            } else {
                "Changes"
            }
        );
        let signed = match &operation.signing {
            Some(_) => quote!(Some(&operations::#ident)),
            None => quote!(None),
        };
        let docs = format!(" {}.", code(&format!("{method} {path}")));
        quote! {
            #[doc = #docs]
            pub const #ident: Operation = Operation {
                id: #id,
                method: #method,
                path: #path,
                summary: #summary,
                doc: #text,
                params: &[#(#params),*],
                body: #body,
                success: #statuses,
                accepted: #accepted,
                paged: #paged,
                absent: #absent,
                errors: #errors,
                effect: Effect::#effect,
                signed: #signed,
                input_schema: schemas::#input,
                output_schema: schemas::#output,
            };
        }
    }

    fn body(&self, body: &Body<'_>) -> TokenStream {
        let fields = |object: &Fields<'_>| {
            let list = self.lists.get(object.name);
            let name = self.names.ty(object.name);
            quote!(fields: fields::#list, type_name: #name)
        };
        match body {
            Body::None => quote!(Body::None),
            Body::Object(object) => {
                let fields = fields(object);
                quote!(Body::Object { #fields })
            }
            Body::Array(argument, object) => {
                let (argument, fields) = (self.argument(argument), fields(object));
                quote!(Body::Array { argument: &#argument, #fields })
            }
            Body::Value(argument) => {
                let argument = self.argument(argument);
                quote!(Body::Value { argument: &#argument })
            }
        }
    }

    /// The fields of the objects that bodies are made of, each list once.
    fn lists(&self) -> Option<TokenStream> {
        let mut lists = BTreeMap::new();
        for operation in self.model.operations.values() {
            if let Body::Object(object) | Body::Array(_, object) =
                Arguments::of(operation, self.model).body
                && let Some(ident) = self.lists.get(object.name)
            {
                let fields = object.fields.iter().map(|field| self.argument(field));
                let docs = format!(" Of `{}`.", self.names.ty(object.name));
                let list = quote! {
                    #[doc = #docs]
                    pub(super) const #ident: &[Argument] = &[#(#fields),*];
                };
                lists.insert(object.name, list);
            }
        }
        let lists: Vec<_> = lists.into_values().collect();
        (!lists.is_empty()).then(|| {
            quote! {
                /// What bodies are made of.
                mod fields {
                    #[allow(unused_imports, reason = "which of these a contract needs is its own affair")]
                    use super::{Argument, Kind, Location, WireEnum, types};

                    #(#lists)*
                }
            }
        })
    }

    fn argument(&self, argument: &Argument<'_>) -> TokenStream {
        let (name, doc) = (argument.name, &argument.doc);
        let location = match argument.location {
            Some(location) => format!("{location:?}"),
            None => "Body".to_owned(),
        };
        let location = format_ident!("{location}");
        let kind = self.kind(argument.shape, argument.bounds);
        let made = if argument.required {
            quote!(required)
        } else {
            quote!(optional)
        };
        let limits = argument.constraints.iter().map(|(keyword, value)| {
            let value = value.to_string();
            quote!((#keyword, #value))
        });
        let limits: Vec<_> = limits.collect();
        let limited = (!limits.is_empty()).then(|| quote!(.limited(&[#(#limits),*])));
        quote!(Argument::#made(#name, Location::#location, #kind, #doc) #limited)
    }

    fn kind(&self, shape: &Shape, bounds: Option<(i128, i128)>) -> TokenStream {
        match shape {
            Shape::Boolean => quote!(Kind::Boolean),
            Shape::String(StringFormat::Plain) => quote!(Kind::Text),
            Shape::String(StringFormat::Decimal) => quote!(Kind::Decimal),
            Shape::Integer(format) => {
                let (min, max) = bounds.unwrap_or_else(|| format.bounds());
                let (min, max) = (integer(min), integer(max));
                quote!(Kind::Integer { min: Some(#min), max: Some(#max) })
            }
            Shape::Array(item) => {
                let item = self.kind(item, None);
                quote!(Kind::Many(&#item))
            }
            Shape::Named(name) => match self.model.types.get(name).map(|def| &def.kind) {
                Some(Kind::Enum(listed)) => {
                    let (ty, closed) = (format_ident!("{}", self.names.ty(name)), listed.closed);
                    quote!(Kind::Enum { values: types::#ty::KNOWN, closed: #closed })
                }
                _ => quote!(Kind::Json),
            },
            _ => quote!(Kind::Json),
        }
    }
}

/// A negative number is two tokens.
fn integer(value: i128) -> TokenStream {
    let digits = Literal::u128_unsuffixed(value.unsigned_abs());
    let sign = (value < 0).then(|| quote!(-));
    quote!(#sign #digits)
}

/// The statuses that are numbers.
fn numbers<'a>(statuses: impl Iterator<Item = &'a String>) -> TokenStream {
    let numbers = statuses.filter_map(|status| status.parse::<u16>().ok());
    let numbers = numbers.map(Literal::u16_unsuffixed);
    quote!(&[#(#numbers),*])
}
