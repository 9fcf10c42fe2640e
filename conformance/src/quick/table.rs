//! The tables: what a value must be, compiled for the walk.

use super::words::Name;

/// Objects with more fields are left to the oracle.
pub(super) const FIELDS_MAX: usize = 64;
/// No field.
pub(super) const NONE: u8 = u8::MAX;

/// What a value must be.
#[derive(Debug)]
pub(crate) enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number between two bounds.
    Whole(i64, u64),
    /// Any number.
    Number,
    /// Any string.
    Text,
    /// A string of so many characters.
    Sized(usize, usize),
    /// A string that is a decimal: digits, a point with digits, a minus; no exponent.
    Decimal,
    /// A string that is a date and time of the calendar without a zone.
    NaiveDateTime,
    /// A string that is a date and time with an offset (RFC 3339).
    DateTime,
    /// A type, by its number.
    Named(usize),
    /// A list.
    List(Box<Kind>),
    /// An object with any names.
    Map(Box<Kind>),
    /// Any JSON value.
    Any,
    /// What only the oracle can judge.
    Doubt,
}

/// A named type.
#[derive(Debug)]
pub(super) struct Type {
    /// The counter of its first field, value or arm.
    pub(super) slot: usize,
    pub(super) form: Form,
}

#[derive(Debug)]
pub(super) enum Form {
    Object(Box<Object>),
    /// One string of a list.
    Values(Box<[Box<str>]>),
    /// A union whose member of this name selects the arm.
    Tagged(Name, Box<[Arm]>),
    /// A union whose arms only their shapes tell apart.
    Untagged(Box<[Alternative]>),
    /// What only the oracle can judge.
    Doubt,
}

/// One field of an object.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: Name,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) null: Null,
}

/// What an explicit `null` in a field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Null {
    /// The contract declares it.
    Fine,
    /// The contract does not declare it; it is taken as absence, and counted.
    Undeclared,
    /// It is a fault.
    Wrong,
    /// Only the oracle can judge it.
    Doubt,
}

/// One arm of a tagged union.
#[derive(Debug)]
pub(super) struct Arm {
    /// The tag's value.
    pub(super) value: Box<str>,
    pub(super) kind: Kind,
}

/// One arm of an untagged union.
#[derive(Debug)]
pub(super) struct Alternative {
    pub(super) kind: Kind,
    /// The JSON type of its values.
    pub(super) json: Json,
    /// Members without which no object is of this arm.
    pub(super) required: Box<[Name]>,
}

/// A JSON type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Json {
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Json {
    /// The type of the value that begins with this byte.
    pub(super) fn of(first: u8) -> Option<Self> {
        match first {
            b't' | b'f' => Some(Self::Boolean),
            b'-' | b'0'..=b'9' => Some(Self::Number),
            b'"' => Some(Self::String),
            b'[' => Some(Self::Array),
            b'{' => Some(Self::Object),
            _ => None,
        }
    }
}

/// An object's fields, found by the length of their name.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) fields: Box<[Field]>,
    /// Bits of the required fields.
    pub(super) required: u64,
    /// Any other member is a fault.
    pub(super) is_closed: bool,
    /// By length, the first field.
    first: [u8; 32],
    /// By field, the next of equal length.
    next: [u8; FIELDS_MAX],
}

impl Object {
    /// `None` for more than [`FIELDS_MAX`] fields.
    pub(super) fn new(fields: Vec<Field>, is_closed: bool) -> Option<Self> {
        let (mut required, mut first, mut next) = (0, [NONE; 32], [NONE; FIELDS_MAX]);
        if fields.len() > FIELDS_MAX {
            return None;
        }
        for (number, field) in fields.iter().enumerate().rev() {
            let before = first.get_mut(field.name.text.len() % 32)?;
            *next.get_mut(number)? = std::mem::replace(before, u8::try_from(number).ok()?);
            required |= u64::from(field.required) << number;
        }
        Some(Self {
            fields: fields.into(),
            required,
            is_closed,
            first,
            next,
        })
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
