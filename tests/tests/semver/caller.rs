//! A caller of the shop's client as it is at first: it imports every type, calls every method, sets every parameter
//! and property, writes out every type it reads, and matches every enum.

#![allow(dead_code, reason = "it is compiled, not run")]
#![allow(
    deprecated,
    reason = "advice against a part of the document breaks no caller"
)]

use std::collections::BTreeMap;

use bpx_runtime::Rows;
use shop::types::{
    Address, Cancel, Card, Estimate, Event, Firm, Item, ItemChange, Level, Maker, NewOrder, Order,
    Paid, Payment, Phase, Problem, ProblemCode, Quote, Sent, Shelf, Shipment, Side, Sort, Status,
    Urgency, Voucher, Wish,
};
use shop::{
    Client, ConnectError, Decimal, Error, Key, Options, Outcome, Page, PublicClient, ResponseValue,
    SigningError, builder, operations,
};

type Reply<T, E = Problem> = Result<ResponseValue<T>, Error<E>>;

fn main() {}

// The clients.

fn signed(secret: &str) -> Result<Client, SigningError> {
    let key = Key::from_base64(secret)?;
    let options: Options = shop::options();
    let client: Result<Client, ConnectError> =
        Client::with_options("https://shop.example", shop::signer(key), options);
    Ok(client.unwrap().with_staff("token"))
}

fn public() -> Result<PublicClient, ConnectError> {
    Ok(PublicClient::new("https://shop.example")?.with_staff("token"))
}

fn constants() -> [&'static str; 1] {
    let _ = [
        operations::CANCEL_ORDER,
        operations::LIST_ORDERS,
        operations::PLACE_ORDER,
    ];
    let _ = shop::OPERATIONS.len();
    [shop::API_VERSION]
}

// Operations without a signature, which both clients have.

fn items_of(client: &Client) -> builder::ListItems<'_> {
    client.list_items()
}

async fn items(client: &PublicClient, limit: u64, since: i32, price: Decimal) {
    let call: builder::ListItems<'_> = client
        .list_items()
        .category("books")
        .sort(Sort::Price)
        .shelf(Shelf::Top)
        .tags(vec!["new".to_owned()])
        .limit(limit)
        .offset(limit)
        .max_price(price)
        .since(since)
        .region(String::from("eu"))
        .old(true);
    let rows: Rows<'_, Item, Problem> = call.clone().stream();
    drop(rows);
    let reply: Reply<Page<Item>> = call.send().await;
    let page: Page<Item> = reply.unwrap().into_inner();
    let _: (Option<u64>, Option<u64>) = (page.total, page.page_count);
    let items: Vec<Item> = page.items;
    items.into_iter().for_each(item);
}

async fn one_item(client: &PublicClient) {
    let call: builder::GetItem<'_> = client.get_item().item_id("1");
    let reply: Reply<Item> = call.send().await;
    match reply {
        Ok(reply) => item(reply.into_inner()),
        Err(Error::Api { body, .. }) => problem(*body),
        Err(_) => {}
    }
}

async fn change(client: &PublicClient, change: ItemChange) {
    let call: builder::ChangeItem<'_> = client.change_item().item_id("1").body(change);
    let reply: Reply<()> = call.send().await;
    drop(reply);
}

async fn brands(client: &PublicClient) {
    let call: builder::ListBrands<'_> = client.list_brands();
    let reply: Reply<Vec<String>, ()> = call.send().await;
    drop(reply);
}

async fn notice(client: &PublicClient) {
    let call: builder::GetNotice<'_> = client.get_notice();
    let reply: Reply<String, ()> = call.send().await;
    drop(reply);
}

async fn refresh(client: &PublicClient) {
    let call: builder::Refresh<'_> = client.refresh();
    let reply: Reply<(), ()> = call.send().await;
    drop(reply);
}

async fn quote(client: &PublicClient, wish: Wish) {
    let call: builder::Quote<'_> = client.quote().body(wish);
    let reply: Reply<Quote> = call.send().await;
    match reply.unwrap().into_inner() {
        Quote::Firm(firm) => firm_quote(firm),
        Quote::Estimate(estimate) => estimated_quote(estimate),
        _ => {}
    }
}

// Signed operations.

async fn orders(client: &Client) {
    let call: builder::ListOrders<'_> = client.list_orders();
    let reply: Reply<Vec<Order>> = call.send().await;
    reply.unwrap().into_inner().into_iter().for_each(order);
}

async fn place(client: &Client, new: NewOrder) {
    let call: builder::PlaceOrder<'_> = client.place_order().body(new);
    let reply: Reply<Order> = call.send().await;
    order(reply.unwrap().into_inner());
}

async fn cancel(client: &Client, id: &str) {
    let call: builder::CancelOrder<'_> = client.cancel_order().body(Cancel::new(id));
    let reply: Reply<Outcome<Order>> = call.send().await;
    match reply.unwrap().into_inner() {
        Outcome::Done(done) => order(done),
        Outcome::Accepted => {}
    }
}

// What is sent.

fn new_order(quantity: Decimal, count: i32, labels: Vec<String>) -> NewOrder {
    let address = Address::new("London", "Bond Street").country("UK").id("7");
    let meta: BTreeMap<String, String> = BTreeMap::new();
    let mut new = NewOrder::new(address, quantity, Side::Buy, "sku")
        .channel("shop")
        .count(count)
        .gift("ribbon")
        .gift_null()
        .labels(labels)
        .meta(meta)
        .mode("normal")
        .note("note")
        .old_note("old")
        .urgency(Urgency::Slow);
    let _: Option<i32> = new.count;
    let _: Option<Option<String>> = new.gift.take();
    let _: Option<String> = new.note.take();
    let _: String = new.sku.clone();
    new
}

fn item_change(price: Decimal, stock: i64) -> ItemChange {
    let change: ItemChange = ItemChange::default();
    drop(change);
    ItemChange::new().color("red").price(price).stock(stock)
}

fn wish() -> Wish {
    let payment: Payment = Payment::Card(Card::new("1").holder("me"));
    let _: Option<&str> = payment.number();
    match &payment {
        Payment::Card(Card { number, holder, .. }) => {
            let _: (&String, &Option<String>) = (number, holder);
        }
        Payment::Voucher(Voucher { number, .. }) => {
            let _: &String = number;
        }
        Payment::Unknown(_) => {}
        _ => {}
    }
    drop(Payment::Voucher(Voucher::new("2")));
    Wish::new("sku").payment(payment)
}

fn sent_enums(sort: Sort, shelf: Shelf, urgency: Urgency) -> u8 {
    let sort = match sort {
        Sort::Price => 1,
        Sort::Name => 2,
        Sort::Unknown(_) => 3,
        _ => 4,
    };
    let shelf = match shelf {
        Shelf::Top => 1,
        Shelf::Bottom => 2,
    };
    let urgency = match urgency {
        Urgency::Slow => 1,
        Urgency::Fast => 2,
        Urgency::Unknown(_) => 3,
        _ => 4,
    };
    sort + shelf + urgency
}

// What is received.

fn item(item: Item) {
    let _: String = item.id;
    let _: Decimal = item.price;
    let _: i64 = item.stock;
    let _: Option<f64> = item.weight;
    let _: Option<Vec<String>> = item.labels;
    let _: Option<BTreeMap<String, i64>> = item.extras;
    let _: Option<Option<i32>> = item.rating;
    let _: Option<String> = item.color;
    let _: Option<String> = item.origin;
    let _: Option<i32> = item.rank;
    let _: Option<String> = item.old_name;
    let maker: Maker = item.maker;
    let _: (String, Option<i32>) = (maker.name, maker.since);
    match item.level {
        Level::Low | Level::High => {}
        Level::Unknown(other) => {
            let _: i64 = other;
        }
        _ => {}
    }
}

fn problem(problem: Problem) {
    let _: String = problem.message;
    match problem.code {
        ProblemCode::NotFound | ProblemCode::Refused => {}
        ProblemCode::Unknown(other) => drop::<String>(other),
        _ => {}
    }
}

fn order(order: Order) {
    let _: (String, Option<Decimal>) = (order.id, order.total);
    let Address {
        city,
        street,
        country,
        id,
        ..
    } = order.address;
    let _: (String, String) = (city, street);
    let _: (Option<String>, Option<String>) = (country, id);
    match order.side {
        Side::Buy | Side::Sell => {}
    }
    match order.phase {
        Phase::Early | Phase::Late => {}
    }
    match order.status {
        Status::Open | Status::Shipped => {}
        Status::Unknown(other) => drop::<String>(other),
        _ => {}
    }
    let events: Vec<Event> = order.events;
    events.into_iter().for_each(event);
}

fn event(event: Event) {
    let _: Option<&i64> = event.at();
    match event {
        Event::Paid(Paid { at, amount, .. }) => {
            let _: (i64, Decimal) = (at, amount);
        }
        Event::Sent(Sent { at, carrier, .. }) => drop::<(i64, Option<String>)>((at, carrier)),
        Event::Unknown(_) => {}
        _ => {}
    }
}

fn firm_quote(quote: Firm) {
    let _: Decimal = quote.price;
}

fn estimated_quote(quote: Estimate) {
    let _: (Decimal, Decimal) = (quote.low, quote.high);
}

fn shipment(shipment: Shipment) {
    let _: (String, Option<i32>) = (shipment.order_id, shipment.parcels);
}
