// examples/replace.rs
use bpx_client::workflows::{
    CancelReplaceOrder, CancelReplaceOrderInputs, CancelReplaceOrderPartialFill,
};
use bpx_client::{Key, signer};
use bpx_dispatch::Dispatch;
use bpx_workflow::Ended;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = Key::from_base64(&std::env::var("BACKPACK_API_SECRET")?)?;
    let base_url = std::env::var("BACKPACK_BASE_URL")?;
    let settings = bpx_venue::settings(base_url, signer(key), "state");
    let dispatch = Dispatch::open(settings.allow_trading(true)).await?;

    let (price, quantity) = ("101".parse()?, "2".parse()?);
    let filled = CancelReplaceOrderPartialFill::Stop;
    let inputs = CancelReplaceOrderInputs::new(price, quantity, "1", filled, "SOL_USDC");
    match bpx_workflow::run::<CancelReplaceOrder>(&dispatch, inputs).await? {
        Ended::Done { outputs, .. } => println!("order {} rests instead", outputs.new_order_id),
        Ended::Incomplete(report) => println!("cancelled, not replaced: {}", report.next),
        other => println!("{}; {}", other.report().why, other.report().next),
    }
    Ok(())
}
