//! `bpx health`: whether a gateway is ready, for supervisors of containers, where there is no shell.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use clap::Args;

use crate::failure::Failure;
use crate::output::{self, plain};

/// A gateway waits 3 s for the exchange.
const TIMEOUT: Duration = Duration::from_secs(4);

const EXAMPLES: &str = "\
Examples:
  bpx health
  bpx health http://127.0.0.1:8081

It prints what /readyz reports, and needs neither a key nor a token.

Exit codes: 0 the gateway is ready, 1 it is not, or does not respond, 2 wrong usage.";

/// Ask a running gateway whether it is ready.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Health {
    /// Where its REST listens
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8080", value_parser = address)]
    url: SocketAddr,
}

fn address(url: &str) -> Result<SocketAddr, String> {
    let address = url.strip_prefix("http://").unwrap_or(url);
    let address = address.trim_end_matches('/').parse();
    address.map_err(|_| "write the gateway's address, such as http://127.0.0.1:8080".to_owned())
}

impl Health {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let response = ask(self.url).map_err(|error| {
            let fix = "give the address of the gateway's ready line, or start it";
            Failure::failed(format!("{}: {error}", self.url), fix)
        })?;
        let (head, body) = response.split_once("\r\n\r\n").unwrap_or_default();
        if head.starts_with("HTTP/1.1 200 ") {
            return Ok(output::text(&format!("{}\n", plain(body)))?);
        }
        let status = head.lines().next().unwrap_or("no response");
        Err(Failure::failed(
            format!("not ready: {} {}", plain(status), plain(body)),
            "its log and `bpx doctor` say why",
        ))
    }
}

/// The response to one request, without a client that would need certificates.
fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response)
}
