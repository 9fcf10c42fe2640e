//! The last step of a call: what came of it.

use std::sync::Arc;

use bpx_runtime::Decimal;
use serde_json::value::RawValue;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::begin::Day;
use super::change::Change;
use super::failure::Sql;
use super::{Journal, Names};
use crate::outcome::{Accepted, Done, Outcome, Rejected, Source, Unknown, Witness};

/// What an outcome means for client order ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Closing {
    /// Orders that were placed by the intent: client order id and identifier.
    pub placed: Vec<(u32, String)>,
    /// Client order ids of the intent whose orders are closed, or were never placed.
    pub closed: Vec<u32>,
    /// Identifiers of orders of any intent that are closed now.
    pub closed_orders: Vec<String>,
}

/// One row, apart from its key.
#[derive(Debug, Default)]
struct Columns<'a> {
    witness: Option<&'a str>,
    status: Option<i64>,
    code: Option<&'a str>,
    message: Option<&'a str>,
    next: Option<&'a str>,
    order_ids: Option<String>,
    body: Option<&'a str>,
}

impl<'a> Columns<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        match outcome {
            Outcome::Done(done) => Self {
                witness: Some(done.source.word()),
                status: Some(i64::from(done.status)),
                order_ids: Some(done.order_ids.join(" ")),
                body: Some(done.body.get()),
                ..Self::default()
            },
            Outcome::Rejected(rejected) => Self {
                witness: Some(rejected.by.word()),
                status: rejected.status.map(i64::from),
                code: rejected.code.as_deref(),
                message: Some(&rejected.message),
                body: rejected.order.as_deref().map(RawValue::get),
                ..Self::default()
            },
            Outcome::Accepted(Accepted { status, why, next }) => Self {
                status: Some(i64::from(*status)),
                message: Some(why),
                next: Some(next),
                ..Self::default()
            },
            Outcome::Unknown(Unknown { why, next }) => Self {
                message: Some(why),
                next: Some(next),
                ..Self::default()
            },
        }
    }
}

/// What came of an intent, as it is to be written. A final outcome settles it; a rejected one gives the day its room back.
pub(crate) struct Ended {
    pub(crate) intent: String,
    pub(crate) outcome: Outcome,
    pub(crate) closing: Closing,
    pub(crate) at_ms: i64,
}

impl Change for Arc<Ended> {
    type Made = ();

    async fn make(&self, names: &Names, connection: &mut AnyConnection) -> Sql<()> {
        // Locks the intent, so that two who look into it write one after the other; the first final word stands.
        let open =
            sqlx::query("UPDATE intent SET is_settled = $1 WHERE id = $2 AND is_settled = 0")
                .bind(i64::from(self.outcome.is_final()))
                .bind(&self.intent)
                .execute(&mut *connection)
                .await?;
        if open.rows_affected() == 0 {
            return Ok(());
        }
        self.insert(connection).await?;
        if matches!(self.outcome, Outcome::Rejected(_)) {
            self.give_back(names, connection).await?;
        }
        self.close_orders(names, connection).await
    }
}

impl Ended {
    async fn insert(&self, connection: &mut AnyConnection) -> Sql<()> {
        let columns = Columns::of(&self.outcome);
        sqlx::query(
            "INSERT INTO outcome (intent, number, kind, witness, status, code, message, next_step, order_ids, body, at_ms) \
             SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10 \
             FROM outcome WHERE intent = $1",
        )
        .bind(&self.intent)
        .bind(self.outcome.kind())
        .bind(columns.witness)
        .bind(columns.status)
        .bind(columns.code)
        .bind(columns.message)
        .bind(columns.next)
        .bind(columns.order_ids)
        .bind(columns.body)
        .bind(self.at_ms)
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn give_back(&self, names: &Names, connection: &mut AnyConnection) -> Sql<()> {
        let (day, orders, notional): (String, i64, String) =
            sqlx::query_as("SELECT day, orders, notional FROM intent WHERE id = $1")
                .bind(&self.intent)
                .fetch_one(&mut *connection)
                .await?;
        if orders == 0 {
            return Ok(());
        }
        let mut seen = Day::read(names, connection, &day).await?;
        let notional = Decimal::from_str_exact(&notional).unwrap_or_default();
        seen.orders = seen.orders.saturating_sub(orders).max(0);
        seen.notional = (seen.notional - notional).max(Decimal::ZERO);
        seen.write(names, connection, &day).await
    }

    async fn close_orders(&self, names: &Names, connection: &mut AnyConnection) -> Sql<()> {
        let closing = &self.closing;
        for (client_id, order_id) in &closing.placed {
            sqlx::query("UPDATE client_id SET order_id = $1 WHERE intent = $2 AND client_id = $3")
                .bind(order_id)
                .bind(&self.intent)
                .bind(i64::from(*client_id))
                .execute(&mut *connection)
                .await?;
        }
        for client_id in &closing.closed {
            sqlx::query("UPDATE client_id SET is_live = 0 WHERE intent = $1 AND client_id = $2")
                .bind(&self.intent)
                .bind(i64::from(*client_id))
                .execute(&mut *connection)
                .await?;
        }
        for order_id in &closing.closed_orders {
            sqlx::query("UPDATE client_id SET is_live = 0 WHERE account = $1 AND order_id = $2")
                .bind(&names.account)
                .bind(order_id)
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }
}

impl Journal {
    /// Writes what came of an intent.
    pub(crate) async fn record(&self, ended: &Arc<Ended>) -> Sql<()> {
        self.timed(self.write(Arc::clone(ended))).await
    }

    /// What is known of the end of an intent, and since when.
    pub(crate) async fn latest(&self, intent: &str) -> Sql<Option<(Outcome, i64)>> {
        let latest = sqlx::query(
            "SELECT kind, witness, status, code, message, next_step, order_ids, body, at_ms FROM outcome \
             WHERE intent = $1 ORDER BY number DESC LIMIT 1",
        )
        .bind(intent)
        .fetch_optional(&self.pool);
        let row = self.read(latest).await?;
        row.as_ref()
            .map(|row| Ok((read(row)?, row.try_get("at_ms")?)))
            .transpose()
    }
}

fn read(row: &AnyRow) -> Result<Outcome, sqlx::Error> {
    let text = |name: &str| row.try_get::<Option<String>, _>(name);
    let status: Option<i64> = row.try_get("status")?;
    let status = status.and_then(|status| u16::try_from(status).ok());
    let body = text("body")?
        .map(RawValue::from_string)
        .transpose()
        .map_err(damaged)?;
    let (witness, message) = (
        text("witness")?.unwrap_or_default(),
        text("message")?.unwrap_or_default(),
    );
    let next = text("next_step")?.unwrap_or_default();
    let kind: String = row.try_get("kind")?;
    Ok(match kind.as_str() {
        "done" => Outcome::Done(Done {
            status: status.unwrap_or(200),
            body: body.ok_or_else(|| damaged("a done outcome without a body"))?,
            source: Source::from_word(&witness).unwrap_or(Source::Response),
            order_ids: text("order_ids")?
                .unwrap_or_default()
                .split(' ')
                .filter(|id| !id.is_empty())
                .map(str::to_owned)
                .collect(),
            page: None,
            headers: Vec::new(),
        }),
        "rejected" | "not_sent" => Outcome::Rejected(Rejected {
            by: Witness::from_word(&witness).unwrap_or(Witness::Response),
            status,
            code: text("code")?,
            message,
            retry_after: None,
            order: body,
        }),
        "accepted" => Outcome::Accepted(Accepted {
            status: status.unwrap_or(202),
            why: message,
            next,
        }),
        _ => Outcome::unknown(message, next),
    })
}

fn damaged(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}
