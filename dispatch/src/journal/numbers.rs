//! `clientId`s: chosen, kept apart, released.

use sqlx::{Any, Transaction};

use super::{Journal, Sql};

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

impl Journal {
    /// Takes the caller's own number for an intent; none if a live order has it.
    pub(super) async fn claim(
        &self,
        transaction: &mut Transaction<'_, Any>,
        intent: &str,
        symbol: &str,
        client_id: u32,
    ) -> Sql<bool> {
        let done = sqlx::query(
            "INSERT INTO client_id (account, client_id, intent, symbol, is_live) VALUES ($1, $2, $3, $4, 1) \
             ON CONFLICT (account, client_id) WHERE is_live = 1 DO NOTHING",
        )
        .bind(&self.account)
        .bind(i64::from(client_id))
        .bind(intent)
        .bind(symbol)
        .execute(&mut **transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Chooses a number for an intent, the next that no live order has.
    pub(super) async fn choose(
        &self,
        transaction: &mut Transaction<'_, Any>,
        intent: &str,
        symbol: &str,
    ) -> Sql<u32> {
        for _ in 0..TRIES_MAX {
            let client_id = self.next_number(transaction).await?;
            if self.claim(transaction, intent, symbol, client_id).await? {
                return Ok(client_id);
            }
        }
        Err(sqlx::Error::Protocol(format!(
            "{TRIES_MAX} clientIds in a row are in use"
        )))
    }

    /// Counts on from a random start, so that two journals of one account hardly meet.
    async fn next_number(&self, transaction: &mut Transaction<'_, Any>) -> Sql<u32> {
        let start =
            i64::from(getrandom::u32().map_err(|error| sqlx::Error::Protocol(error.to_string()))?);
        let next: i64 = sqlx::query_scalar(
            "INSERT INTO allocation (account, next) VALUES ($1, $2) \
             ON CONFLICT (account) DO UPDATE SET next = allocation.next + 1 RETURNING next",
        )
        .bind(&self.account)
        .bind(start)
        .fetch_one(&mut **transaction)
        .await?;
        Ok(number(next))
    }

    /// The live order that has this number.
    pub(crate) async fn holder(&self, client_id: u32) -> Sql<Option<InUse>> {
        let row: Option<(String, String, Option<String>)> = sqlx::query_as(
            "SELECT intent, symbol, order_id FROM client_id WHERE account = $1 AND client_id = $2 AND is_live = 1",
        )
        .bind(&self.account)
        .bind(i64::from(client_id))
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|(intent, symbol, order_id)| InUse {
            client_id,
            intent,
            symbol,
            order_id,
        }))
    }

    /// Gives a number free whose order was found to be closed.
    pub(crate) async fn release(&self, intent: &str, client_id: u32) -> Sql<()> {
        sqlx::query("UPDATE client_id SET is_live = 0 WHERE intent = $1 AND client_id = $2")
            .bind(intent)
            .bind(i64::from(client_id))
            .execute(&self.pool)
            .await
            .map(drop)
    }

    /// The intents that placed this order under this number. An exchange may give an order's id anew, such as a local
    /// one that was started anew: the id alone tells nothing.
    pub(crate) async fn placed_by(&self, order_id: &str, client_id: u32) -> Sql<Vec<String>> {
        sqlx::query_scalar(
            "SELECT intent FROM client_id WHERE account = $1 AND order_id = $2 AND client_id = $3",
        )
        .bind(&self.account)
        .bind(order_id)
        .bind(i64::from(client_id))
        .fetch_all(&self.pool)
        .await
    }

    /// The order that this journal knows by the number, the latest if there were several.
    pub(crate) async fn order_of(&self, symbol: &str, client_id: u32) -> Sql<Option<String>> {
        let ids: Option<Option<String>> = sqlx::query_scalar(
            "SELECT order_id FROM client_id WHERE account = $1 AND client_id = $2 AND symbol = $3 \
             AND order_id IS NOT NULL ORDER BY intent DESC LIMIT 1",
        )
        .bind(&self.account)
        .bind(i64::from(client_id))
        .bind(symbol)
        .fetch_optional(&self.pool)
        .await?;
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
