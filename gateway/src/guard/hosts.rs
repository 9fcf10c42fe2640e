//! The values of `Host` and `Origin` that a port accepts.

use std::net::SocketAddr;

use axum::extract::Request;
use axum::http::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use axum::http::{HeaderMap, Uri};

use crate::error::GatewayError;
use crate::problem::{self, Problem};

/// How much of a refused name is repeated, in characters.
const SHOWN_CHARS_MAX: usize = 80;
const HTTP_PORT: u16 = 80;

/// Hosts and origins in lower case, with their ports.
#[derive(Debug)]
pub(super) struct AllowedHosts {
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl AllowedHosts {
    pub(super) fn new(address: SocketAddr, hosts: &[String], origins: &[String]) -> Self {
        let own = own_hosts(address);
        let further: Vec<_> = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        let own_origins = own.iter().map(|host| format!("http://{host}"));
        let further_origins = further
            .iter()
            .flat_map(|host| [format!("http://{host}"), format!("https://{host}")]);
        let listed = origins.iter().map(|origin| origin.to_ascii_lowercase());
        Self {
            origins: own_origins.chain(further_origins).chain(listed).collect(),
            hosts: own.into_iter().chain(further).collect(),
        }
    }

    pub(super) fn check(&self, request: &Request) -> Result<(), Problem> {
        let host = single(request.headers(), &HOST).map_err(|()| host_problem("given twice"))?;
        let host = host.ok_or_else(|| host_problem("missing"))?;
        let authority = request
            .uri()
            .authority()
            .map(|authority| authority.as_str());
        for name in std::iter::once(host).chain(authority) {
            if !contains(&self.hosts, name) {
                return Err(host_problem(&format!("{:?}", shown(name))));
            }
        }
        match single(request.headers(), &ORIGIN) {
            Ok(None) => Ok(()),
            Ok(Some(origin)) if contains(&self.origins, origin) => Ok(()),
            Ok(Some(origin)) => Err(origin_problem(&format!("{:?}", shown(origin)))),
            Err(()) => Err(origin_problem("given twice")),
        }
    }
}

/// The loopback names, and the address itself unless it is unspecified. Web clients leave out port 80.
fn own_hosts(address: SocketAddr) -> Vec<String> {
    let port = address.port();
    let loopback = ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}"));
    let mut hosts = loopback.to_vec();
    if !address.ip().is_unspecified() {
        hosts.push(address.to_string());
    }
    if port == HTTP_PORT {
        let short: Vec<_> = hosts
            .iter()
            .filter_map(|host| host.strip_suffix(":80").map(str::to_owned))
            .collect();
        hosts.extend(short);
    }
    hosts
}

/// Origins as browsers send them: scheme, host and port.
pub(super) fn origins(listed: &[String]) -> Result<Vec<HeaderValue>, GatewayError> {
    let header = |origin: &String| {
        let uri: Option<Uri> = origin.parse().ok();
        let is_origin = uri.is_some_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.authority().is_some()
                && !origin.trim_end().ends_with('/')
                && uri.path() == "/"
                && uri.query().is_none()
        });
        let value = HeaderValue::from_str(&origin.to_ascii_lowercase()).ok();
        value
            .filter(|_| is_origin)
            .ok_or_else(|| GatewayError::Setting {
                setting: format!("origin {origin:?}"),
                problem: "it is not the origin of a web page",
                fix: "write scheme, host and port, such as https://desk.example",
            })
    };
    listed.iter().map(header).collect()
}

fn contains(list: &[String], name: &str) -> bool {
    list.iter().any(|listed| listed.eq_ignore_ascii_case(name))
}

/// The only value of a header.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        // A value that is not text matches nothing.
        (Some(value), None) => Ok(Some(value.to_str().unwrap_or("(no text)"))),
        _ => Err(()),
    }
}

fn host_problem(what: &str) -> Problem {
    Problem::new(problem::HOST, format!("the Host header is {what}"))
        .fix("call the gateway by the address of its ready line, or let its operator add the name to its hosts")
}

fn origin_problem(what: &str) -> Problem {
    Problem::new(problem::ORIGIN, format!("the Origin header is {what}"))
        .fix("call from a program, or let the operator of the gateway add the page to its origins")
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).collect()
}
