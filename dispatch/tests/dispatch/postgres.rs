//! Two gateways, each with a state folder of its own, on one PostgreSQL journal.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bpx_dispatch::{Dispatch, Outcome, Settled};
use bpx_sandbox::Fault;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;

use crate::idempotency::{assert_one, second};
use crate::support::{Bench, bounds, make, open_orders, place, refuse, rules};

/// A server on a free port of this computer, for one test.
struct Postgres {
    server: Child,
    port: u16,
    data: TempDir,
    programs: PathBuf,
    owner: Owner,
}

const CONNECTIONS_MAX: usize = 40;

impl Postgres {
    /// Starts a server; none, with a message, where PostgreSQL is not installed.
    #[allow(clippy::print_stderr, reason = "what is skipped says so")]
    fn start() -> Option<Self> {
        let Some(folder) = programs() else {
            eprintln!("skipped: PostgreSQL (initdb, postgres) is not installed");
            return None;
        };
        let data = TempDir::new().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let path = data.path().join("data");
        let owner = owner(data.path());
        let initdb = owner
            .command(&folder.join("initdb"))
            .arg("-D")
            .arg(&path)
            .args(["-U", "bpx", "-A", "trust", "--no-sync"])
            .output()
            .unwrap();
        assert!(
            initdb.status.success(),
            "{}",
            String::from_utf8_lossy(&initdb.stderr)
        );
        let server = serve(&owner, &folder, data.path(), port);
        let postgres = Self {
            server,
            port,
            data,
            programs: folder,
            owner,
        };
        postgres.wait();
        Some(postgres)
    }

    /// As a crash ends it.
    fn kill(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    async fn start_again(&mut self) {
        let (folder, data) = (&self.programs, self.data.path());
        let end = Instant::now() + Duration::from_secs(60);
        self.server = serve(&self.owner, folder, data, self.port);
        // A server that recovers listens before it serves.
        while PgConnection::connect(&self.url()).await.is_err() {
            assert!(Instant::now() < end, "the server does not start again");
            // What a crash leaves keeps the next one from starting until the last of its processes has ended.
            if self.server.try_wait().unwrap().is_some() {
                self.server = serve(&self.owner, folder, data, self.port);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.unwrap()
    }

    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < end, "the server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn url(&self) -> String {
        format!(
            "postgres://bpx@127.0.0.1:{}/postgres?sslmode=disable",
            self.port
        )
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn serve(owner: &Owner, programs: &Path, data: &Path, port: u16) -> Child {
    let mut server = owner.command(&programs.join("postgres"));
    server.arg("-D").arg(data.join("data"));
    server.args(["-c", "listen_addresses=127.0.0.1", "-p", &port.to_string()]);
    server.args(["-c", &format!("max_connections={CONNECTIONS_MAX}")]);
    server.arg("-k").arg(data);
    let server = server.stdout(Stdio::null()).stderr(Stdio::null());
    server.spawn().unwrap()
}

/// The folder of the server's programs: on the path, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let folders = debian
        .map(|version| version.path().join("bin"))
        .chain(std::env::split_paths(&path));
    let mut folders =
        folders.filter(|folder| folder.join("initdb").exists() && folder.join("postgres").exists());
    folders.next()
}

/// As whom the server runs: it refuses to run as root.
enum Owner {
    Me,
    Another(&'static str),
}

impl Owner {
    fn command(&self, program: &Path) -> Command {
        match self {
            Self::Me => Command::new(program),
            Self::Another(user) => {
                let mut command = Command::new("setpriv");
                command
                    .args(["--reuid", user, "--regid", user, "--clear-groups"])
                    .arg(program);
                command
            }
        }
    }
}

fn owner(folder: &Path) -> Owner {
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout.starts_with(b"0\n"));
    if !is_root {
        return Owner::Me;
    }
    let postgres = Command::new("id").args(["-u", "postgres"]).output();
    let user = if postgres.is_ok_and(|id| id.status.success()) {
        "postgres"
    } else {
        "65534"
    };
    let given = Command::new("chown").arg(user).arg(folder).status();
    assert!(given.is_ok_and(|status| status.success()));
    Owner::Another(user)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_on_one_postgresql_journal_given_one_key_at_one_moment_send_once() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    for _ in 0..5 {
        let bench = Bench::new().await;
        let states = [TempDir::new().unwrap(), TempDir::new().unwrap()];
        let first = second(&bench, states[0].path(), &postgres.url()).await;
        let other = second(&bench, states[1].path(), &postgres.url()).await;
        bench
            .sandbox
            .arm(Fault::DelayAfter { delay_ms: 50 }.on("execute_order"))
            .unwrap();
        let calls = (0..6).map(|index| {
            let dispatch = if index % 2 == 0 {
                first.clone()
            } else {
                other.clone()
            };
            tokio::spawn(
                async move { make(&dispatch, place("20").with_idempotency_key("k")).await },
            )
        });
        let tasks: Vec<_> = calls.collect();
        let mut settled: Vec<Settled> = Vec::new();
        for task in tasks {
            settled.push(task.await.unwrap());
        }
        assert_one(&bench, &settled);
        first.close().await;
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_another_state_folder_is_known_until_it_is_reported() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let bench = Bench::new().await;
    let states = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let first = second(&bench, states[0].path(), &postgres.url()).await;
    let other = second(&bench, states[1].path(), &postgres.url()).await;
    let unnamed = || place("20").until_reported();
    let made = make(&first, unnamed()).await;
    let intent = made.intent.unwrap();
    assert!(make(&other, unnamed()).await.replayed);
    assert!(other.outcome_of(&intent).await.unwrap().is_some());
    other.reported(&intent).await.unwrap();
    assert!(!make(&first, unnamed()).await.replayed);
    assert!(!make(&other, unnamed().anew()).await.replayed);
    assert_eq!(bench.arrived("POST", "/api/v1/order"), 3);
    first.close().await;
    other.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gateways_that_open_at_once_share_numbers_and_the_caps_of_the_day() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let bench = Bench::new().await;
    let states = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let open = |state: &TempDir| {
        let policy =
            bpx_dispatch::Policy::parse("trading = true\n[day]\norders_max = 20", "policy.toml")
                .unwrap();
        let settings = bpx_venue::settings(bench.sandbox.base_url(), bench.signer(), state.path());
        Dispatch::open(
            settings
                .allow_trading(true)
                .with_bounds(bounds())
                .with_policy(policy)
                .with_journal(postgres.url()),
        )
    };
    let (first, other) = tokio::join!(open(&states[0]), open(&states[1]));
    let (first, other) = (first.unwrap(), other.unwrap());
    let calls = (0..20).map(|index| {
        let dispatch = if index % 2 == 0 {
            first.clone()
        } else {
            other.clone()
        };
        tokio::spawn(async move { make(&dispatch, place("20")).await })
    });
    let tasks: Vec<_> = calls.collect();
    let mut numbers = std::collections::BTreeSet::new();
    for task in tasks {
        let settled = task.await.unwrap();
        assert!(matches!(settled.outcome, Outcome::Done(_)), "{settled:?}");
        numbers.extend(settled.client_ids);
    }
    assert_eq!(numbers.len(), 20);
    assert_eq!(open_orders(&first).await.len(), 20);
    assert_eq!(
        rules(&refuse(&other, place("20")).await),
        ["policy.day_orders"]
    );
    let status = first.status().await;
    assert_eq!(status.journal_failure, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_slow_or_full_stops_orders_and_heals() {
    let Some(mut postgres) = Postgres::start() else {
        return;
    };
    let bench = Bench::new().await;
    let state = TempDir::new().unwrap();
    let dispatch = second(&bench, state.path(), &postgres.url()).await;
    let failure = async || dispatch.status().await.journal_failure;
    let placed = || bench.arrived("POST", "/api/v1/order");
    make(&dispatch, place("20").with_idempotency_key("k")).await;

    postgres.kill();
    assert!(failure().await.is_some());
    assert_eq!(refuse(&dispatch, place("20")).await.code(), "JOURNAL");
    open_orders(&dispatch).await;
    postgres.start_again().await;
    assert_eq!(failure().await, None);
    assert!(
        make(&dispatch, place("20").with_idempotency_key("k"))
            .await
            .replayed
    );
    make(&dispatch, place("20")).await;

    let mut slow = postgres.connect().await;
    let lock = "BEGIN; LOCK TABLE intent, probe IN ACCESS EXCLUSIVE MODE";
    slow.execute(lock).await.unwrap();
    assert!(failure().await.unwrap().contains("did not respond"));
    let refused = refuse(&dispatch, place("20")).await;
    assert!(refused.to_string().contains("did not respond"), "{refused}");
    slow.close().await.unwrap();
    assert_eq!(failure().await, None);
    make(&dispatch, place("20")).await;
    assert_eq!(placed(), 3);

    // The connections of the pool that idle are lost; others have taken their room.
    postgres.connect().await.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'bpx'"
    ).await.unwrap();
    let mut others = Vec::new();
    while let Ok(other) = PgConnection::connect(&postgres.url()).await {
        others.push(other);
    }
    assert!(others.len() > CONNECTIONS_MAX / 2);
    assert!(failure().await.is_some());
    assert_eq!(refuse(&dispatch, place("20")).await.code(), "JOURNAL");
    for other in others {
        other.close().await.unwrap();
    }
    assert_eq!(failure().await, None);
    make(&dispatch, place("20")).await;
    assert_eq!(placed(), 4);
    dispatch.close().await;
}
