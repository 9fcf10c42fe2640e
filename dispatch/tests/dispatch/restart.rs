//! What an earlier process left open. Dying is played by dropping the runtime a call runs on.

use std::sync::atomic::AtomicI64;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bpx_dispatch::{Call, Checkpoint, Dispatch, Outcome, Passing, Point, Settings, Witness};
use bpx_sandbox::Fault;
use bpx_venue::operations::{CANCEL_OPEN_ORDERS, CANCEL_ORDER, EXECUTE_ORDER_BATCH};
use serde_json::json;

use crate::policy::Hands;
use crate::support::{
    Bench, batch, bid, bounds, call, done, make, open_orders, place, refuse, rejected, unknown,
};

/// Stops for good at a place, as a process that was killed there.
struct StopAt {
    point: Point,
    reached: Mutex<mpsc::Sender<()>>,
}

impl Checkpoint for StopAt {
    fn reached(&self, point: Point, _: Passing<'_>) {
        if point == self.point {
            self.reached.lock().unwrap().send(()).unwrap();
            loop {
                std::thread::park();
            }
        }
    }
}

/// Makes a call in a runtime that is thrown away once the call is at the place.
fn die_at(settings: Settings, point: Point, call: Call) {
    let (sender, reached) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let stop = StopAt {
        point,
        reached: Mutex::new(sender),
    };
    let dispatch = runtime
        .block_on(Dispatch::open(settings.with_checkpoint(stop)))
        .unwrap();
    runtime.spawn({
        let dispatch = dispatch.clone();
        async move { dispatch.call(call).await }
    });
    reached.recv().unwrap();
    runtime.shutdown_background();
    // What the operating system would do: the lock of the dead goes with its file.
    drop(dispatch);
}

/// As [`die_at`], with the lock on the instance's file gone: the parked thread keeps it open in this process.
pub(crate) fn die_and_unlock(bench: &Bench, point: Point, call: Call) {
    die_at(bench.settings(), point, call);
    unlock(bench);
}

/// Gives each instance's file a lock that nobody holds.
fn unlock(bench: &Bench) {
    let running = bench.state.path().join("running");
    for entry in std::fs::read_dir(&running).unwrap() {
        let path = entry.unwrap().path();
        let id = path.file_name().unwrap().to_owned();
        std::fs::remove_file(&path).unwrap();
        std::fs::write(running.join(id), "").unwrap();
    }
}

async fn recovered(bench: &Bench) -> (Dispatch, Vec<Outcome>) {
    let dispatch = bench.open().await;
    let recovered = dispatch.recovered().await;
    (
        dispatch,
        recovered.into_iter().map(|one| one.outcome).collect(),
    )
}

pub(crate) fn blocking<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_died_before_its_intent_left_nothing() {
    let bench = Bench::new().await;
    blocking(|| {
        die_and_unlock(
            &bench,
            Point::BeforeIntent,
            place("20").with_idempotency_key("k"),
        )
    });
    let (dispatch, found) = recovered(&bench).await;
    assert!(found.is_empty());
    let settled = make(&dispatch, place("20").with_idempotency_key("k")).await;
    assert!(!settled.replayed, "it is a new call");
}

/// An order that has to be proven absent takes its time; what was left open beside it does not wait for that.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_open_is_looked_into_side_by_side() {
    let bench = Bench::new().await;
    let all = call(&CANCEL_OPEN_ORDERS, json!({"symbol": "SOL_USDC"}));
    blocking(|| {
        die_and_unlock(&bench, Point::BeforeSend, place("20"));
        die_and_unlock(&bench, Point::BeforeSend, all);
    });
    let (_dispatch, found) = recovered(&bench).await;
    assert_eq!(found.len(), 2, "{found:?}");
    let asked = bench.sandbox.verified();
    let at = |path: &str| asked.iter().map(|it| it.path == path).collect::<Vec<_>>();
    let of_order = at("/api/v1/order").iter().rposition(|it| *it);
    let of_all = at("/api/v1/orders").iter().position(|it| *it);
    assert!(of_all.is_some() && of_all < of_order, "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_died_at_the_door_is_proven_absent() {
    let bench = Bench::new().await;
    blocking(|| {
        die_and_unlock(
            &bench,
            Point::BeforeSend,
            place("20").with_idempotency_key("k"),
        )
    });
    let (dispatch, found) = recovered(&bench).await;
    assert!(
        matches!(&found[..], [Outcome::Rejected(no)] if no.by == Witness::Evidence),
        "{found:?}"
    );
    let again = make(&dispatch, place("20").with_idempotency_key("k")).await;
    let code = rejected(&again).code.as_deref();
    assert_eq!((again.replayed, code), (true, Some("NOT_PLACED")));
    assert!(open_orders(&dispatch).await.is_empty());
    assert_eq!(bench.arrived("POST", "/api/v1/order"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_died_after_it_was_sent_is_found_and_not_sent_again() {
    for point in [Point::AfterSend, Point::BeforeOutcome] {
        let bench = Bench::new().await;
        blocking(|| die_and_unlock(&bench, point, place("20").with_idempotency_key("k")));
        let (dispatch, found) = recovered(&bench).await;
        assert!(matches!(&found[..], [Outcome::Done(_)]), "{found:?}");
        let again = make(&dispatch, place("20").with_idempotency_key("k")).await;
        assert!(again.replayed);
        assert_eq!(
            open_orders(&dispatch).await[0]["id"],
            json!(done(&again).order_ids[0])
        );
        assert_eq!(bench.arrived("POST", "/api/v1/order"), 1);
    }
}

/// With a clock that is wrong by an hour the exchange cannot be asked; what was sent before is neither sent again nor
/// taken for absent.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_between_death_and_restart_leaves_it_open_until_it_is_right() {
    const HOUR_MS: i64 = 3_600_000;
    let bench = Bench::new().await;
    let keyed = || place("20").with_idempotency_key("k");
    blocking(|| die_and_unlock(&bench, Point::AfterSend, keyed()));
    for offset_ms in [HOUR_MS, -HOUR_MS, 0] {
        let now_ms = bpx_runtime::Utc::now().timestamp_millis() + offset_ms;
        let clock = Hands(Arc::new(AtomicI64::new(now_ms)));
        let mut short = bounds();
        short.settle_max = Duration::from_millis(200);
        let signer = bench.signer().with_clock(clock);
        let settings = bpx_venue::settings(bench.sandbox.base_url(), signer, bench.state.path())
            .allow_trading(true)
            .with_bounds(short);
        let dispatch = Dispatch::open(settings).await.unwrap();
        dispatch.recovered().await;
        let again = make(&dispatch, keyed()).await;
        match offset_ms {
            0 => assert_eq!(done(&again).order_ids.len(), 1),
            _ => assert_eq!(again.outcome.kind(), "unknown", "{again:?}"),
        }
        dispatch.close().await;
    }
    assert_eq!(bench.arrived("POST", "/api/v1/order"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_and_a_cancellation_that_died_are_found_too() {
    let bench = Bench::new().await;
    blocking(|| die_and_unlock(&bench, Point::AfterSend, batch(&["20", "21"])));
    let (dispatch, found) = recovered(&bench).await;
    let [Outcome::Done(placed)] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(placed.order_ids.len(), 2);
    dispatch.close().await;
    let cancel = json!({"symbol": "SOL_USDC", "orderId": placed.order_ids[0]});
    bench
        .sandbox
        .arm(Fault::Settle { delay_ms: 50 }.on("cancel_order"))
        .unwrap();
    blocking(|| die_and_unlock(&bench, Point::AfterSend, call(&CANCEL_ORDER, cancel)));
    let (dispatch, found) = recovered(&bench).await;
    assert!(
        matches!(&found[..], [Outcome::Done(done)] if done.order_ids == placed.order_ids[..1]),
        "{found:?}"
    );
    assert_eq!(open_orders(&dispatch).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_a_call_that_never_left_are_free_again() {
    let bench = Bench::new().await;
    let mut order = bid("20");
    order["clientId"] = json!(11);
    let own = || call(&EXECUTE_ORDER_BATCH, json!({"orders": [order.clone()]}));
    blocking(|| die_and_unlock(&bench, Point::BeforeSend, own()));
    let (dispatch, _) = recovered(&bench).await;
    assert_eq!(make(&dispatch, own()).await.client_ids, [11]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_living_process_has_under_way_is_left_to_it() {
    let bench = Bench::new().await;
    blocking(|| die_at(bench.settings(), Point::BeforeSend, place("20")));
    let (_, found) = recovered(&bench).await;
    assert!(found.is_empty(), "its lock is held: {found:?}");
}

#[tokio::test]
async fn an_outcome_that_stayed_unknown_is_looked_into_at_the_next_start() {
    let bench = Bench::new().await;
    let mut short = bounds();
    short.settle_max = Duration::from_millis(100);
    let dispatch = Dispatch::open(bench.settings().with_bounds(short))
        .await
        .unwrap();
    bench
        .sandbox
        .arm(Fault::DropAfter.on("execute_order"))
        .unwrap();
    bench
        .sandbox
        .arm(Fault::Maintenance.on("get_order").always())
        .unwrap();
    let settled = make(&dispatch, place("20").with_idempotency_key("k")).await;
    unknown(&settled);
    dispatch.close().await;
    drop(dispatch);
    bench.sandbox.disarm();
    let (dispatch, found) = recovered(&bench).await;
    assert!(matches!(&found[..], [Outcome::Done(_)]), "{found:?}");
    let again = make(&dispatch, place("20").with_idempotency_key("k")).await;
    assert_eq!(again.client_ids, settled.client_ids);
    assert!(again.replayed && again.outcome.is_final());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_runs_on_adopts_the_call_of_one_that_died() {
    let bench = Bench::new().await;
    let mut impatient = bounds();
    impatient.in_flight_wait_max = Duration::from_millis(20);
    let living = Dispatch::open(bench.settings().with_bounds(impatient))
        .await
        .unwrap();
    blocking(|| {
        die_at(
            bench.settings(),
            Point::AfterSend,
            place("20").with_idempotency_key("k"),
        )
    });
    let call = || place("20").with_idempotency_key("k");
    assert_eq!(
        refuse(&living, call()).await.code(),
        "IN_FLIGHT",
        "its lock is held"
    );
    unlock(&bench);
    let settled = make(&living, call()).await;
    assert!(
        settled.replayed && matches!(settled.outcome, Outcome::Done(_)),
        "{settled:?}"
    );
    assert_eq!(bench.arrived("POST", "/api/v1/order"), 1);
}

/// The start looks into what is left open while the same call is made again: both find its order. The one that comes
/// second must not take it for another call's.
#[tokio::test(flavor = "multi_thread")]
async fn two_that_look_into_one_call_at_the_same_time_agree() {
    let bench = Bench::new().await;
    let keyed = || place("20").with_idempotency_key("k");
    let mut short = bounds();
    short.settle_max = Duration::ZERO;
    let settings = bench.settings().with_bounds(short);
    let dispatch = Dispatch::open(settings).await.unwrap();
    let arm = |rule| bench.sandbox.arm(rule).unwrap();
    arm(Fault::DropAfter.on("execute_order"));
    arm(Fault::Maintenance.on("get_order").always());
    unknown(&make(&dispatch, keyed()).await);
    dispatch.close().await;
    drop(dispatch);
    bench.sandbox.disarm();

    arm(Fault::DelayAfter { delay_ms: 300 }.on("get_order").nth(1));
    arm(Fault::DelayAfter { delay_ms: 900 }.on("get_order").nth(2));
    let asked = || bench.arrived("GET", "/api/v1/order");
    let before = asked();
    let next = bench.open().await;
    for _ in 0..10_000 {
        if asked() > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let again = make(&next, keyed()).await;
    assert_eq!(done(&again).order_ids.len(), 1);
    assert_eq!(bench.arrived("POST", "/api/v1/order"), 1);
    next.close().await;
}
