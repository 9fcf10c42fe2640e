//! The first step of a call: its intent, written before anything is signed.

use std::sync::Arc;

use bpx_runtime::Decimal;
use serde_json::Value;
use sqlx::AnyConnection;

use super::change::Change;
use super::failure::{Failure, Sql};
use super::numbers::{InUse, choose, claim};
use super::{Intent, Journal, Names};
use crate::call::Arguments;
use crate::order::plus;

/// Writes client order ids into arguments.
pub(crate) type SetClientIds = dyn Fn(&mut Arguments, &[u32]) + Send + Sync;

/// An intent that is to be written.
pub(crate) struct NewIntent {
    pub(crate) id: String,
    pub(crate) caller: String,
    pub(crate) operation: String,
    pub(crate) arguments: Arguments,
    /// Writes the chosen client order ids into the arguments.
    pub(crate) set_client_ids: Box<SetClientIds>,
    pub(crate) arguments_hash: String,
    pub(crate) idempotency_key: Option<String>,
    /// The market of each order, and the caller's own number for it.
    pub(crate) orders: Vec<(String, Option<u32>)>,
    pub(crate) notional: Decimal,
    pub(crate) day: String,
    pub(crate) day_cap: DayCap,
    pub(crate) at_ms: i64,
}

/// What a UTC day may see.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DayCap {
    pub(crate) orders_max: Option<u32>,
    pub(crate) notional_max: Option<Decimal>,
}

/// What came of the writing.
#[derive(Debug)]
pub(crate) enum Begun {
    /// It is written, with these numbers for its orders.
    New { client_ids: Vec<u32> },
    /// The idempotency key has an intent already.
    Known(Box<Intent>),
    /// The day has no room for it.
    DayIsFull { rule: &'static str, problem: String },
    /// A live order has the caller's own number.
    InUse(InUse),
}

/// Why nothing is written.
pub(super) enum Stop {
    Known,
    Full(&'static str, String),
    InUse(u32),
}

impl Change for Arc<NewIntent> {
    type Made = Result<Vec<u32>, Stop>;

    async fn make(&self, names: &Names, connection: &mut AnyConnection) -> Sql<Self::Made> {
        // First, since it decides between two gateways that have the same key.
        if !self.insert(names, connection).await? {
            return Ok(Err(Stop::Known));
        }
        if let Some(full) = self.count(names, connection).await? {
            return Ok(Err(full));
        }
        let mut client_ids = Vec::with_capacity(self.orders.len());
        for (symbol, own) in &self.orders {
            let number = match *own {
                None => choose(names, connection, &self.id, symbol).await?,
                Some(own) if claim(names, connection, &self.id, symbol, own).await? => own,
                Some(taken) => return Ok(Err(Stop::InUse(taken))),
            };
            client_ids.push(number);
        }
        if !client_ids.is_empty() {
            let mut arguments = self.arguments.clone();
            (self.set_client_ids)(&mut arguments, &client_ids);
            sqlx::query("UPDATE intent SET arguments = $1 WHERE id = $2")
                .bind(Value::Object(arguments).to_string())
                .bind(&self.id)
                .execute(connection)
                .await?;
        }
        Ok(Ok(client_ids))
    }

    fn stays(made: &Self::Made) -> bool {
        made.is_ok()
    }
}

impl NewIntent {
    async fn insert(&self, names: &Names, connection: &mut AnyConnection) -> Sql<bool> {
        let done = sqlx::query(
            "INSERT INTO intent (id, account, owner, caller, operation, arguments_hash, arguments, \
             idempotency_key, day, orders, notional, is_settled, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12) \
             ON CONFLICT (account, idempotency_key) DO NOTHING",
        )
        .bind(&self.id)
        .bind(&names.account)
        .bind(&names.owner)
        .bind(&self.caller)
        .bind(&self.operation)
        .bind(&self.arguments_hash)
        .bind(Value::Object(self.arguments.clone()).to_string())
        .bind(&self.idempotency_key)
        .bind(&self.day)
        .bind(self.orders_count())
        .bind(self.notional.to_string())
        .bind(self.at_ms)
        .execute(connection)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    fn orders_count(&self) -> i64 {
        i64::try_from(self.orders.len()).unwrap_or(i64::MAX)
    }

    /// Counts the intent for its day; tells where there is no room.
    async fn count(&self, names: &Names, connection: &mut AnyConnection) -> Sql<Option<Stop>> {
        if self.orders.is_empty() {
            return Ok(None);
        }
        let mut seen = Day::read(names, connection, &self.day).await?;
        seen.orders = seen.orders.saturating_add(self.orders_count());
        seen.notional = plus(seen.notional, self.notional);
        let Day { orders, notional } = seen;
        let cap = self.day_cap;
        if let Some(max) = cap.orders_max.filter(|max| orders > i64::from(*max)) {
            let problem = format!("with these it would be {orders} orders today, the cap is {max}");
            return Ok(Some(Stop::Full("policy.day_orders", problem)));
        }
        if let Some(max) = cap.notional_max.filter(|max| notional > *max) {
            let notional = notional.normalize();
            let problem = format!("with these it would be {notional} today, the cap is {max}");
            return Ok(Some(Stop::Full("policy.day_notional", problem)));
        }
        seen.write(names, connection, &self.day).await?;
        Ok(None)
    }
}

impl Journal {
    /// Writes an intent, chooses the numbers that are missing, and counts it for its day: all or nothing. From here on
    /// it counts as sent.
    pub(crate) async fn begin(&self, intent: &Arc<NewIntent>) -> Sql<Begun> {
        let written = self.timed(self.write(Arc::clone(intent))).await?;
        match written {
            Ok(client_ids) => Ok(Begun::New { client_ids }),
            Err(Stop::Full(rule, problem)) => Ok(Begun::DayIsFull { rule, problem }),
            Err(Stop::Known) => {
                let key = intent.idempotency_key.as_deref().unwrap_or_default();
                let known = self.find_key(key).await?;
                let known = known.ok_or(sqlx::Error::RowNotFound)?;
                Ok(Begun::Known(Box::new(known)))
            }
            Err(Stop::InUse(client_id)) => {
                let holder = self.holder(client_id).await?;
                // A number twice in one batch has no holder.
                Ok(Begun::InUse(holder.unwrap_or(InUse {
                    client_id,
                    intent: intent.id.clone(),
                    symbol: String::new(),
                    order_id: None,
                })))
            }
        }
    }
}

/// What one UTC day has seen.
#[derive(Debug)]
pub(super) struct Day {
    pub(super) orders: i64,
    pub(super) notional: Decimal,
}

impl Day {
    /// In PostgreSQL its row is locked from here on: the update that changes nothing does it.
    pub(super) async fn read(
        names: &Names,
        connection: &mut AnyConnection,
        day: &str,
    ) -> Sql<Self> {
        let (orders, notional): (i64, String) = sqlx::query_as(
            "INSERT INTO day (account, day, orders, notional) VALUES ($1, $2, 0, '0') \
             ON CONFLICT (account, day) DO UPDATE SET orders = day.orders RETURNING orders, notional",
        )
        .bind(&names.account)
        .bind(day)
        .fetch_one(connection)
        .await?;
        let notional = Decimal::from_str_exact(&notional);
        let notional = notional.map_err(|error| Failure::protocol(error.to_string()))?;
        Ok(Self { orders, notional })
    }

    pub(super) async fn write(
        &self,
        names: &Names,
        connection: &mut AnyConnection,
        day: &str,
    ) -> Sql<()> {
        sqlx::query("UPDATE day SET orders = $1, notional = $2 WHERE account = $3 AND day = $4")
            .bind(self.orders)
            .bind(self.notional.to_string())
            .bind(&names.account)
            .bind(day)
            .execute(connection)
            .await?;
        Ok(())
    }
}
