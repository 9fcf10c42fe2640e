//! The exchange as a process of its own: this program, started again.

use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use bpx_client::Key;
use bpx_sandbox::{RestingLiquidity, Sandbox, SandboxConfig, Side};

use crate::request::Account;

/// The argument that makes this program the exchange.
pub(crate) const SERVE: &str = "serve-the-exchange";
/// So many orders of the market maker wait at the touch, one for each match that is measured.
const MAKER_ORDERS: usize = 20_000;
/// As many orders as fit into a body of 64 KiB, with some room.
pub(crate) const BATCH_ORDERS: usize = 500;

/// Serves until standard input ends, that is until the benchmark does.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let sandbox = Sandbox::start(config()).await.unwrap();
        println!("{} {}", sandbox.base_url(), sandbox.api_secret());
        let end = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
        let _ = end.await;
        sandbox.shutdown().await;
    });
}

fn config() -> SandboxConfig {
    let ask = RestingLiquidity {
        symbol: crate::request::SYMBOL.to_owned(),
        side: Side::Ask,
        price: crate::request::TOUCH.parse().unwrap(),
        quantity: crate::request::QUANTITY.parse().unwrap(),
    };
    let mut config = SandboxConfig {
        liquidity: vec![ask; MAKER_ORDERS],
        ..SandboxConfig::bare()
    };
    config.venue.batch_orders_max = BATCH_ORDERS;
    config
}

/// A running exchange. It ends with this value.
pub(crate) struct Exchange {
    child: Child,
    pub(crate) account: Account,
}

impl Exchange {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        let (url, secret) = ready.trim().split_once(' ').unwrap();
        let address = url.strip_prefix("http://").unwrap().to_owned();
        let key = Key::from_base64(secret).unwrap();
        let account = Account { address, key };
        Self { child, account }
    }

    /// The processor time it has used so far, with that of this process, in seconds, where the system tells it.
    pub(crate) fn cpu_seconds(&self) -> Option<f64> {
        let own = std::process::id();
        Some(cpu_seconds(self.child.id())? + cpu_seconds(own)?)
    }

    /// The peak of its resident memory, in KiB, where the system tells it.
    pub(crate) fn memory_kib_max(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// User and system time: the twelfth and thirteenth field after the name, in hundredths of a second.
fn cpu_seconds(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let times = fields.split(' ').skip(11).take(2);
    let ticks = times.map(str::parse::<u32>).sum::<Result<u32, _>>().ok()?;
    Some(f64::from(ticks) / 100.0)
}
