//! Many connections for a while, and many calls one after the other.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::process::House;
use crate::table::{Table, grouped};

const HOLD: Duration = Duration::from_secs(60);
const ORDERS: Duration = Duration::from_secs(10);
const READERS: usize = 56;
const TRADERS: usize = 8;
const CALLS_TO_WARM_UP: usize = 20_000;
const CALLS: usize = 100_000;
/// Calls with this many connections fill the memory that connections take before it is looked at.
const CONNECTIONS: usize = 16;

/// 64 connections for 60 seconds; any answer but 200 ends the benchmark.
pub(crate) fn hold(house: &House, table: &mut Table) {
    let (reads, orders) = thread::scope(|scope| {
        let reads = scope.spawn(|| read(house));
        let orders = scope.spawn(|| trade(house));
        (reads.join().unwrap(), orders.join().unwrap())
    });
    let seconds = HOLD.as_secs_f64();
    let connections = READERS + TRADERS;
    // Each answer is looked at when it comes.
    println!(
        "{} calls over {connections} connections, 0 errors: the first would have ended this",
        reads + orders
    );
    table.figure(
        format!("{connections} connections for {seconds} s: reads, each answered with 200"),
        reads as f64 / seconds,
        "/s",
    );
    table.figure(
        "at the same time: orders placed and cancelled, each with 200",
        orders as f64 / seconds,
        "/s",
    );
}

fn read(house: &House) -> usize {
    let request = house.open_orders();
    rounds(house, READERS, |_, _| request.clone())
}

fn trade(house: &House) -> usize {
    rounds(house, TRADERS, |connection, round| {
        let pair = u32::try_from(round / 2 * TRADERS + connection).unwrap();
        match round % 2 {
            0 => house.place(pair + 1),
            _ => house.cancel(pair + 1),
        }
    })
}

/// Writes to every connection, then reads from every connection, until the time is over and an even number of rounds is.
fn rounds(house: &House, count: usize, request: impl Fn(usize, usize) -> Vec<u8>) -> usize {
    let mut connections: Vec<_> = (0..count).map(|_| Connection::open(&house.rest)).collect();
    let started = Instant::now();
    let mut round = 0;
    while started.elapsed() < HOLD || round % 2 == 1 {
        for (index, connection) in connections.iter_mut().enumerate() {
            connection.send(&request(index, round));
        }
        for connection in &mut connections {
            connection.answer();
        }
        round += 1;
    }
    round * count
}

/// Orders over one connection, and over many at once: what these share is the journal's commits.
pub(crate) fn orders(house: &House, table: &mut Table) {
    let order = house.ioc();
    let rate = |connections: usize| {
        let started = Instant::now();
        let answered = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..connections {
                scope.spawn(|| {
                    let mut connection = Connection::open(&house.rest);
                    while started.elapsed() < ORDERS {
                        connection.exchange(&order);
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        answered.into_inner() as f64 / started.elapsed().as_secs_f64()
    };
    for connections in [1, 8, 64] {
        let name = format!("orders over REST, {connections} at a time, each with 200");
        table.figure(name, rate(connections), "/s");
    }
}

/// Memory of the gateway before and after 100,000 calls, each tenth of which changes something.
pub(crate) fn memory(house: &House, table: &mut Table) {
    const NAME: &str = "memory of the gateway over 100,000 calls";
    calls(house, CALLS_TO_WARM_UP, 1 << 24);
    let before = house.memory_kib();
    calls(house, CALLS, 1 << 25);
    match before.zip(house.memory_kib()) {
        Some((before, after)) => {
            let mib = [before, after].map(|kib| kib as f64 / 1024.0);
            println!(
                "{} MiB before, {} MiB after",
                grouped(mib[0]),
                grouped(mib[1])
            );
            table.growth_at_most(NAME, mib, 1.1, "MiB");
        }
        None => table.unknown(NAME, "this system has no /proc"),
    }
}

fn calls(house: &House, count: usize, first_id: u32) {
    let mut connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| Connection::open(&house.rest))
        .collect();
    let read = house.open_orders();
    for round in 0..count / CONNECTIONS {
        for (index, connection) in connections.iter_mut().enumerate() {
            let id = first_id + u32::try_from(round / 20 * CONNECTIONS + index).unwrap();
            match round % 20 {
                0 => connection.send(&house.place(id)),
                1 => connection.send(&house.cancel(id)),
                _ => connection.send(&read),
            }
        }
        for connection in &mut connections {
            connection.answer();
        }
    }
}
