//! The first step of a call: its intent, written before anything is signed.

use bpx_contract::api::Operation;
use bpx_runtime::Decimal;
use serde_json::Value;
use sqlx::{Any, Transaction};

use super::numbers::InUse;
use super::{Intent, Journal, Sql};
use crate::call::Arguments;
use crate::order::{Order, plus};

/// Writes client order ids into arguments.
pub(crate) type SetClientIds<'a> = dyn Fn(&mut Arguments, &[u32]) + Send + Sync + 'a;

/// An intent that is to be written.
pub(crate) struct NewIntent<'a> {
    pub(crate) id: &'a str,
    pub(crate) caller: &'a str,
    pub(crate) operation: &'a Operation,
    pub(crate) arguments: Arguments,
    /// Writes the chosen client order ids into the arguments.
    pub(crate) set_client_ids: &'a SetClientIds<'a>,
    pub(crate) arguments_hash: &'a str,
    pub(crate) idempotency_key: Option<&'a str>,
    pub(crate) orders: &'a [Order],
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

/// Why the transaction is given up.
enum Stop {
    Known,
    Full(&'static str, String),
    InUse(u32),
}

impl Journal {
    /// Writes an intent, chooses the numbers that are missing, and counts it for its day: all or nothing.
    pub(crate) async fn begin(&self, intent: &NewIntent<'_>) -> Sql<Begun> {
        self.timed(self.begun(intent)).await
    }

    async fn begun(&self, intent: &NewIntent<'_>) -> Sql<Begun> {
        let mut transaction = self.begin_writing().await?;
        let stop = match self.write(&mut transaction, intent).await? {
            Ok(client_ids) => {
                transaction.commit().await?;
                return Ok(Begun::New { client_ids });
            }
            Err(stop) => stop,
        };
        transaction.rollback().await?;
        match stop {
            Stop::Full(rule, problem) => Ok(Begun::DayIsFull { rule, problem }),
            Stop::Known => {
                let known = self
                    .find_key(intent.idempotency_key.unwrap_or_default())
                    .await?;
                known
                    .map(|known| Begun::Known(Box::new(known)))
                    .ok_or(sqlx::Error::RowNotFound)
            }
            Stop::InUse(client_id) => {
                let holder = self.holder(client_id).await?;
                // A number twice in one batch has no holder.
                Ok(Begun::InUse(holder.unwrap_or(InUse {
                    client_id,
                    intent: intent.id.to_owned(),
                    symbol: String::new(),
                    order_id: None,
                })))
            }
        }
    }

    async fn write(
        &self,
        transaction: &mut Transaction<'_, Any>,
        intent: &NewIntent<'_>,
    ) -> Sql<Result<Vec<u32>, Stop>> {
        // First, since it decides between two gateways that have the same key.
        if !self.insert(transaction, intent).await? {
            return Ok(Err(Stop::Known));
        }
        if let Some(full) = self.count(transaction, intent).await? {
            return Ok(Err(full));
        }
        let mut client_ids = Vec::with_capacity(intent.orders.len());
        for order in intent.orders {
            let number = match order.client_id {
                None => self.choose(transaction, intent.id, &order.symbol).await?,
                Some(own)
                    if self
                        .claim(transaction, intent.id, &order.symbol, own)
                        .await? =>
                {
                    own
                }
                Some(taken) => return Ok(Err(Stop::InUse(taken))),
            };
            client_ids.push(number);
        }
        if !client_ids.is_empty() {
            let mut arguments = intent.arguments.clone();
            (intent.set_client_ids)(&mut arguments, &client_ids);
            sqlx::query("UPDATE intent SET arguments = $1 WHERE id = $2")
                .bind(Value::Object(arguments).to_string())
                .bind(intent.id)
                .execute(&mut **transaction)
                .await?;
        }
        Ok(Ok(client_ids))
    }

    async fn insert(
        &self,
        transaction: &mut Transaction<'_, Any>,
        intent: &NewIntent<'_>,
    ) -> Sql<bool> {
        let orders = i64::try_from(intent.orders.len()).unwrap_or(i64::MAX);
        let done = sqlx::query(
            "INSERT INTO intent (id, account, owner, caller, operation, arguments_hash, arguments, \
             idempotency_key, day, orders, notional, is_settled, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12) \
             ON CONFLICT (account, idempotency_key) DO NOTHING",
        )
        .bind(intent.id)
        .bind(&self.account)
        .bind(&self.owner)
        .bind(intent.caller)
        .bind(&intent.operation.id)
        .bind(intent.arguments_hash)
        .bind(Value::Object(intent.arguments.clone()).to_string())
        .bind(intent.idempotency_key)
        .bind(&intent.day)
        .bind(orders)
        .bind(intent.notional.to_string())
        .bind(intent.at_ms)
        .execute(&mut **transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Counts the intent for its day; tells where there is no room.
    async fn count(
        &self,
        transaction: &mut Transaction<'_, Any>,
        intent: &NewIntent<'_>,
    ) -> Sql<Option<Stop>> {
        if intent.orders.is_empty() {
            return Ok(None);
        }
        let seen = self.day(transaction, &intent.day).await?;
        let orders = seen
            .orders
            .saturating_add(i64::try_from(intent.orders.len()).unwrap_or(i64::MAX));
        let notional = plus(seen.notional, intent.notional);
        let cap = intent.day_cap;
        if let Some(max) = cap.orders_max.filter(|max| orders > i64::from(*max)) {
            let problem = format!("with these it would be {orders} orders today, the cap is {max}");
            return Ok(Some(Stop::Full("policy.day_orders", problem)));
        }
        if let Some(max) = cap.notional_max.filter(|max| notional > *max) {
            let notional = notional.normalize();
            let problem = format!("with these it would be {notional} today, the cap is {max}");
            return Ok(Some(Stop::Full("policy.day_notional", problem)));
        }
        self.set_day(transaction, &intent.day, &Day { orders, notional })
            .await?;
        Ok(None)
    }

    /// What a day has seen. In PostgreSQL its row is locked from here on: the update that changes nothing does it.
    pub(super) async fn day(&self, transaction: &mut Transaction<'_, Any>, day: &str) -> Sql<Day> {
        let (orders, notional): (i64, String) = sqlx::query_as(
            "INSERT INTO day (account, day, orders, notional) VALUES ($1, $2, 0, '0') \
             ON CONFLICT (account, day) DO UPDATE SET orders = day.orders RETURNING orders, notional",
        )
        .bind(&self.account)
        .bind(day)
        .fetch_one(&mut **transaction)
        .await?;
        let notional = Decimal::from_str_exact(&notional);
        let notional = notional.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(Day { orders, notional })
    }

    pub(super) async fn set_day(
        &self,
        transaction: &mut Transaction<'_, Any>,
        day: &str,
        seen: &Day,
    ) -> Sql<()> {
        sqlx::query("UPDATE day SET orders = $1, notional = $2 WHERE account = $3 AND day = $4")
            .bind(seen.orders)
            .bind(seen.notional.to_string())
            .bind(&self.account)
            .bind(day)
            .execute(&mut **transaction)
            .await
            .map(drop)
    }
}

/// What one UTC day has seen.
#[derive(Debug)]
pub(super) struct Day {
    pub(super) orders: i64,
    pub(super) notional: Decimal,
}
