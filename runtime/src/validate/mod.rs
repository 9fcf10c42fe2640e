//! Bodies held against a contract in one pass over their bytes, without building a tree.
//!
//! Generated crates carry the contract as tables ([`Type`], [`Field`], [`Kind`]); [`judge`] walks them. It answers
//! [`Verdict::Ok`] and [`Verdict::Fail`] only where it is certain. Everything it does not follow, such as escapes in
//! names, names that stand twice, numbers with fraction or exponent, or a type without a table, is [`Verdict::Unsure`]:
//! whoever asked then parses the body.
//!
//! It counts what it sees on the way: each field, each value of an enumeration, each arm of a union, and each `null` where
//! the contract declares none.
//!
//! ```
//! use bpx_runtime::validate::{Counts, Field, Kind, Type, Verdict, judge};
//!
//! static FIELDS: [Field; 2] = [Field::must("price", Kind::Decimal), Field::may("side", Kind::Named(1))];
//! static TYPES: [Type; 2] = [
//!     Type::object("Offer", 0, &FIELDS),
//!     Type::values("Side", 2, &["Bid", "Ask"]),
//! ];
//!
//! let mut counts = Counts::new(&TYPES);
//! assert_eq!(counts.names(), ["Offer.price", "Offer.side", "Side=Bid", "Side=Ask"]);
//! assert_eq!(judge(&TYPES, Kind::Named(0), br#"{"price":"20.1","side":"Ask"}"#, &mut counts), Verdict::Ok);
//! assert_eq!(counts.seen, [1, 1, 0, 1]);
//! assert_eq!(judge(&TYPES, Kind::Named(0), br#"{"price":"1e3"}"#, &mut counts), Verdict::Fail);
//! assert_eq!(judge(&TYPES, Kind::Named(0), br#"{"pr\u0069ce":"1"}"#, &mut counts), Verdict::Unsure);
//! ```

mod scalar;
mod scan;
mod table;
mod words;

pub use self::scan::{Verdict, judge};
pub use self::table::{Answer, Arm, Counts, Field, Kind, Type};
