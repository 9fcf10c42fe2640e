//! A proxy in front of one exchange: clients of any language point their base URL at it, and what passes is recorded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::serve::ListenerExt as _;
use bpx_client::OPERATIONS;
use bpx_runtime::reqwest::{self, Url};
use bpx_runtime::{Answer, Bytes, Connection, Error as Failed, Options, Tap, Tapped};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Error;

/// The longest body of a request.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Requests under way at the exchange; more wait.
const UNDER_WAY_MAX: usize = 64;
/// Longer than clients wait, so that it is they who give up.
const TIMEOUT: Duration = Duration::from_secs(120);

/// How long connections may take to end, once nothing is under way: one that never asked anything would not end by itself.
const DRAIN_MAX: Duration = Duration::from_secs(2);
const HTTP_PORT: u16 = 80;

/// Headers of a connection and not of what it carries, besides those that `Connection` names. `Expect` is met here.
const OF_THE_CONNECTION: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::EXPECT,
];

/// A proxy in front of one exchange, whose tap sees what passes.
///
/// Method, path, query, body and headers go on as they came, so that signatures stay valid; of the headers, those of the
/// connection and `Host` are the proxy's own, and the exchange is asked not to compress. A request that cannot go on
/// unchanged is refused. Answers come back as they are, redirects included. Nothing is sent twice.
///
/// It listens on this computer only, takes no other name for itself than this computer's, answers no web page, and
/// reaches the one exchange alone. Of operations that the contract does not know, the tap sees neither queries nor bodies:
/// nobody knows what secrets they hold.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use bpx_conformance::{Forward, Masking, Recorder};
///
/// let folder = tempfile::tempdir()?;
/// let (recorder, recording) = Recorder::start(&folder.path().join("day.ndjson"), Masking::Keep)?;
/// let forward = Forward::start("127.0.0.1:0".parse()?, "https://api.backpack.exchange", recorder).await?;
/// println!("use http://{} as base URL", forward.address());
/// forward.shutdown().await;
/// assert_eq!(recording.finish()?.recorded, 0);
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Debug)]
pub struct Forward {
    address: SocketAddr,
    stop: CancellationToken,
    under_way: TaskTracker,
    server: JoinHandle<std::io::Result<()>>,
}

impl Forward {
    /// Begins to listen, and to forward to the exchange at `base_url`.
    ///
    /// # Errors
    /// A base URL that is none of an exchange, or plain http to another computer; an address that other computers reach
    /// or that cannot be listened at.
    pub async fn start(
        listen: SocketAddr,
        base_url: &str,
        tap: Arc<dyn Tap>,
    ) -> Result<Self, Error> {
        if !listen.ip().is_loopback() {
            return Err(Error::NotLoopback(listen));
        }
        let options = Options::default()
            .with_timeout(TIMEOUT)
            .with_tap(Arc::new(Discreet(tap)));
        let connection = Connection::public(base_url, options)?;
        let failed = |source| Error::Listen {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, under_way) = (CancellationToken::new(), TaskTracker::new());
        let exchange = Arc::new(Exchange {
            connection,
            names: names(address),
            turns: Semaphore::new(UNDER_WAY_MAX),
            under_way: under_way.clone(),
        });
        let routes = Router::new().fallback(passed).with_state(exchange);
        // Without it small answers wait for the other side's acknowledgement.
        let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
        let stopped = stop.clone().cancelled_owned();
        let serving = axum::serve(listener, routes).with_graceful_shutdown(stopped);
        Ok(Self {
            address,
            stop,
            under_way,
            server: tokio::spawn(serving.into_future()),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no further request, and lets those under way finish.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        self.under_way.close();
        self.under_way.wait().await;
        if timeout(DRAIN_MAX, &mut self.server).await.is_err() {
            self.server.abort();
        }
        // A request may have come in whole while the others finished.
        self.under_way.wait().await;
    }
}

/// The names under which a client on this computer calls this address. Clients leave out a port of 80.
fn names(address: SocketAddr) -> Vec<String> {
    let port = address.port();
    let mut names = vec![address.to_string(), format!("localhost:{port}")];
    if port == HTTP_PORT {
        names.extend([address.ip().to_string(), "localhost".to_owned()]);
    }
    names
}

/// Keeps from the tap what may hold secrets that nobody knows of.
#[derive(Debug)]
struct Discreet(Arc<dyn Tap>);

impl Tap for Discreet {
    fn saw(&self, mut exchange: Tapped) {
        if exchange.operation.is_empty() {
            exchange.query = None;
            exchange.request_body = Bytes::new();
            exchange.response_body = Bytes::new();
        }
        self.0.saw(exchange);
    }
}

/// Why a request does not go on: status, and "problem; fix".
type Refusal = (StatusCode, String);

fn refusal(status: StatusCode, text: &str) -> Refusal {
    (status, format!("{text}\n"))
}

/// The one exchange.
#[derive(Debug)]
struct Exchange {
    connection: Connection,
    names: Vec<String>,
    turns: Semaphore,
    under_way: TaskTracker,
}

async fn passed(State(exchange): State<Arc<Exchange>>, request: Request) -> Response {
    match exchange.pass(request).await {
        Ok(answer) => answered(answer),
        Err(refusal) => refusal.into_response(),
    }
}

impl Exchange {
    async fn pass(self: Arc<Self>, request: Request) -> Result<Answer, Refusal> {
        self.check(&request)?;
        let operation = operation(request.method(), request.uri().path());
        let outgoing = self.outgoing(request).await?;
        // A task of its own: what was sent is recorded, though its client goes away.
        let under_way = self.under_way.clone();
        let passing = under_way.spawn(async move {
            let _turn = self.turns.acquire().await;
            self.connection.pass_on(outgoing, operation).await
        });
        match passing.await {
            Ok(answer) => answer.map_err(|error| of_failure(&error)),
            Err(_) => Err(refusal(
                StatusCode::BAD_GATEWAY,
                "forwarding ended before its time; look what became of the request before sending it again",
            )),
        }
    }

    /// It is no general proxy, and nothing for web pages.
    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let headers = request.headers();
        if request.uri().authority().is_some() {
            return Err(refusal(
                StatusCode::BAD_REQUEST,
                "this forwards to one exchange alone; use it as base URL, not as proxy",
            ));
        }
        if headers.contains_key(header::ORIGIN) {
            return Err(refusal(
                StatusCode::FORBIDDEN,
                "web pages are not served; call from a program on this computer",
            ));
        }
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let is_own = |host: &str| {
            let mut names = self.names.iter();
            names.any(|name| name.eq_ignore_ascii_case(host))
        };
        if !host.is_some_and(is_own) {
            return Err(refusal(
                StatusCode::MISDIRECTED_REQUEST,
                "this is not the host that the request names; use the address that is listened at as base URL",
            ));
        }
        Ok(())
    }

    /// The same request, to the exchange.
    async fn outgoing(&self, request: Request) -> Result<reqwest::Request, Refusal> {
        let (parts, body) = request.into_parts();
        let url = self.url(&parts.uri).ok_or_else(|| {
            refusal(
                StatusCode::BAD_REQUEST,
                "the URL cannot go on as it is, and would be signed otherwise; encode it with percent signs",
            )
        })?;
        let body = to_bytes(body, REQUEST_BYTES_MAX).await.map_err(|_| {
            refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is longer than 16 MiB, or broke off; send less at once",
            )
        })?;
        let mut headers = of_the_message(parts.headers);
        headers.remove(header::HOST);
        headers.remove(header::CONTENT_LENGTH);
        let plain = HeaderValue::from_static("identity");
        headers.insert(header::ACCEPT_ENCODING, plain);
        let mut outgoing = reqwest::Request::new(parts.method, url);
        *outgoing.headers_mut() = headers;
        if !body.is_empty() {
            *outgoing.body_mut() = Some(body.into());
        }
        Ok(outgoing)
    }

    /// Path and query below the base URL, if a URL holds them as they are.
    fn url(&self, uri: &Uri) -> Option<Url> {
        let asked = uri.path_and_query()?.as_str();
        let text = [self.connection.base_url(), asked].concat();
        Url::parse(&text).ok().filter(|url| url.as_str() == text)
    }
}

/// The operation's id; empty where the contract knows none.
fn operation(method: &Method, path: &str) -> &'static str {
    let mut rows = OPERATIONS.iter();
    let row = rows.find(|row| row.method == method.as_str() && row.path == path);
    row.map_or("", |row| row.id)
}

/// Headers without those of the connection they came over.
fn of_the_message(mut headers: HeaderMap) -> HeaderMap {
    let named: Vec<_> = headers
        .get_all(header::CONNECTION)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    for name in OF_THE_CONNECTION.into_iter().chain(named) {
        headers.remove(name);
    }
    headers
}

fn answered(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = of_the_message(answer.headers);
    response
}

/// What a client is told of an answer that did not come.
fn of_failure(error: &Failed) -> Refusal {
    let status = match error {
        Failed::Transport { source, .. } if source.is_timeout() => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    };
    refusal(status, &error.to_string())
}
