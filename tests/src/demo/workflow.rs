//! Cancels and replaces an order again, as a typed workflow: checked when its types were generated, recorded, resumable.

use anyhow::{Context as _, bail};
use bpx_client::types::{NewOrder, OrderType, Side};
use bpx_client::workflows::{
    CancelReplaceOrder, CancelReplaceOrderInputs, CancelReplaceOrderOutputs,
    CancelReplaceOrderPartialFill,
};
use bpx_client::{Key, signer};
use bpx_dispatch::Dispatch;
use bpx_runtime::Workflow as _;
use bpx_workflow::{Catalog, Ended, Event, EventKind, Library, Recorder, Runner};

use super::order::limit;
use super::report::{Signatures, Workflow, WorkflowStep};
use crate::exchange::{Exchange, decimal};

const SYMBOL: &str = "SOL_USDC";

/// Places an order and replaces it.
pub(super) async fn replace(exchange: &Exchange) -> anyhow::Result<Workflow> {
    let logged = exchange.sandbox.verified().len();
    let (price, quantity) = (decimal("148.20")?, decimal("2.5")?);
    let order = NewOrder::new(OrderType::Limit, Side::Bid, SYMBOL).price(price);
    let send = exchange
        .client
        .execute_order()
        .body(order.quantity(quantity));
    let placed = limit(send.send().await?.into_inner())?;

    let policy = CancelReplaceOrderPartialFill::Total;
    let price = decimal("148.75")?;
    let inputs = CancelReplaceOrderInputs::new(price, quantity, &*placed.id, policy, SYMBOL);
    let (outputs, events) = run(exchange, inputs.side(Side::Bid)).await?;
    let sent = events.iter().filter(|it| is_request(it)).count();
    let CancelReplaceOrderOutputs {
        cancelled_order_id,
        new_order_id,
        new_status,
        executed_quantity,
        ..
    } = outputs;
    Ok(Workflow {
        id: CancelReplaceOrder::ID,
        outcome: "done".to_owned(),
        cancelled_order_id,
        new_order_id,
        new_status: new_status.to_string(),
        executed_quantity: executed_quantity.to_string(),
        steps: steps(&events),
        signatures: Signatures {
            sent: sent + 1,
            verified: exchange.sandbox.verified().len() - logged,
        },
    })
}

/// Runs the workflow over a state folder of its own.
async fn run(
    exchange: &Exchange,
    inputs: CancelReplaceOrderInputs,
) -> anyhow::Result<(CancelReplaceOrderOutputs, Vec<Event>)> {
    let state = tempfile::tempdir().context("making a state folder")?;
    let signer = signer(Key::from_base64(&exchange.sandbox.api_secret())?);
    let settings = bpx_venue::settings(exchange.sandbox.base_url(), signer, state.path())
        .allow_trading(true)
        .with_options(exchange.options.clone());
    let dispatch = Dispatch::open(settings).await?;
    let document = CancelReplaceOrder::DOCUMENT;
    let catalog = Catalog::new(dispatch.api().clone());
    let library = Library::parse(document.file, document.text.as_bytes(), &catalog)?;
    let runner = Runner::new(dispatch.clone());
    let recorder = Recorder::default();
    let ended = runner
        .run_typed::<CancelReplaceOrder>(&library, inputs, &recorder)
        .await?;
    dispatch.close().await;
    match ended {
        Ended::Done { outputs, .. } => Ok((outputs, recorder.events())),
        other => {
            let report = other.report();
            bail!(
                "the workflow ended otherwise: {}; {}",
                report.why,
                report.next
            )
        }
    }
}

fn is_request(event: &Event) -> bool {
    matches!(event.kind, EventKind::Interaction(_))
}

/// The steps with their last responses.
fn steps(events: &[Event]) -> Vec<WorkflowStep> {
    let mut steps: Vec<WorkflowStep> = Vec::new();
    for event in events {
        if let EventKind::Interaction(interaction) = &event.kind {
            steps.retain(|it| it.step != event.step);
            steps.push(WorkflowStep {
                step: event.step.clone(),
                operation: interaction.operation.clone(),
                status: interaction.status,
            });
        }
    }
    steps
}
