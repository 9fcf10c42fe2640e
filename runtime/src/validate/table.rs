//! A contract's answers as tables.

use super::words::Name;

/// Objects with more fields are left to the oracle.
const FIELDS_MAX: usize = 64;
/// No field.
pub(super) const NONE: u8 = u8::MAX;

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number between two bounds.
    Whole(i64, u64),
    /// Any string.
    Text,
    /// A string that is a decimal: digits, a point with digits, a minus; no exponent.
    Decimal,
    /// A string that is a date and time of the calendar without a zone.
    NaiveDateTime,
    /// A type, by its place in the table.
    Named(usize),
    /// A list.
    List(&'static Kind),
    /// What no table describes.
    Doubt,
}

/// One field of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub(super) name: Name,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) nullable: bool,
}

impl Field {
    /// A field that the contract requires.
    #[must_use]
    pub const fn must(name: &'static str, kind: Kind) -> Self {
        Self {
            name: Name::new(name),
            kind,
            required: true,
            nullable: false,
        }
    }

    /// A field that can be absent; a `null` in it is taken as absence and counted.
    #[must_use]
    pub const fn may(name: &'static str, kind: Kind) -> Self {
        Self {
            required: false,
            ..Self::must(name, kind)
        }
    }

    /// The same field, where the contract declares `null`.
    #[must_use]
    pub const fn or_null(self) -> Self {
        Self {
            nullable: true,
            ..self
        }
    }
}

/// One arm of a union.
#[derive(Debug, Clone, Copy)]
pub struct Arm {
    pub(super) value: &'static str,
    pub(super) kind: Kind,
}

impl Arm {
    /// What stands behind this value of the tag.
    #[must_use]
    pub const fn new(value: &'static str, kind: Kind) -> Self {
        Self { value, kind }
    }
}

/// A named type.
#[derive(Debug)]
pub struct Type {
    name: &'static str,
    /// The counter of its first field, value or arm.
    pub(super) slot: usize,
    pub(super) form: Form,
}

#[derive(Debug)]
pub(super) enum Form {
    Object(Object),
    Values(&'static [&'static str]),
    Tagged(Name, &'static [Arm]),
    Doubt,
}

/// An object's fields, found by the length of their name.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) fields: &'static [Field],
    pub(super) required: u64,
    /// By length, the first field.
    first: [u8; 32],
    /// By field, the next of equal length.
    next: [u8; FIELDS_MAX],
}

impl Type {
    /// An object with these fields, at most 64.
    #[must_use]
    pub const fn object(name: &'static str, slot: usize, fields: &'static [Field]) -> Self {
        let form = if fields.len() <= FIELDS_MAX {
            Form::Object(Object::new(fields))
        } else {
            Form::Doubt
        };
        Self { name, slot, form }
    }

    /// One string of a list.
    #[must_use]
    pub const fn values(name: &'static str, slot: usize, values: &'static [&'static str]) -> Self {
        let form = Form::Values(values);
        Self { name, slot, form }
    }

    /// A union whose member `tag` says which arm an object is.
    #[must_use]
    pub const fn tagged(
        name: &'static str,
        slot: usize,
        tag: &'static str,
        arms: &'static [Arm],
    ) -> Self {
        let form = Form::Tagged(Name::new(tag), arms);
        Self { name, slot, form }
    }

    /// A type that is left to the oracle.
    #[must_use]
    pub const fn doubt(name: &'static str, slot: usize) -> Self {
        let form = Form::Doubt;
        Self { name, slot, form }
    }

    fn names(&self) -> Vec<String> {
        let name = self.name;
        match &self.form {
            Form::Object(object) => {
                let fields = object.fields.iter();
                fields
                    .map(|field| format!("{name}.{}", field.name.text))
                    .collect()
            }
            Form::Values(values) => values
                .iter()
                .map(|value| format!("{name}={value}"))
                .collect(),
            Form::Tagged(_, arms) => arms
                .iter()
                .map(|arm| format!("{name}:{}", arm.value))
                .collect(),
            Form::Doubt => Vec::new(),
        }
    }
}

impl Object {
    #[allow(
        clippy::indexing_slicing,
        reason = "computed when the crate is compiled, where a wrong index is an error"
    )]
    const fn new(fields: &'static [Field]) -> Self {
        let (mut required, mut first, mut next) = (0, [NONE; 32], [NONE; FIELDS_MAX]);
        let mut index = fields.len();
        while index > 0 {
            index -= 1;
            let length = fields[index].name.text.len() % 32;
            next[index] = first[length];
            #[allow(clippy::cast_possible_truncation, reason = "at most 64 fields")]
            let number = index as u8;
            first[length] = number;
            if fields[index].required {
                required |= 1 << index;
            }
        }
        Self {
            fields,
            required,
            first,
            next,
        }
    }

    /// The first field whose name may have this length.
    pub(super) fn first(&self, length: usize) -> u8 {
        self.first.get(length % 32).copied().unwrap_or(NONE)
    }

    /// The next such field.
    pub(super) fn next(&self, field: u8) -> u8 {
        self.next.get(usize::from(field)).copied().unwrap_or(NONE)
    }
}

/// What an operation answers.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// The operation's id.
    pub operation: &'static str,
    /// The body of a success.
    pub success: Kind,
    /// The body of a failure.
    pub failure: Kind,
}

/// How often something was seen.
#[derive(Debug, Clone)]
pub struct Counts {
    names: Vec<String>,
    /// By slot: fields, values, arms.
    pub seen: Vec<u32>,
    /// By slot: nulls that the contract does not declare.
    pub nulls: Vec<u32>,
}

impl Counts {
    /// Counters for a table, all zero.
    #[must_use]
    pub fn new(types: &[Type]) -> Self {
        let names: Vec<_> = types.iter().flat_map(Type::names).collect();
        Self {
            seen: vec![0; names.len()],
            nulls: vec![0; names.len()],
            names,
        }
    }

    /// What is counted, by slot: fields `Order.price`, values `Side=Bid`, arms `LiveOrder:Market`.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// All to zero.
    pub fn clear(&mut self) {
        self.seen.fill(0);
        self.nulls.fill(0);
    }
}
