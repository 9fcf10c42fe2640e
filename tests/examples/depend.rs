// examples/depend.rs
use bpx_client::types::{NewOrder, OrderType, Side};
use bpx_client::{Client, Error, Key, signer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = Key::from_base64(&std::env::var("BACKPACK_API_SECRET")?)?;
    let client = Client::new(&std::env::var("BACKPACK_BASE_URL")?, signer(key))?;

    let order = NewOrder::new(OrderType::Limit, Side::Bid, "SOL_USDC")
        .price("148.20".parse()?)
        .quantity("2.5".parse()?)
        .post_only(true);
    let placed = client.execute_order().body(order).send().await?;
    println!("placed: {:?}", placed.into_inner());

    match client.get_order().symbol("SOL_USDC").order_id("28").send().await {
        Ok(order) => println!("open: {:?}", order.into_inner()),
        Err(Error::Api { status, body, .. }) if status == 404 => println!("not open: {}", body.message),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
