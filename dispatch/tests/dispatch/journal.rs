//! A journal whose file, disk or folder fails: nothing is sent, the failure is reported, and it heals without a restart.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bpx_dispatch::{Dispatch, Refused};
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tempfile::TempDir;

use crate::support::{Bench, bounds, done, make, open_orders, place, refuse};

const POST: (&str, &str) = ("POST", "/api/v1/order");

async fn failure(dispatch: &Dispatch) -> Option<String> {
    dispatch.status().await.journal_failure
}

/// An order is refused for the journal's sake and never leaves; reads go on.
async fn assert_nothing_is_sent(bench: &Bench, dispatch: &Dispatch) -> Refused {
    let before = bench.arrived(POST.0, POST.1);
    let refused = refuse(dispatch, place("20")).await;
    assert_eq!(refused.code(), "JOURNAL", "{refused}");
    assert_eq!(bench.arrived(POST.0, POST.1), before);
    open_orders(dispatch).await;
    refused
}

async fn assert_trades(dispatch: &Dispatch) {
    assert_eq!(failure(dispatch).await, None);
    done(&make(dispatch, place("20")).await);
}

#[tokio::test]
async fn a_journal_that_another_process_locks_fails_its_probe_and_heals() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let url = format!("sqlite://{}", bench.journal().display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    assert!(failure(&dispatch).await.is_some());
    let refused = assert_nothing_is_sent(&bench, &dispatch).await;
    assert!(refused.to_string().contains("locked"), "{refused}");
    other.execute("ROLLBACK").await.unwrap();
    assert_trades(&dispatch).await;
}

#[tokio::test]
async fn the_kill_switch_stops_an_order_that_waits_for_the_journal() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    let url = format!("sqlite://{}", bench.journal().display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let waiting = tokio::spawn({
        let dispatch = dispatch.clone();
        async move { dispatch.call(place("20").with_idempotency_key("k")).await }
    });
    while dispatch.status().await.in_flight == 0 {}
    dispatch.kill("drill").unwrap();
    other.execute("ROLLBACK").await.unwrap();
    let refused = waiting.await.unwrap().unwrap_err();
    assert_eq!(refused.code(), "KILL_SWITCH");
    dispatch.revive().unwrap();
    let again = make(&dispatch, place("20").with_idempotency_key("k")).await;
    assert_eq!((again.replayed, again.outcome.kind()), (true, "not_sent"));
    assert_eq!(bench.arrived(POST.0, POST.1), 0);
}

#[tokio::test]
async fn an_outcome_that_could_not_be_written_is_found_when_the_call_is_repeated() {
    let bench = Bench::new().await;
    let mut impatient = bounds();
    impatient.in_flight_wait_max = Duration::from_millis(20);
    let settings = bench.settings().with_bounds(impatient);
    let dispatch = Dispatch::open(settings).await.unwrap();
    let url = format!("sqlite://{}", bench.journal().display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    let away = "ALTER TABLE outcome RENAME TO away";
    other.execute(away).await.unwrap();
    let keyed = || place("20").with_idempotency_key("k");
    let first = make(&dispatch, keyed()).await;
    assert_eq!(first.notes.last().unwrap().rule, "journal.outcome");
    let back = "ALTER TABLE away RENAME TO outcome";
    other.execute(back).await.unwrap();
    let again = make(&dispatch, keyed()).await;
    assert!(again.replayed);
    assert_eq!(done(&again).order_ids, done(&first).order_ids);
    assert_eq!(bench.arrived(POST.0, POST.1), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_journal_file_that_is_not_the_one_that_was_opened_stops_orders_until_it_is_back() {
    let bench = Bench::new().await;
    let dispatch = bench.open().await;
    assert_trades(&dispatch).await;
    for end in ["", "-wal", "-shm"] {
        let path = PathBuf::from(format!("{}{end}", bench.journal().display()));
        let away = bench.state.path().join("away");
        fs::rename(&path, &away).unwrap();
        let refused = assert_nothing_is_sent(&bench, &dispatch).await;
        let text = refused.to_string();
        assert!(text.contains(&*path.to_string_lossy()), "{text}");
        assert!(text.contains("put the file back"), "{text}");
        fs::copy(&away, &path).unwrap();
        assert_nothing_is_sent(&bench, &dispatch).await;
        assert!(failure(&dispatch).await.is_some());
        fs::rename(&away, &path).unwrap();
        assert_trades(&dispatch).await;
    }
}

/// A disk of its own; none, with a message, where this user may not mount one.
struct Disk(TempDir);

impl Disk {
    #[allow(clippy::print_stderr, reason = "what is skipped says so")]
    fn mount(size: &str) -> Option<Self> {
        let disk = Self(TempDir::new().unwrap());
        if disk.run("mount", &["-t", "tmpfs", "-o", size, "tmpfs"]) {
            return Some(disk);
        }
        eprintln!("skipped: a tmpfs cannot be mounted");
        None
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        assert!(self.run("mount", &["-o", &options]));
    }

    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = Command::new(program);
        let output = command.args(arguments).arg(self.0.path()).output();
        output.is_ok_and(|output| output.status.success())
    }

    async fn open(&self, bench: &Bench) -> Dispatch {
        let url = format!("sqlite://{}/j?mode=rwc", self.0.path().display());
        let settings = bench.settings().with_journal(url);
        Dispatch::open(settings).await.unwrap()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.run("umount", &["-l"]);
    }
}

#[tokio::test]
async fn a_full_disk_fails_the_probe_before_it_fails_orders_and_heals_with_room() {
    let Some(disk) = Disk::mount("size=1m") else {
        return;
    };
    let bench = Bench::new().await;
    let dispatch = disk.open(&bench).await;
    let mut placed = 0;
    while failure(&dispatch).await.is_none() {
        done(&make(&dispatch, place("20")).await);
        placed += 1;
        assert!(placed < 10_000);
    }
    while dispatch.call(place("20")).await.is_ok() {}
    assert!(failure(&dispatch).await.is_some());
    assert_nothing_is_sent(&bench, &dispatch).await;
    disk.remount("size=16m");
    assert_trades(&dispatch).await;
}

#[tokio::test]
async fn a_disk_that_turned_read_only_fails_the_probe_and_heals() {
    let Some(disk) = Disk::mount("size=16m") else {
        return;
    };
    let bench = Bench::new().await;
    // The log stays open for writing, which keeps its disk from turning read-only.
    disk.open(&bench).await.close().await;
    disk.remount("ro");
    let url = format!("sqlite://{}/j", disk.0.path().display());
    let refused = Dispatch::open(bench.settings().with_journal(url)).await;
    assert_eq!(refused.unwrap_err().code(), "JOURNAL");
    disk.remount("rw");
    assert_trades(&disk.open(&bench).await).await;
}

/// A copy of the state as a process that was killed leaves it: the last connection to close would empty the log.
async fn left_by_a_kill(bench: &Bench) -> TempDir {
    let dispatch = bench.open().await;
    for number in 0..10 {
        let order = place("20").with_idempotency_key(format!("k{number}"));
        done(&make(&dispatch, order).await);
    }
    let copy = TempDir::new().unwrap();
    for name in ["journal.sqlite", "journal.sqlite-wal"] {
        fs::copy(bench.state.path().join(name), copy.path().join(name)).unwrap();
    }
    dispatch.close().await;
    copy
}

async fn intents(journal: &Path) -> Vec<String> {
    let url = format!("sqlite://{}", journal.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let keys = sqlx::query_scalar("SELECT idempotency_key FROM intent ORDER BY id");
    keys.fetch_all(&mut connection).await.unwrap()
}

#[tokio::test]
async fn a_log_that_was_cut_loses_only_its_end() {
    let bench = Bench::new().await;
    let whole = left_by_a_kill(&bench).await;
    let log = fs::read(whole.path().join("journal.sqlite-wal")).unwrap();
    let mut seen = Vec::new();
    for tenth in 0..=10 {
        let cut = TempDir::new().unwrap();
        let journal = cut.path().join("journal.sqlite");
        fs::copy(whole.path().join("journal.sqlite"), &journal).unwrap();
        let rest = &log[..log.len() * tenth / 10];
        fs::write(cut.path().join("journal.sqlite-wal"), rest).unwrap();
        let url = format!("sqlite://{}", journal.display());
        let settings = bench.settings().with_journal(url);
        let dispatch = Dispatch::open(settings).await.unwrap();
        let found = dispatch.recovered().await;
        assert!(found.iter().all(|it| it.outcome.is_final()), "{found:?}");
        let keys = intents(&journal).await;
        let expected: Vec<_> = (0..keys.len()).map(|number| format!("k{number}")).collect();
        assert_eq!(keys, expected);
        seen.push(keys.len());
        dispatch.close().await;
    }
    assert_eq!((seen[0], seen[10]), (0, 10), "{seen:?}");
    assert!(seen.is_sorted(), "{seen:?}");
}

#[tokio::test]
async fn a_damaged_journal_is_not_opened_or_refuses_orders() {
    let bench = Bench::new().await;
    let log = bench.journal().with_extension("sqlite-wal");
    bench.open().await.close().await;
    // The last connection to close takes the log away; until then it mends what is damaged.
    while log.exists() {
        bench.open().await.close().await;
    }
    let whole = fs::read(bench.journal()).unwrap();
    let mut no_header = whole.clone();
    no_header[..16].fill(b'x');
    let mut no_tables = whole.clone();
    no_tables[100..4096].fill(0xff);
    for damaged in [no_header, no_tables] {
        fs::write(bench.journal(), damaged).unwrap();
        let refused = Dispatch::open(bench.settings()).await.unwrap_err();
        assert_eq!(refused.code(), "JOURNAL", "{refused}");
    }
    let mut no_rows = whole;
    no_rows[8192..].fill(0xff);
    fs::write(bench.journal(), no_rows).unwrap();
    match Dispatch::open(bench.settings()).await {
        Ok(dispatch) => drop(assert_nothing_is_sent(&bench, &dispatch).await),
        Err(refused) => assert_eq!(refused.code(), "JOURNAL", "{refused}"),
    }
    assert_eq!(bench.arrived(POST.0, POST.1), 0);
}

#[cfg(unix)]
#[allow(clippy::print_stderr, reason = "what is skipped says so")]
#[tokio::test]
async fn a_link_of_another_user_in_the_state_folder_is_not_followed() {
    use std::os::unix::fs::{lchown, symlink};
    const NOBODY: u32 = 65_534;
    for name in ["journal.sqlite", "journal.sqlite-wal", "kill", "running"] {
        let bench = Bench::new().await;
        let precious = bench.state.path().join("precious");
        fs::write(&precious, "precious").unwrap();
        let link = bench.state.path().join(name);
        symlink(&precious, &link).unwrap();
        if lchown(&link, Some(NOBODY), None).is_err() {
            eprintln!("skipped: only root makes links of others");
            return;
        }
        let refused = Dispatch::open(bench.settings()).await.unwrap_err();
        assert_eq!(refused.code(), "STATE_FOLDER", "{refused}");
        assert!(refused.to_string().contains(name), "{refused}");
        assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
    }
}
