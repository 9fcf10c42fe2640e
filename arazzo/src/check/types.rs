//! What a value is, whose types it is made of, and what stands inside it.

use std::collections::BTreeMap;

use super::{Inputs, Sources};
use crate::scope::index;
use bpx_contract::model::{Kind, Shape, StringFormat, TypeDef, Union};

/// Unions nest at most this deep; beyond, anything may stand there.
const UNION_DEPTH_MAX: usize = 8;

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub struct Type {
    /// Its shape; a named one is looked up where `origin` says.
    pub shape: Shape,
    /// Whose types it is made of.
    pub origin: Origin,
    /// Whether it may be missing, or `null`.
    pub optional: bool,
    /// What the contract says of it.
    pub doc: String,
}

/// Where a named shape is defined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: the shape has no name in it.
    #[default]
    Plain,
    /// In the model of this source.
    Source(String),
    /// In the inputs of this workflow.
    Inputs(String),
}

impl Type {
    pub(super) fn plain(shape: Shape) -> Self {
        Self {
            shape,
            origin: Origin::Plain,
            optional: false,
            doc: String::new(),
        }
    }

    pub(super) fn text() -> Self {
        Self::plain(Shape::String(StringFormat::Plain))
    }

    /// Anything, or nothing.
    pub(super) fn any() -> Self {
        Self::plain(Shape::Any).or_absent(true)
    }

    pub(super) fn or_absent(self, optional: bool) -> Self {
        Self {
            optional: self.optional || optional,
            ..self
        }
    }
}

/// A token of a pointer that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) token: String,
    /// What it was looked for in.
    pub(super) schema: String,
    /// The members there are.
    pub(super) known: Vec<String>,
}

/// What a pointer leads to, and the arms of unions in which it leads nowhere.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) ty: Type,
    pub(super) without: Vec<String>,
}

/// Every named type there is.
#[derive(Clone, Copy)]
pub(super) struct Tables<'a> {
    pub(super) sources: &'a Sources<'a>,
    pub(super) inputs: &'a BTreeMap<String, Inputs>,
}

impl<'a> Tables<'a> {
    pub(super) fn def(&self, origin: &Origin, name: &str) -> Option<&'a TypeDef> {
        let types = match origin {
            Origin::Plain => return None,
            Origin::Source(source) => &self.sources.openapi.get(source)?.types,
            Origin::Inputs(workflow) => &self.inputs.get(workflow)?.types,
        };
        types.get(name)
    }

    pub(super) fn kind(&self, ty: &Type) -> Option<&'a Kind> {
        match &ty.shape {
            Shape::Named(name) => self.def(&ty.origin, name).map(|def| &def.kind),
            _ => None,
        }
    }

    /// The union that a shape names.
    pub(super) fn union(&self, ty: &Type) -> Option<&'a Union> {
        match self.kind(ty) {
            Some(Kind::Union(union)) => Some(union),
            _ => None,
        }
    }

    /// What stands in a value; where `arm` is known, a union at the top is that arm.
    pub(super) fn walk<'t>(
        &self,
        ty: Type,
        tokens: impl IntoIterator<Item = &'t str>,
        arm: Option<&str>,
    ) -> Result<Found, Missing> {
        let mut found = Found {
            ty,
            without: Vec::new(),
        };
        for (depth, token) in tokens.into_iter().enumerate() {
            let optional = found.ty.optional;
            let inner = self.member(&found.ty, token, arm.filter(|_| depth == 0), 0)?;
            found.without.extend(inner.without);
            found.ty = inner.ty.or_absent(optional);
        }
        Ok(found)
    }

    fn member(
        &self,
        ty: &Type,
        token: &str,
        arm: Option<&str>,
        depth: usize,
    ) -> Result<Found, Missing> {
        let inner = |shape: &Shape| Found {
            ty: Type {
                shape: shape.clone(),
                origin: ty.origin.clone(),
                optional: true,
                doc: String::new(),
            },
            without: Vec::new(),
        };
        match (&ty.shape, self.kind(ty)) {
            (Shape::Any, _) => Ok(inner(&Shape::Any)),
            (Shape::Map(value), _) => Ok(inner(value)),
            (Shape::Array(item), _) if index(token).is_some() => Ok(inner(item)),
            (_, Some(Kind::Object(fields))) => {
                let field = fields.iter().find(|field| field.name == token);
                let field = field.ok_or_else(|| self.missing(ty, token))?;
                let mut found = inner(&field.shape);
                found.ty.optional = field.optional();
                found.ty.doc.clone_from(&field.doc);
                Ok(found)
            }
            (_, Some(Kind::Union(_))) if depth == UNION_DEPTH_MAX => Ok(inner(&Shape::Any)),
            (_, Some(Kind::Union(union))) => self.in_union(ty, union, token, arm, depth),
            _ => Err(self.missing(ty, token)),
        }
    }

    fn in_union(
        &self,
        ty: &Type,
        union: &Union,
        token: &str,
        arm: Option<&str>,
        depth: usize,
    ) -> Result<Found, Missing> {
        if union.tag.as_deref() == Some(token) {
            let ty = Type::text();
            let without = Vec::new();
            return Ok(Found { ty, without });
        }
        let mut found: Option<Found> = None;
        let mut without = Vec::new();
        let arms = union
            .arms
            .iter()
            .filter(|it| arm.is_none_or(|arm| it.value == arm));
        for arm in arms {
            let inner = Type {
                shape: arm.shape.clone(),
                ..ty.clone()
            };
            match (self.member(&inner, token, None, depth + 1), &mut found) {
                (Ok(next), Some(found)) => found.join(next),
                (Ok(next), None) => found = Some(next),
                (Err(_), _) => without.push(arm.value.clone()),
            }
        }
        let mut found = found.ok_or_else(|| self.missing(ty, token))?;
        found.ty.optional |= !without.is_empty();
        found.without.extend(without);
        Ok(found)
    }

    fn missing(&self, ty: &Type, token: &str) -> Missing {
        Missing {
            token: token.to_owned(),
            schema: self.describe(ty),
            known: self.names(ty),
        }
    }

    /// The members a value can have, over all arms.
    pub(super) fn names(&self, ty: &Type) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        match self.kind(ty) {
            Some(Kind::Object(fields)) => names.extend(fields.iter().map(|it| it.name.clone())),
            Some(Kind::Union(union)) => {
                names.extend(union.tag.clone());
                for arm in &union.arms {
                    let inner = Type {
                        shape: arm.shape.clone(),
                        ..ty.clone()
                    };
                    if let Some(Kind::Object(fields)) = self.kind(&inner) {
                        names.extend(fields.iter().map(|it| it.name.clone()));
                    }
                }
            }
            _ if matches!(ty.shape, Shape::Array(_)) => names.push("0".to_owned()),
            _ => {}
        }
        names.sort();
        names.dedup();
        names
    }

    /// How to speak of a type.
    pub(super) fn describe(&self, ty: &Type) -> String {
        match &ty.shape {
            Shape::Boolean => "a boolean".to_owned(),
            Shape::Integer(_) => "a whole number".to_owned(),
            Shape::Number => "a number".to_owned(),
            Shape::String(StringFormat::Plain) => "a text".to_owned(),
            Shape::String(StringFormat::Decimal) => "a decimal as text".to_owned(),
            Shape::String(_) => "a time as text".to_owned(),
            Shape::Array(item) => {
                let item = Type {
                    shape: item.as_ref().clone(),
                    ..ty.clone()
                };
                format!("a list of {}", self.describe(&item))
            }
            Shape::Map(_) => "an object with free keys".to_owned(),
            Shape::Tuple(items) => format!("a list of {} values", items.len()),
            Shape::Nullable(shape) => {
                let shape = shape.as_ref().clone();
                format!(
                    "{} or null",
                    self.describe(&Type {
                        shape,
                        ..ty.clone()
                    })
                )
            }
            Shape::Named(name) => format!("`{name}`"),
            Shape::Any => "any value".to_owned(),
        }
    }
}

impl Found {
    /// Both may be what is there.
    pub(super) fn join(&mut self, other: Self) {
        let (this, that) = (&mut self.ty, other.ty);
        if this.shape != that.shape || this.origin != that.origin {
            this.shape = Shape::Any;
            this.origin = Origin::Plain;
        }
        this.optional |= that.optional;
        self.without.extend(other.without);
    }
}
