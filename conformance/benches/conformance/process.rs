//! Each reader in a process of its own, so that its memory is its own.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::readers;

/// The argument that makes this program a reader.
pub(crate) const MEASURE: &str = "measure-a-reader";
const RUNS: usize = 5;
/// How long a run takes at least, in seconds: the system counts processor time in hundredths.
const RUN_S: f64 = 0.5;

/// The best of some runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) clock_s: f64,
    /// By the clock where the system does not tell.
    pub(crate) cpu_s: f64,
    pub(crate) memory_kib: Option<u64>,
}

/// Starts this program as a reader.
pub(crate) fn run(reader: &str, threads: usize, file: &Path) -> Measured {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([MEASURE, reader, &threads.to_string()])
        .arg(file)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{reader}: {message}");
    let mut words = text.split_whitespace();
    let mut number = || words.next().and_then(|word| word.parse::<f64>().ok());
    Measured {
        clock_s: number().unwrap(),
        cpu_s: number().unwrap(),
        memory_kib: number().map(|kib| kib as u64),
    }
}

/// What the started program does: reader, threads, file.
pub(crate) fn measure(arguments: &[String]) {
    let (reader, file) = (&arguments[0], &arguments[2]);
    let threads = arguments[1].parse().unwrap();
    let began = Instant::now();
    readers::read(reader, threads, file);
    let turns = (RUN_S / began.elapsed().as_secs_f64())
        .ceil()
        .clamp(1.0, 200.0);
    let (mut clock_s, mut cpu_s) = (f64::MAX, f64::MAX);
    for _ in 0..RUNS {
        let (began, used) = (Instant::now(), cpu_ns());
        for _ in 0..turns as usize {
            readers::read(reader, threads, file);
        }
        let clock = began.elapsed().as_secs_f64() / turns;
        let cpu = used.and_then(|used| Some((cpu_ns()? - used) as f64 / 1e9 / turns));
        clock_s = clock_s.min(clock);
        cpu_s = cpu_s.min(cpu.filter(|cpu| *cpu > 0.0).unwrap_or(clock));
    }
    println!(
        "{clock_s} {cpu_s} {}",
        memory_kib().map_or(String::new(), |it| it.to_string())
    );
}

fn memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// User and system time of all threads, those that have ended included: hundredths of a second.
fn cpu_ns() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let times = fields.split(' ').skip(11).take(2);
    let ticks = times.map(str::parse::<u64>).sum::<Result<u64, _>>().ok()?;
    Some(ticks * 10_000_000)
}
