//! Query parameters, typed.

use std::any::type_name;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::value::{Error, StrDeserializer};
use serde::de::{Deserialize, IntoDeserializer};

use crate::auth;
use crate::market::{Market, Markets};
use crate::refusal::{NOT_LISTED, Refusal, UNKNOWN_SYMBOL};

/// The decoded pairs of one query. Unknown parameters are left alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Params<'a>(pub(crate) &'a [(String, String)]);

impl<'a> Params<'a> {
    /// A parameter that may be given once.
    pub(crate) fn text(self, name: &str) -> Result<Option<&'a str>, Refusal> {
        let mut values = self.values(name);
        let value = values.next();
        match values.next() {
            Some(_) => Err(Refusal::parameter(name, "given more than once")),
            None => Ok(value),
        }
    }

    pub(crate) fn integer<T: FromStr<Err: Display>>(
        self,
        name: &str,
    ) -> Result<Option<T>, Refusal> {
        self.text(name)?
            .map(|text| auth::integer(name, text))
            .transpose()
    }

    /// One word of a closed list.
    pub(crate) fn word<T: Deserialize<'a>>(self, name: &str) -> Result<Option<T>, Refusal> {
        self.text(name)?.map(|text| word(name, text)).transpose()
    }

    /// A parameter that may be given repeatedly; empty when it is not given.
    pub(crate) fn words<T: Deserialize<'a>>(self, name: &str) -> Result<Vec<T>, Refusal> {
        self.values(name).map(|text| word(name, text)).collect()
    }

    /// The market named by `symbol`.
    pub(crate) fn market(self, markets: &Markets) -> Result<Option<&Arc<Market>>, Refusal> {
        let unknown = || Refusal::parameter("symbol", UNKNOWN_SYMBOL);
        let find = |symbol| markets.find(symbol).ok_or_else(unknown);
        self.text("symbol")?.map(find).transpose()
    }

    /// The market named by `symbol`, which must be given.
    pub(crate) fn needed_market(self, markets: &Markets) -> Result<&Arc<Market>, Refusal> {
        self.needed("symbol", self.market(markets)?)
    }

    /// What was read of a parameter that must be given.
    pub(crate) fn needed<T>(self, name: &str, value: Option<T>) -> Result<T, Refusal> {
        value.ok_or_else(|| Refusal::parameter(name, "the parameter is missing"))
    }

    /// `true` or `false`.
    pub(crate) fn flag(self, name: &str) -> Result<Option<bool>, Refusal> {
        let flag = |text: &str| {
            text.parse()
                .map_err(|_| Refusal::parameter(name, "expected `true` or `false`"))
        };
        self.text(name)?.map(flag).transpose()
    }

    fn values(self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }
}

fn word<'a, T: Deserialize<'a>>(name: &str, text: &'a str) -> Result<T, Refusal> {
    let deserializer: StrDeserializer<'a, Error> = text.into_deserializer();
    T::deserialize(deserializer).map_err(|_| {
        let list = type_name::<T>().rsplit("::").next().unwrap_or_default();
        Refusal::parameter(name, format!("failed to parse \"{list}\": {NOT_LISTED}"))
    })
}
