//! What a value is: scalars with their formats, lists, maps, named types.

use std::collections::BTreeMap;

/// A use of a type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// `true` or `false`.
    Boolean,
    /// A whole number that fits the format.
    Integer(IntFormat),
    /// A JSON number with fraction.
    Number,
    /// A string.
    String(StringFormat),
    /// A list.
    Array(Box<Shape>),
    /// An object with free keys.
    Map(Box<Shape>),
    /// A list of fixed length, each item with a type of its own.
    Tuple(Vec<Shape>),
    /// The value, or null. Never around [`Shape::Any`] or another of its kind; fields and parameters have a flag instead.
    Nullable(Box<Shape>),
    /// A type of [`Model::types`](super::Model::types).
    Named(String),
    /// Any JSON value.
    Any,
}

impl Shape {
    /// What lists and maps are made of in the end.
    pub fn bottom(&self) -> &Self {
        match self {
            Self::Array(item) | Self::Map(item) | Self::Nullable(item) => item.bottom(),
            _ => self,
        }
    }

    /// The named type at the bottom, through lists and maps.
    pub fn named(&self) -> Option<&str> {
        match self.bottom() {
            Self::Named(name) => Some(name),
            _ => None,
        }
    }

    /// The shapes that this one is directly made of; a named type has none.
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Array(item) | Self::Map(item) | Self::Nullable(item) => vec![item],
            Self::Tuple(items) => items.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The shape, or null.
    #[must_use]
    pub fn or_null(self, nullable: bool) -> Self {
        match self {
            Self::Any | Self::Nullable(_) => self,
            shape if nullable => Self::Nullable(Box::new(shape)),
            shape => shape,
        }
    }

    /// Replaces the named type at the bottom.
    pub(crate) fn rename(&mut self, names: &BTreeMap<String, String>) {
        match self {
            Self::Named(name) => {
                if let Some(new) = names.get(name) {
                    name.clone_from(new);
                }
            }
            Self::Array(item) | Self::Map(item) | Self::Nullable(item) => item.rename(names),
            Self::Tuple(items) => items.iter_mut().for_each(|item| item.rename(names)),
            _ => {}
        }
    }
}

/// Width and sign of an integer. The default is 64 bits, signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum IntFormat {
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
}

impl IntFormat {
    /// All formats with their name in a document and in Rust.
    pub const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::Int8, "int8", "i8"),
        (Self::Int16, "int16", "i16"),
        (Self::Int32, "int32", "i32"),
        (Self::Int64, "int64", "i64"),
        (Self::Uint8, "uint8", "u8"),
        (Self::Uint16, "uint16", "u16"),
        (Self::Uint32, "uint32", "u32"),
        (Self::Uint64, "uint64", "u64"),
    ];

    /// The format as a document spells it.
    pub fn parse(format: &str) -> Option<Self> {
        // These two are of the `schemars` crate, for the word of the machine.
        let format = match format {
            "int" => "int64",
            "uint" => "uint64",
            format => format,
        };
        Self::ALL
            .into_iter()
            .find(|(_, name, _)| *name == format)
            .map(|(this, ..)| this)
    }

    /// The document's spelling.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(this, ..)| *this == self)
            .map_or("int64", |(_, name, _)| name)
    }

    /// The least and the greatest number that fits.
    pub fn bounds(self) -> (i128, i128) {
        match self {
            Self::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Self::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Self::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Self::Int64 => (i64::MIN.into(), i64::MAX.into()),
            Self::Uint8 => (0, u8::MAX.into()),
            Self::Uint16 => (0, u16::MAX.into()),
            Self::Uint32 => (0, u32::MAX.into()),
            Self::Uint64 => (0, u64::MAX.into()),
        }
    }

    /// The Rust type.
    pub fn rust(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(this, ..)| *this == self)
            .map_or("i64", |(.., rust)| rust)
    }
}

/// What a string holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StringFormat {
    /// Any text.
    Plain,
    /// A decimal number (`decimal`).
    Decimal,
    /// A date and time without zone (`naive-date-time`).
    NaiveDateTime,
    /// A date and time with offset, RFC 3339 (`date-time`).
    DateTime,
    /// A calendar date, RFC 3339 (`date`).
    Date,
    /// A UUID, RFC 9562 (`uuid`).
    Uuid,
    /// An IPv4 address (`ipv4`).
    Ipv4,
    /// An IPv6 address (`ipv6`).
    Ipv6,
    /// Bytes as they are (`binary`); inside JSON they are text like any other.
    Binary,
}

impl StringFormat {
    /// The formats with a type of their own.
    pub const ALL: [Self; 8] = [
        Self::Decimal,
        Self::NaiveDateTime,
        Self::DateTime,
        Self::Date,
        Self::Uuid,
        Self::Ipv4,
        Self::Ipv6,
        Self::Binary,
    ];

    /// The format as a document spells it.
    pub fn parse(format: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == Some(format))
    }

    /// The document's spelling, if it has one.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Decimal => Some("decimal"),
            Self::NaiveDateTime => Some("naive-date-time"),
            Self::DateTime => Some("date-time"),
            Self::Date => Some("date"),
            Self::Uuid => Some("uuid"),
            Self::Ipv4 => Some("ipv4"),
            Self::Ipv6 => Some("ipv6"),
            Self::Binary => Some("binary"),
        }
    }
}
