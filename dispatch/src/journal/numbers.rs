//! `clientId`s: chosen, kept apart, released.

use sqlx::AnyConnection;

use super::failure::{Failure, Sql};
use super::{Journal, Names};

/// How many numbers in use may lie in a row before choosing one gives up.
const TRIES_MAX: u32 = 10_000;

/// Whose a number is that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InUse {
    pub(crate) client_id: u32,
    pub(crate) intent: String,
    pub(crate) symbol: String,
    /// The order that has it, if it was placed; else it is under way.
    pub(crate) order_id: Option<String>,
}

/// An order that was placed.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) client_id: i64,
    pub(crate) symbol: String,
    pub(crate) order_id: String,
}

/// Takes the caller's own number for an intent; false if a live order has it.
pub(super) async fn claim(
    names: &Names,
    connection: &mut AnyConnection,
    intent: &str,
    symbol: &str,
    client_id: u32,
) -> Sql<bool> {
    let done = sqlx::query(
        "INSERT INTO client_id (account, client_id, intent, symbol, is_live) VALUES ($1, $2, $3, $4, 1) \
         ON CONFLICT (account, client_id) WHERE is_live = 1 DO NOTHING",
    )
    .bind(&names.account)
    .bind(i64::from(client_id))
    .bind(intent)
    .bind(symbol)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Chooses a number for an intent, the next that no live order has.
pub(super) async fn choose(
    names: &Names,
    connection: &mut AnyConnection,
    intent: &str,
    symbol: &str,
) -> Sql<u32> {
    for _ in 0..TRIES_MAX {
        let client_id = next_number(names, connection).await?;
        if claim(names, connection, intent, symbol, client_id).await? {
            return Ok(client_id);
        }
    }
    let problem = format!("{TRIES_MAX} clientIds in a row are in use");
    Err(Failure::protocol(problem))
}

/// Counts on from a random start, so that two journals of one account hardly meet.
async fn next_number(names: &Names, connection: &mut AnyConnection) -> Sql<u32> {
    let start = getrandom::u32().map_err(|error| Failure::protocol(error.to_string()))?;
    let next: i64 = sqlx::query_scalar(
        "INSERT INTO allocation (account, next) VALUES ($1, $2) \
         ON CONFLICT (account) DO UPDATE SET next = allocation.next + 1 RETURNING next",
    )
    .bind(&names.account)
    .bind(i64::from(start))
    .fetch_one(connection)
    .await?;
    Ok(number(next))
}

impl Journal {
    /// The live order that has this number.
    pub(crate) async fn holder(&self, client_id: u32) -> Sql<Option<InUse>> {
        let holder = sqlx::query_as(
            "SELECT intent, symbol, order_id FROM client_id WHERE account = $1 AND client_id = $2 AND is_live = 1",
        )
        .bind(self.account())
        .bind(i64::from(client_id))
        .fetch_optional(&self.pool);
        let row: Option<(String, String, Option<String>)> = self.read(holder).await?;
        Ok(row.map(|(intent, symbol, order_id)| InUse {
            client_id,
            intent,
            symbol,
            order_id,
        }))
    }

    /// Gives a number free whose order was found to be closed.
    pub(crate) async fn release(&self, intent: &str, client_id: u32) -> Sql<()> {
        self.execute(
            "UPDATE client_id SET is_live = 0 WHERE intent = $1 AND client_id = $2",
            [intent.into(), i64::from(client_id).into()],
        )
        .await
    }

    /// The intents that placed this order under this number. An exchange may give an order's id anew, such as a local
    /// one that was started anew: the id alone tells nothing.
    pub(crate) async fn placed_by(&self, order_id: &str, client_id: u32) -> Sql<Vec<String>> {
        let intents = sqlx::query_scalar(
            "SELECT intent FROM client_id WHERE account = $1 AND order_id = $2 AND client_id = $3",
        )
        .bind(self.account())
        .bind(order_id)
        .bind(i64::from(client_id))
        .fetch_all(&self.pool);
        self.read(intents).await
    }

    /// The orders that an intent placed.
    pub(crate) async fn placed(&self, intent: &str) -> Sql<Vec<Placed>> {
        let placed = sqlx::query_as(
            "SELECT client_id, symbol, order_id FROM client_id WHERE intent = $1 AND order_id IS NOT NULL",
        )
        .bind(intent)
        .fetch_all(&self.pool);
        let rows: Vec<(i64, String, String)> = self.read(placed).await?;
        let rows = rows.into_iter();
        let placed = rows.map(|(client_id, symbol, order_id)| Placed {
            client_id,
            symbol,
            order_id,
        });
        Ok(placed.collect())
    }

    /// The order that this journal knows by the number, the latest if there were several.
    pub(crate) async fn order_of(&self, symbol: &str, client_id: u32) -> Sql<Option<String>> {
        let latest = sqlx::query_scalar(
            "SELECT order_id FROM client_id WHERE account = $1 AND client_id = $2 AND symbol = $3 \
             AND order_id IS NOT NULL ORDER BY intent DESC LIMIT 1",
        )
        .bind(self.account())
        .bind(i64::from(client_id))
        .bind(symbol)
        .fetch_optional(&self.pool);
        let ids: Option<Option<String>> = self.read(latest).await?;
        Ok(ids.flatten())
    }
}

/// From a count to a number, round and round through all but 0.
fn number(count: i64) -> u32 {
    let within = count.rem_euclid(i64::from(u32::MAX));
    u32::try_from(within.saturating_add(1)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_round_without_zero() {
        let last = i64::from(u32::MAX) - 1;
        assert_eq!(
            [number(0), number(1), number(last), number(last + 1)],
            [1, 2, u32::MAX, 1]
        );
    }
}
