// examples/streams.rs
use bpx_client::streams::Event;
use bpx_client::{Client, Key, signer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = Key::from_base64(&std::env::var("BACKPACK_API_SECRET")?)?;
    let client = Client::new(&std::env::var("BACKPACK_BASE_URL")?, signer(key))?;

    let streams = client.stream(); // connects once something is subscribed to
    let mut orders = streams.order_updates("SOL_USDC"); // a signed subscription
    while let Some(event) = orders.next().await {
        match event? {
            Event::Subscribed => println!("the server has read the subscription"),
            Event::Message(update) => println!("{} {:?}", update.order_id, update.event),
            Event::Unread(unread) => println!("not as documented: {}", unread.reason),
            Event::Gap(gap) => println!("messages are missing: {}", gap.reason),
            _ => {}
        }
    }
    Ok(())
}
