//! Order updates, as dispatch writes them down.

use bpx_client::Client;
use bpx_dispatch::{Happening, Happenings};
use bpx_runtime::Connection;
use futures_util::stream;
use serde_json::{Value, json};

use super::{OrderEvent, OrderUpdates};

/// The updates of all orders of the account. It ends when the exchange refuses the subscription.
pub(crate) fn happenings(connection: &Connection) -> Happenings {
    let client = Client::from(connection.clone());
    let updates = OrderUpdates::new(&client, &client.stream(), None);
    Box::pin(stream::unfold(Some(updates), async |updates| {
        let mut updates = updates?;
        match updates.next().await? {
            Ok(event) => Some((happening(event), Some(updates))),
            Err(error) => Some((Happening::gap(&error.to_string()), None)),
        }
    }))
}

fn happening(event: OrderEvent) -> Happening {
    match event {
        OrderEvent::Update { update, recovered } => {
            let mut data = serde_json::to_value(&update).unwrap_or_default();
            if let Value::Object(members) = &mut data {
                members.insert("recovered".to_owned(), recovered.into());
            }
            let name = "order".to_owned();
            Happening { name, data }
        }
        OrderEvent::Gap(gap) => {
            let mut happening = Happening::gap(&gap.reason);
            if !gap.order_ids.is_empty() {
                happening.data = json!({"reason": gap.reason, "order_ids": gap.order_ids});
            }
            happening
        }
    }
}
