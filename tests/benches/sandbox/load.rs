//! How many signed requests a second the exchange answers, beside how many signatures the same cores verify.

use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

use crate::connection::Connection;
use crate::process::Exchange;
use crate::request::{Account, Request, order};
use crate::table::{Table, median};

const ROUNDS: usize = 5;
const CONNECTIONS_PER_CORE: usize = 32;
/// Half of them place an order, half cancel it.
const REQUESTS_PER_CONNECTION: usize = 640;
/// How many requests a pipelining connection has under way.
const DEPTH: usize = 16;

/// What one connection sends.
type Script = Vec<Request>;

/// What happened so often in so long.
struct Phase {
    count: usize,
    seconds: f64,
    cpu_seconds: Option<f64>,
}

impl Phase {
    fn rate(&self) -> f64 {
        self.count as f64 / self.seconds
    }

    /// Processor time for each, in microseconds, the sender's included. Other work on the machine does not lengthen it.
    fn cpu_micros(&self) -> Option<f64> {
        Some(self.cpu_seconds? * 1e6 / self.count as f64)
    }
}

pub(crate) fn measure(cores: usize, table: &mut Table) {
    let exchange = Exchange::start();
    let key = public_key(&exchange.account);
    let mut client_ids = 0_u32..;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        // One after the other in every round, so that a busy machine is busy for all three.
        let scripts = sign(&exchange.account, cores, &mut client_ids);
        let alone = verify(&exchange, &key, &scripts);
        let plain = send(&exchange, scripts, 1);
        let scripts = sign(&exchange.account, cores, &mut client_ids);
        rounds.push([alone, plain, send(&exchange, scripts, DEPTH)]);
    }
    let connections = cores * CONNECTIONS_PER_CORE;
    let names = [
        "signatures verified, nothing else".to_owned(),
        format!("orders placed and cancelled, {connections} connections"),
        format!("the same, {DEPTH} requests pipelined on each connection"),
    ];
    for (index, name) in names.into_iter().enumerate() {
        let figures = rounds.iter().map(|round| round[index].rate());
        table.figure(name, median(figures), "/s");
    }
    for (index, name) in [(1, "requests per verification"), (2, "the same, pipelined")] {
        let ratios = rounds
            .iter()
            .map(|round| round[index].rate() / round[0].rate());
        table.at_least(name, median(ratios), 0.5, "x");
    }
    processor_time(&rounds, table);
    idle(&rounds, cores);
}

/// The ratio once more, in processor time.
fn processor_time(rounds: &[[Phase; 3]], table: &mut Table) {
    let name = "processor time of a verification in that of a request";
    let ratios: Option<Vec<_>> = rounds
        .iter()
        .map(|round| Some(round[0].cpu_micros()? / round[1].cpu_micros()?))
        .collect();
    match ratios {
        Some(ratios) => table.at_least(name, median(ratios), 0.5, "x"),
        None => table.unknown(name, "this system has no /proc"),
    }
}

/// Says so if the machine had other work: then the rates tell little, and the ratios of processor time tell more.
fn idle(rounds: &[[Phase; 3]], cores: usize) {
    let share = |phase: &Phase| Some(phase.cpu_seconds? / phase.seconds / cores as f64);
    let shares: Vec<_> = rounds.iter().filter_map(|round| share(&round[0])).collect();
    if !shares.is_empty() && median(shares.iter().copied()) < 0.9 {
        println!(
            "The machine has other work: verification alone got {:.0} % of its cores.",
            median(shares) * 100.0
        );
    }
}

/// Per core, the scripts of its connections: an order far from the touch, its cancellation, the next order.
fn sign(
    account: &Account,
    cores: usize,
    client_ids: &mut impl Iterator<Item = u32>,
) -> Vec<Vec<Script>> {
    let mut script = || -> Script {
        let ids: Vec<_> = client_ids.take(REQUESTS_PER_CONNECTION / 2).collect();
        ids.into_iter()
            .flat_map(|id| {
                let price = format!("{}.{:02}", 100 + id % 40, id % 100);
                let field = format!(r#""clientId":{id}"#);
                [
                    account.place(&order("Bid", &price, &format!(",{field}"))),
                    account.cancel(&field),
                ]
            })
            .collect()
    };
    (0..cores)
        .map(|_| (0..CONNECTIONS_PER_CORE).map(|_| script()).collect())
        .collect()
}

fn public_key(account: &Account) -> VerifyingKey {
    let bytes = STANDARD.decode(account.key.public_base64()).unwrap();
    VerifyingKey::from_bytes(&bytes.try_into().unwrap()).unwrap()
}

/// Verifications a second over the messages of these requests, a thread for each core.
fn verify(exchange: &Exchange, key: &VerifyingKey, scripts: &[Vec<Script>]) -> Phase {
    let decode = |request: &Request| {
        let bytes: [u8; 64] = STANDARD
            .decode(&request.signature)
            .unwrap()
            .try_into()
            .unwrap();
        (
            request.signing_string.clone(),
            Signature::from_bytes(&bytes),
        )
    };
    let work = scripts.iter().map(|core| {
        let signed: Vec<_> = core.iter().flatten().map(decode).collect();
        (signed.len(), move || {
            for (text, signature) in &signed {
                key.verify_strict(text.as_bytes(), signature).unwrap();
            }
        })
    });
    phase(exchange, work.collect())
}

/// Requests a second over kept-alive connections, of which each has `depth` requests under way at a time.
fn send(exchange: &Exchange, scripts: Vec<Vec<Script>>, depth: usize) -> Phase {
    let work = scripts.into_iter().map(|core| {
        let count = core.iter().map(Vec::len).sum();
        let mut connections: Vec<_> = core
            .into_iter()
            .map(|script| {
                (
                    Connection::open(&exchange.account.address),
                    bundles(&script, depth),
                )
            })
            .collect();
        (count, move || run(&mut connections, depth))
    });
    phase(exchange, work.collect())
}

/// What is written at once: the bytes of `depth` requests.
fn bundles(script: &[Request], depth: usize) -> Vec<Vec<u8>> {
    script
        .chunks(depth)
        .map(|chunk| {
            chunk
                .iter()
                .flat_map(|request| request.bytes.clone())
                .collect()
        })
        .collect()
}

/// Writes to every connection, then reads from every connection, and again: no waiting on one while another is idle.
fn run(connections: &mut [(Connection, Vec<Vec<u8>>)], depth: usize) {
    for turn in 0..REQUESTS_PER_CONNECTION / depth {
        for (connection, bundles) in connections.iter_mut() {
            connection.send(&bundles[turn]);
        }
        for (connection, _) in connections.iter_mut() {
            for _ in 0..depth {
                connection.answer();
            }
        }
    }
}

/// Does all work at the same time, a thread each, and measures from the first start to the last end.
fn phase(exchange: &Exchange, work: Vec<(usize, impl FnOnce() + Send)>) -> Phase {
    let count = work.iter().map(|(count, _)| count).sum();
    let cpu = exchange.cpu_seconds();
    let start = &Barrier::new(work.len() + 1);
    let started = thread::scope(|scope| {
        for (_, work) in work {
            scope.spawn(move || {
                start.wait();
                work();
            });
        }
        start.wait();
        Instant::now()
    });
    let seconds = started.elapsed().as_secs_f64();
    let cpu_seconds = exchange
        .cpu_seconds()
        .zip(cpu)
        .map(|(end, start)| end - start);
    Phase {
        count,
        seconds,
        cpu_seconds,
    }
}
