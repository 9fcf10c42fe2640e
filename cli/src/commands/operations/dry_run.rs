//! The dry run of a call: its request, what would be signed, what its orders may come to, and whether the policy allows
//! it. Nothing is sent, and neither the journal nor the state folder is written.

use bpx_contract::Api;
use bpx_dispatch::{Amount, Call, Dispatch, KillSwitch, Order, Preview, Refused};
use serde::Serialize;

use super::Unsettled;
use super::refusal::{self, Refusal};
use crate::access::Access;
use crate::failure::Failure;
use crate::{output, preview};

/// What a call would do.
#[derive(Debug)]
pub(super) struct DryRun {
    operation: String,
    request: Preview,
    orders: Vec<Order>,
    notes: Vec<&'static str>,
    refused: Option<Refused>,
}

#[derive(Serialize)]
struct Report<'a> {
    operation: &'a str,
    outcome: &'static str,
    request: &'a Preview,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    orders: Vec<OrderReport<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Refusal<'a>>,
}

/// An order with the most that it may trade and come to; an amount without an upper bound is null, and `unbounded` says
/// why.
#[derive(Serialize)]
struct OrderReport<'a> {
    pointer: &'a str,
    symbol: &'a str,
    side: &'a str,
    order_type: &'a str,
    quantity_max: Option<String>,
    entry_max: Option<String>,
    worth_max: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unbounded: Vec<&'static str>,
}

const NO_POLICY: &str = "there is no policy file, so nothing is capped";
const NOT_ALLOWED: &str = "the call itself needs --allow-trading";
const CLIENT_ID: &str =
    "an order without `clientId` gets one when it is sent; body and signing string then contain it";

impl DryRun {
    /// Prepares the call without sending it. Trading counts as allowed, so that the verdict is that of the policy.
    pub(super) async fn of(
        access: &Access,
        api: &Api,
        call: Call,
        allow_trading: bool,
    ) -> Result<Self, Unsettled> {
        let killed = KillSwitch::open(&access.state.folder()?)?.killed();
        let state = tempfile::tempdir().map_err(Failure::from)?;
        let settings = access.settings_in(state.path().to_owned(), api)?;
        let dispatch = Dispatch::open(settings.allow_trading(true)).await?;
        if let Some(reason) = killed {
            dispatch.kill(&reason)?;
        }
        let dry_run = Self::prepare(&dispatch, &call, allow_trading);
        dispatch.close().await;
        dry_run
    }

    fn prepare(dispatch: &Dispatch, call: &Call, allow_trading: bool) -> Result<Self, Unsettled> {
        let request = dispatch.preview(call).map_err(|error| {
            Failure::bad_input(error.to_string(), "correct the argument that it names")
        })?;
        let orders = dispatch.orders(&call.operation, &call.arguments);
        let notes = [
            (orders.iter().any(|it| it.client_id.is_none()), CLIENT_ID),
            (!orders.is_empty() && dispatch.policy().is_none(), NO_POLICY),
            (
                !call.operation.effect.only_reads() && !allow_trading,
                NOT_ALLOWED,
            ),
        ];
        let notes = notes.into_iter();
        Ok(Self {
            operation: call.operation.id.clone(),
            request,
            orders,
            notes: notes
                .filter_map(|(holds, note)| holds.then_some(note))
                .collect(),
            refused: dispatch.check(call).err(),
        })
    }

    /// Prints it. A call that would be refused is a failure with the exit code of the refusal.
    pub(super) fn show(&self, json: bool) -> Result<(), Failure> {
        let refused = self.refused.as_ref();
        let failure = refused.map(|it| refusal::failure(&self.operation, it, true));
        if json {
            return match failure {
                None => output::json(&self.report()),
                Some(failure) => Err(failure.print_with(&self.report())?),
            };
        }
        output::text(&self.lines())?;
        for note in &self.notes {
            output::remark(&format!("note: {note}"))?;
        }
        failure.map_or(Ok(()), Err)
    }

    fn report(&self) -> Report<'_> {
        Report {
            operation: &self.operation,
            outcome: "dry_run",
            request: &self.request,
            orders: self.orders.iter().map(OrderReport::of).collect(),
            notes: &self.notes,
            refusal: self.refused.as_ref().map(Refusal::of),
        }
    }

    fn lines(&self) -> String {
        let orders = self.orders.iter().map(|it| ("order", in_words(it)));
        let verdict = match &self.refused {
            None if self.notes.contains(&NOT_ALLOWED) => {
                "would be sent with --allow-trading".to_owned()
            }
            None => "would be sent".to_owned(),
            Some(refused) => {
                let rules = refused
                    .findings()
                    .iter()
                    .map(|it| format!(" [{}]", it.rule));
                format!("would be refused{}", rules.collect::<String>())
            }
        };
        let lines = preview::of_request(&self.request).into_iter();
        let lines = lines.chain(orders).chain([("verdict", verdict)]);
        preview::render(&self.operation, lines) + preview::NOTHING_SENT
    }
}

fn in_words(order: &Order) -> String {
    let amount = |amount: Amount| match amount {
        Ok(most) => format!("at most {}", most.normalize()),
        Err(why) => format!("without an upper bound ({why})"),
    };
    let exposure = &order.exposure;
    let terms = [&order.symbol, &order.side, &order.order_type].map(String::as_str);
    let all = match exposure.worth == exposure.entry {
        true => String::new(),
        false => format!(", with the orders that follow {}", amount(exposure.worth)),
    };
    format!(
        "{}: quantity {}, value {}{all}",
        terms.join(" "),
        amount(exposure.quantity),
        amount(exposure.entry)
    )
}

impl<'a> OrderReport<'a> {
    fn of(order: &'a Order) -> Self {
        let exposure = &order.exposure;
        let amounts = [exposure.quantity, exposure.entry, exposure.worth];
        let mut unbounded: Vec<_> = amounts.into_iter().filter_map(Result::err).collect();
        unbounded.dedup();
        let [quantity_max, entry_max, worth_max] =
            amounts.map(|amount| amount.ok().map(|it| it.normalize().to_string()));
        Self {
            pointer: &order.pointer,
            symbol: &order.symbol,
            side: &order.side,
            order_type: &order.order_type,
            quantity_max,
            entry_max,
            worth_max,
            unbounded,
        }
    }
}
