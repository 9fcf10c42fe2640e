// examples/market_maker.rs
use std::time::{Duration, Instant};

use bpx_client::types::{
    ApiError, CancelOrder, Fill, LiveOrder, NewOrder, OrderType, Side, SortDirection,
};
use bpx_client::{Client, Decimal, Error, Follow, Key, signer};

/// Quotes one order on each side of a price, and follows its fills. It takes all orders of its market for its own.
struct Maker<'a> {
    client: &'a Client,
    symbol: &'a str,
    fills: Follow<'a, Fill, ApiError>,
    /// How long a request may be under way, and its order unseen: the signing window and the lag of the history.
    doubt: Duration,
    next_client_id: u32,
    /// What its fills come to.
    position: Decimal,
    /// Its open orders, as the exchange listed them last.
    open: Vec<LiveOrder>,
}

impl<'a> Maker<'a> {
    fn new(client: &'a Client, symbol: &'a str, from_ms: i64, doubt: Duration, first: u32) -> Self {
        let late_ms = u32::try_from(doubt.as_millis()).unwrap_or(u32::MAX);
        let fills = client.get_fills().symbol(symbol).limit(1000_u64);
        Self {
            client,
            symbol,
            fills: fills.follow(from_ms).late_ms(late_ms),
            doubt,
            next_client_id: first,
            position: Decimal::ZERO,
            open: Vec::new(),
        }
    }

    /// Moves both orders to where they belong. What fails is put right by the next round, which begins by asking.
    async fn round(&mut self, price: Decimal, spread: Decimal) -> Result<(), Error<ApiError>> {
        self.look().await?;
        // The more it holds, the less it asks and bids.
        let middle = (price - self.position * spread / Decimal::from(20)).round_dp(2);
        let quotes = [(Side::Bid, middle - spread), (Side::Ask, middle + spread)];
        let mut is_wanted = [false; 2];
        for order in std::mem::take(&mut self.open) {
            let place = quotes.iter().position(|(side, price)| {
                matches!(&order, LiveOrder::Limit(it) if it.side == *side && it.price == *price)
            });
            match place.and_then(|place| is_wanted.get_mut(place)) {
                Some(is_there) if !*is_there => *is_there = true,
                _ => self.cancel(&order).await,
            }
        }
        // Nothing takes the place of an order that may still be open.
        self.look().await?;
        for ((side, price), _) in quotes.into_iter().zip(is_wanted).filter(|it| !it.1) {
            let is_free = |order: &LiveOrder| order.side().is_some_and(|it| *it != side);
            if self.open.iter().all(is_free) {
                self.place(side, price).await;
            }
        }
        Ok(())
    }

    /// Asks for what is: the fills since the last look, and the open orders.
    async fn look(&mut self) -> Result<(), Error<ApiError>> {
        for fill in self.fills.next().await? {
            match &fill.side {
                Side::Bid => self.position += fill.quantity,
                Side::Ask => self.position -= fill.quantity,
                side => println!("a fill on the side {side} is not counted: {fill:?}"),
            }
        }
        let open = self.client.get_open_orders().symbol(self.symbol);
        self.open = open.send().await?.into_inner();
        Ok(())
    }

    /// Asks for a cancellation. Done, accepted, too late or unknown: the open orders tell.
    async fn cancel(&self, order: &LiveOrder) {
        let order = CancelOrder::new(self.symbol).order_id(order.id().unwrap_or_default());
        drop(self.client.cancel_order().body(order).send().await);
    }

    /// Sends an order once, under a number of its own; if nobody knows whether it was placed, asks until somebody does.
    async fn place(&mut self, side: Side, price: Decimal) {
        let client_id = self.next_client_id;
        self.next_client_id += 1;
        let order = NewOrder::new(OrderType::Limit, side, self.symbol)
            .client_id(client_id)
            .price(price)
            .quantity(Decimal::ONE)
            .post_only(true);
        match self.client.execute_order().body(order).send().await {
            Err(error) if error.is_unknown() => self.find(client_id).await,
            // Placed or refused: the next round sees which.
            _ => {}
        }
    }

    /// Returns when an order is open or past, or can no longer be placed.
    async fn find(&self, client_id: u32) {
        let (asked, id) = (Instant::now(), Some(client_id.into()));
        loop {
            let is_late = asked.elapsed() >= self.doubt;
            let open = self.client.get_open_orders().symbol(self.symbol).send();
            let past = self.client.get_order_history().symbol(self.symbol);
            let past = past.sort_direction(SortDirection::Desc);
            if let (Ok(open), Ok(past)) = (open.await, past.send().await) {
                let is_open = open.iter().any(|order| order.client_id() == id.as_ref());
                if is_open || past.iter().any(|order| order.client_id == id) || is_late {
                    return;
                }
            }
            tokio::time::sleep(self.doubt / 20).await;
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = Key::from_base64(&std::env::var("BACKPACK_API_SECRET")?)?;
    let client = Client::new(&std::env::var("BACKPACK_BASE_URL")?, signer(key))?;
    let (price, spread) = ("150".parse()?, "0.05".parse()?);
    let now = bpx_client::chrono::Utc::now();
    let mut maker = Maker::new(
        &client,
        "SOL_USDC",
        now.timestamp_millis(),
        Duration::from_secs(7),
        u32::try_from(now.timestamp())?,
    );
    loop {
        if let Err(error) = maker.round(price, spread).await {
            println!("{error}");
        }
        println!("holds {}, {} orders rest", maker.position, maker.open.len());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
