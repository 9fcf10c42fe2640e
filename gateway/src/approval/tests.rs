use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::{Layer, Registry};

use super::*;

fn asking(digest: &str, wait_ms: u64) -> Asking {
    Asking {
        summary: "Place one order\nprice: 20".to_owned(),
        outlook: Outlook {
            policy: "nothing is capped".to_owned(),
            is_refused: false,
        },
        heeds_kill_switch: true,
        caller: "mcp:trade".to_owned(),
        client: "test 1".to_owned(),
        digest: digest.to_owned(),
        wait: Duration::from_millis(wait_ms),
        lifetime: Duration::from_secs(60),
    }
}

fn opened() -> (TempDir, Approvals) {
    let state = tempfile::tempdir().unwrap();
    let approvals = Approvals::open(state.path()).unwrap();
    (state, approvals)
}

fn id(approvals: &Approvals) -> String {
    approvals.waiting().unwrap()[0].id.clone()
}

#[test]
fn a_call_is_decided_once_and_the_decision_used_once() {
    let (state, approvals) = opened();
    let held = approvals.hold(asking("a", 1_000)).unwrap();
    assert_eq!(held.decision(), None);
    let elsewhere = Approvals::open(state.path()).unwrap();
    let id = id(&elsewhere);
    elsewhere.decide(&id, Decision::Approve).unwrap();
    let again = elsewhere.decide(&id, Decision::Decline).unwrap_err();
    assert!(matches!(again, ApprovalError::Decided { .. }));
    assert_eq!(elsewhere.waiting().unwrap(), []);
    assert_eq!(held.decision(), Some(Decision::Approve));
    assert!(held.take());
    let over = elsewhere.decide(&id, Decision::Approve).unwrap_err();
    assert!(matches!(over, ApprovalError::NotWaiting { .. }));
    assert_eq!(approvals.folder.names().unwrap(), Vec::<String>::new());
}

#[test]
fn the_same_call_made_again_takes_the_place_of_the_one_that_left() {
    let (_state, approvals) = opened();
    approvals.hold(asking("a", 0)).unwrap().leave();
    let first = id(&approvals);
    approvals.decide(&first, Decision::Approve).unwrap();
    let other = approvals.hold(asking("b", 1_000)).unwrap();
    assert_eq!(other.decision(), None);
    let same = approvals.hold(asking("a", 1_000)).unwrap();
    assert_eq!(
        (same.id(), same.decision()),
        (first.as_str(), Some(Decision::Approve))
    );
    // It waits, so a third call of the same arguments needs a decision of its own.
    let third = approvals.hold(asking("a", 1_000)).unwrap();
    assert_eq!(third.decision(), None);
    assert!(same.take());
}

/// Ends as if the process had been killed: the lock is gone, and nothing else.
fn killed(approvals: &Approvals, held: Held) {
    let names = [call_file(held.id()), decision_file(held.id())];
    let files = names.map(|name| (approvals.folder.read(&name), name));
    drop(held);
    for (bytes, name) in files {
        if let Some(bytes) = bytes {
            approvals.folder.replace(&name, &bytes).unwrap();
        }
    }
}

#[test]
fn a_call_whose_process_was_killed_is_said_not_to_wait_and_is_adopted_at_once() {
    let (_state, approvals) = opened();
    let held = approvals.hold(asking("a", 60_000)).unwrap();
    assert!(approvals.waiting().unwrap()[0].waits_until_ms > now_ms());
    killed(&approvals, held);
    let call = approvals.waiting().unwrap().remove(0);
    assert!(call.waits_until_ms <= now_ms());
    let decided = approvals.decide(&call.id, Decision::Approve).unwrap();
    let outlook = decided.outlook(Decision::Approve);
    assert!(
        outlook.contains("when its client makes it again within"),
        "{outlook}"
    );
    let again = approvals.hold(asking("a", 60_000)).unwrap();
    assert_eq!(
        (again.id(), again.decision()),
        (call.id.as_str(), Some(Decision::Approve))
    );
    assert!(again.take());
    let once_more = approvals.hold(asking("a", 60_000)).unwrap();
    assert_eq!(once_more.decision(), None);
}

#[test]
fn taking_an_approval_ends_all_others_of_the_same_call_that_nobody_holds() {
    let (_state, approvals) = opened();
    let [left, held, other] = ["a", "a", "b"].map(|it| approvals.hold(asking(it, 60_000)).unwrap());
    for call in approvals.waiting().unwrap() {
        approvals.decide(&call.id, Decision::Approve).unwrap();
    }
    killed(&approvals, left);
    killed(&approvals, other);
    assert!(held.take());
    assert_eq!(
        approvals.hold(asking("a", 60_000)).unwrap().decision(),
        None
    );
    let other = approvals.hold(asking("b", 60_000)).unwrap();
    assert_eq!(other.decision(), Some(Decision::Approve));
}

#[test]
fn a_no_is_remembered_as_long_as_it_could_have_been_a_yes() {
    let (_state, approvals) = opened();
    let held = approvals.hold(asking("a", 1_000)).unwrap();
    assert!(!approvals.is_declined("a"));
    approvals.decide(held.id(), Decision::Decline).unwrap();
    assert!(held.take());
    approvals.waiting().unwrap();
    assert!(approvals.is_declined("a") && !approvals.is_declined("b"));
    let again = approvals.hold(asking("a", 1_000)).unwrap();
    approvals.decide(again.id(), Decision::Approve).unwrap();
    assert!(!approvals.is_declined("a"));
    let mut short = asking("b", 0);
    short.lifetime = Duration::from_millis(50);
    let held = approvals.hold(short).unwrap();
    approvals.decide(held.id(), Decision::Decline).unwrap();
    while approvals.is_declined("b") {}
}

#[test]
fn the_kill_switch_shows_in_what_waits_and_in_what_comes_of_a_yes() {
    let (state, approvals) = opened();
    let mut cancellation = asking("b", 1_000);
    cancellation.heeds_kill_switch = false;
    let held = [asking("a", 1_000), cancellation].map(|it| approvals.hold(it).unwrap());
    KillSwitch::open(state.path())
        .unwrap()
        .kill("drill")
        .unwrap();
    let of = |held: &Held| {
        let waiting = approvals.waiting().unwrap();
        waiting.into_iter().find(|it| it.id == held.id()).unwrap()
    };
    let refused = of(&held[0]);
    assert_eq!(
        refused.policy,
        "the kill switch is on (drill): it will be refused"
    );
    assert_eq!(of(&held[1]).policy, "nothing is capped");
    let decided = approvals.decide(&refused.id, Decision::Approve).unwrap();
    let outlook = decided.outlook(Decision::Approve);
    assert_eq!(outlook, format!("approved, but {}", refused.policy));
}

#[test]
fn who_decides_makes_no_folder_and_no_token() {
    let state = tempfile::tempdir().unwrap();
    let typo = state.path().join("typo");
    let refused = Approvals::find(&typo).unwrap_err();
    assert!(matches!(refused, ApprovalError::NeverServed { .. }));
    assert!(!typo.exists());
    let approvals = Approvals::open(state.path()).unwrap();
    let held = approvals.hold(asking("a", 1_000)).unwrap();
    let found = Approvals::find(state.path()).unwrap();
    fs::remove_file(found.token_file()).unwrap();
    let refused = found.decide(held.id(), Decision::Approve).unwrap_err();
    assert!(refused.to_string().contains("it is missing"), "{refused}");
    Approvals::find(state.path()).unwrap_err();
    assert!(!found.token_file().exists());
}

#[test]
fn a_decision_counts_for_what_was_shown_and_from_who_has_the_token_alone() {
    let (state, approvals) = opened();
    let held = approvals.hold(asking("a", 1_000)).unwrap();
    let file = state.path().join(FOLDER).join(call_file(held.id()));
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, whole.replace("price: 20", "price: 2")).unwrap();
    approvals.decide(held.id(), Decision::Approve).unwrap();
    assert_eq!(held.decision(), None, "another text was shown");
    fs::write(&file, whole).unwrap();
    approvals.decide(held.id(), Decision::Approve).unwrap();
    assert_eq!(held.decision(), Some(Decision::Approve));
    fs::remove_file(approvals.token_file()).unwrap();
    Approvals::open(state.path()).unwrap();
    assert_eq!(held.decision(), None, "made with another token");
    for wrong in ["", "approve"] {
        assert!(!approvals.is_token(wrong).unwrap());
    }
}

#[test]
fn who_is_dropped_waits_no_more_and_what_is_old_is_removed() {
    let (state, approvals) = opened();
    drop(approvals.hold(asking("a", 1_000)).unwrap());
    assert_eq!(approvals.waiting().unwrap(), []);
    let mut short = asking("a", 0);
    short.lifetime = Duration::ZERO;
    let held = approvals.hold(short).unwrap();
    let id = held.id().to_owned();
    held.leave();
    assert_eq!(approvals.waiting().unwrap(), []);
    let late = approvals.decide(&id, Decision::Approve).unwrap_err();
    assert!(matches!(late, ApprovalError::NotWaiting { .. }));
    let file = state.path().join(FOLDER).join(call_file(&id));
    let old = SystemTime::now() - Duration::from_secs(3_600);
    fs::File::open(&file).unwrap().set_modified(old).unwrap();
    approvals.waiting().unwrap();
    assert!(!file.exists());
}

#[test]
fn more_calls_than_a_person_can_judge_do_not_wait() {
    let (_state, approvals) = opened();
    let held: Vec<_> = (0..16)
        .map(|_| approvals.hold(asking("a", 1_000)).unwrap())
        .collect();
    let more = approvals.hold(asking("b", 1_000)).unwrap_err();
    assert!(matches!(more, ApprovalError::TooMany { max: 16 }));
    drop(held);
}

#[test]
fn ids_are_no_paths() {
    let (_state, approvals) = opened();
    for id in [
        "",
        "..",
        "../approve",
        "0123456789abcde/",
        "0123456789ABCDEF",
    ] {
        let refused = approvals.decide(id, Decision::Approve).unwrap_err();
        assert!(matches!(refused, ApprovalError::NotWaiting { .. }), "{id}");
    }
}

/// Counts what is logged.
struct Logged(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Logged {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_use_is_said_once_not_to_count() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_state, approvals) = opened();
    let held = approvals.hold(asking("a", 1_000)).unwrap();
    let file = approvals.folder.path().join(call_file(held.id()));
    let count = Arc::new(AtomicUsize::new(0));
    let logged = Registry::default().with(Logged(Arc::clone(&count)));
    tracing::subscriber::with_default(logged, || {
        assert_eq!(held.decision(), None);
        assert_eq!(count.load(Ordering::Relaxed), 0);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        for _ in 0..2 {
            assert_eq!(held.decision(), None);
            assert_eq!(approvals.waiting().unwrap(), []);
        }
    });
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[cfg(unix)]
#[test]
fn files_are_for_this_user_alone_and_links_and_open_folders_are_refused() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let (state, approvals) = opened();
    let held = approvals.hold(asking("a", 1_000)).unwrap();
    let folder = state.path().join(FOLDER);
    let file = folder.join(call_file(held.id()));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    assert_eq!(mode(approvals.token_file()), 0o600);
    // A link is not followed, and a file that others may write is not read.
    symlink(&file, folder.join("0123456789abcdef.json")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o602)).unwrap();
    assert_eq!(approvals.waiting().unwrap(), []);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let refused = Approvals::open(state.path()).unwrap_err().to_string();
    assert!(refused.contains("other users may use it"), "{refused}");
    let other = tempfile::tempdir().unwrap();
    symlink(&folder, other.path().join(FOLDER)).unwrap();
    let refused = Approvals::open(other.path()).unwrap_err().to_string();
    assert!(refused.contains("it is a link"), "{refused}");
}
