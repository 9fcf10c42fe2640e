//! `stream` of operations whose list comes in pages: its rows one by one.

use bpx_contract::Names;
use bpx_contract::model::{
    Content, Field, IntFormat, Kind, Location, Method, Model, Operation, Param, Shape, StringFormat,
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Type;

use super::super::backend::{Builder, inside, text};
use super::super::docs::own_doc;

/// A list that is read by offset and limit.
pub(in super::super) struct Rows<'a> {
    id: &'a str,
    builder: &'a Builder,
    names: &'a Names,
    item: &'a Shape,
    /// Latest time to return, in milliseconds.
    to: Option<&'a Param>,
    /// Earliest time to return, in milliseconds.
    from: Option<&'a Param>,
    /// The time of a row, and whether two rows are one.
    kind: Option<(TokenStream, TokenStream)>,
    /// The direction of the list, and the name of its enum.
    sort: Option<(&'a Param, &'a str)>,
}

impl<'a> Rows<'a> {
    /// The list of an operation that has one.
    pub(in super::super) fn of(
        (id, operation, builder): (&'a str, &'a Operation, &'a Builder),
        names: &'a Names,
        model: &'a Model,
    ) -> Option<Self> {
        let Content::Json(Shape::Array(item)) = &operation.success.content else {
            return None;
        };
        let counts = |name| {
            filter(operation, name)
                .is_some_and(|param| param.shape == Shape::Integer(IntFormat::Uint64))
        };
        let is_list = operation.success.paged() && operation.method == Method::Get;
        let time_of = |name| {
            filter(operation, name).filter(|param| param.shape == Shape::Integer(IntFormat::Int64))
        };
        (is_list && counts("offset") && counts("limit")).then(|| Self {
            id,
            builder,
            names,
            item,
            to: time_of("to"),
            from: time_of("from"),
            kind: kind(item, names, model),
            sort: filter(operation, "sortDirection").and_then(|param| ascending(param, model)),
        })
    }

    /// The method of the builder.
    pub(super) fn method(&self, model: &Model) -> TokenStream {
        let (item, error) = (self.row(), &self.builder.error);
        let docs = own_doc(&self.doc());
        let pins = self.pins();
        let key = key(self.item, model);
        let this = if pins.is_empty() {
            quote!(self)
        } else {
            quote!(mut self)
        };
        quote! {
            #docs
            pub fn stream(#this) -> Rows<'a, #item, #error> {
                #(#pins)*
                let (offset, limit) = (self.offset.clone(), self.limit.clone());
                Rows::new(offset, limit, #key, move |offset, limit| {
                    self.clone().offset(offset).limit(limit).send()
                })
            }
        }
    }

    /// The methods that follow a list which is filtered by time, and sorted by it in both directions.
    pub(super) fn following(&self) -> Option<TokenStream> {
        let (from, (sort, ty)) = (self.ident(self.from?), self.sort?);
        let (time, same) = self.kind.as_ref()?;
        let desc = Some(self.names.variant(ty, "Desc")).filter(|it| !it.is_empty())?;
        let variants = [self.names.variant(ty, "Asc"), desc].map(|it| format_ident!("{it}"));
        let [asc, desc] = variants;
        let (sort, ty) = (self.ident(sort), format_ident!("{}", self.names.ty(ty)));
        let (item, error) = (self.row(), &self.builder.error);
        let read = quote! {
            move |from: Option<i64>| {
                let mut page = self.clone();
                page.#from = Ok(from);
                page.#sort = Ok(Some(if from.is_some() { types::#ty::#asc } else { types::#ty::#desc }));
                let limit = page.limit.clone();
                Rows::new(Ok(None), limit, Clone::clone, move |offset, limit| {
                    page.clone().offset(offset).limit(limit).send()
                })
            }
        };
        Some(quote! {
            /// Follows the list from a time on, in milliseconds since the Unix epoch: each look gives the rows that came in
            /// since the one before (see [`Follow`]). `offset` plays no part.
            pub fn follow(self, from_ms: i64) -> Follow<'a, #item, #error> {
                Follow::from(from_ms, (#time, #same), #read)
            }

            /// As `follow`, from behind the newest row for which `is_last` holds, such as the last one of an earlier run.
            pub fn follow_behind(
                self,
                is_last: impl FnMut(&#item) -> bool + Send + 'a,
            ) -> Follow<'a, #item, #error> {
                Follow::behind(is_last, (#time, #same), #read)
            }
        })
    }

    fn row(&self) -> &'a Type {
        let list = &self.builder.success;
        inside(list, "Vec").unwrap_or(list)
    }

    /// What keeps the list from moving, unless the caller says otherwise.
    fn pins(&self) -> Vec<TokenStream> {
        let to = self.to.map(|param| {
            let to = self.ident(param);
            quote!(self.#to = self.#to.map(|to| to.or_else(|| Some(Utc::now().timestamp_millis())));)
        });
        let sort = self.sort.map(|(param, name)| {
            let sort = self.ident(param);
            let ty = format_ident!("{}", self.names.ty(name));
            let asc = format_ident!("{}", self.names.variant(name, "Asc"));
            quote!(self.#sort = self.#sort.map(|sort| sort.or(Some(types::#ty::#asc)));)
        });
        to.into_iter().chain(sort).collect()
    }

    fn ident(&self, param: &Param) -> proc_macro2::Ident {
        format_ident!("{}", self.names.param(self.id, &param.name, param.location))
    }

    fn doc(&self) -> String {
        let mut text = "Reads the rows one by one, page after page, from `offset` on and `limit` a page, so that a list that moves \
            meanwhile neither repeats nor skips any (see [`Rows`])."
            .to_owned();
        if let Some(param) = self.to {
            let to = self.ident(param);
            text.push_str(&format!(
                " Without `{to}` it ends at the time of this call."
            ));
        }
        if let Some((param, _)) = self.sort {
            let sort = self.ident(param);
            text.push_str(&format!(
                " Without `{sort}` the oldest come first, so that new ones come in at the end."
            ));
        }
        text
    }

    /// The method as the digest writes it.
    pub(in super::super) fn digest(&self) -> String {
        let item = text(self.row());
        let to = self.to.map(|param| format!("`{}` now", self.ident(param)));
        let sort = self
            .sort
            .map(|(param, _)| format!("`{}` Asc", self.ident(param)));
        let pins: Vec<_> = to.into_iter().chain(sort).collect();
        let pinned = if pins.is_empty() {
            String::new()
        } else {
            format!(", unless set: {}", pins.join(", "))
        };
        let followed = match self.following() {
            Some(_) => format!("; `.follow(i64)`, `.follow_behind(…)` → `Follow<{item}>`"),
            None => String::new(),
        };
        format!("`.stream()` → `Rows<{item}>`{pinned}{followed}")
    }
}

/// An optional query parameter.
fn filter<'a>(operation: &'a Operation, name: &str) -> Option<&'a Param> {
    let mut params = operation.params.iter();
    params.find(|param| param.name == name && param.location == Location::Query && !param.required)
}

/// The parameter with the name of its enum, if that can say "oldest first".
fn ascending<'a>(param: &'a Param, model: &Model) -> Option<(&'a Param, &'a str)> {
    let Shape::Named(name) = &param.shape else {
        return None;
    };
    let Kind::Enum(listed) = &model.types.get(name)?.kind else {
        return None;
    };
    let has_asc = listed.values.iter().any(|value| value == "Asc");
    has_asc.then_some((param, name.as_str()))
}

/// When a row was made, where it has one time that is always there, and whether two rows are one: by their identifiers and
/// by what is always there, but for words, to which a server may add.
fn kind(item: &Shape, names: &Names, model: &Model) -> Option<(TokenStream, TokenStream)> {
    let Shape::Named(name) = item else {
        return None;
    };
    let Kind::Object(fields) = &model.types.get(name)?.kind else {
        return None;
    };
    let is_lenient =
        |field: &&Field| names.member_type(name, &field.name) == Some("Lenient<DateTime<Utc>>");
    let mut times = fields
        .iter()
        .filter(|field| !field.optional())
        .filter(is_lenient);
    let (Some(time), None) = (times.next(), times.next()) else {
        return None;
    };
    let ident = |field: &Field| format_ident!("{}", names.field(name, &field.name));
    let is_kept = |field: &&Field| {
        let is_word = matches!(field.shape, Shape::Named(_));
        !is_word && (!field.optional() || field.name.ends_with("Id"))
    };
    let (time, kept) = (ident(time), fields.iter().filter(is_kept).map(ident));
    let kept: Vec<_> = kept.collect();
    Some((
        quote!(|row| row.#time.value().map(|time| time.timestamp_millis())),
        quote!(|row, other| #(row.#kept == other.#kept)&&*),
    ))
}

/// What a row is recognised by: its identifier, or else all of it, for a row without one does not change.
fn key(item: &Shape, model: &Model) -> TokenStream {
    let has_id = match item {
        Shape::Named(name) => match model.types.get(name).map(|def| &def.kind) {
            Some(Kind::Object(fields)) => fields.iter().any(|field| {
                field.name == "id"
                    && !field.optional()
                    && field.shape == Shape::String(StringFormat::Plain)
            }),
            _ => false,
        },
        _ => false,
    };
    if has_id {
        quote!(|row| row.id.clone())
    } else {
        quote!(Clone::clone)
    }
}
