//! A proxy in front of one API: clients of any language take it for their base URL, and what passes is recorded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::serve::ListenerExt as _;
use bpx_contract::{Api, Document, Matcher};
use bpx_runtime::reqwest::{self, Url};
use bpx_runtime::{Answer, Bytes, Connection, Error as Failed, Options, Tap, Tapped};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{Error, split_url};

/// The longest body of a request.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Requests under way at the API; more wait.
const UNDER_WAY_MAX: usize = 64;
/// Longer than clients usually wait, so that they give up first.
const TIMEOUT: Duration = Duration::from_secs(120);

/// How long connections may take to end once no request is under way: an idle one would not end by itself.
const DRAIN_MAX: Duration = Duration::from_secs(2);
const HTTP_PORT: u16 = 80;

/// Headers of the connection and not of the message, besides those that `Connection` names. The proxy itself answers
/// `Expect`.
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

/// A proxy in front of one API, with a tap that sees what passes.
///
/// Method, path, query, body and headers are passed on unchanged, so that signatures stay valid. The proxy replaces the
/// headers of the connection and `Host`, and asks the API not to compress. It refuses a request that it cannot pass on
/// unchanged. Responses come back unchanged, redirects included. No request is sent twice.
///
/// It listens on this computer only, accepts no `Host` but its own, refuses requests of web pages, and reaches the one API
/// alone. The tap sees the values of no header that the contract's security schemes name, and neither query nor body of
/// requests that belong to no operation of the contract, since nobody knows which secrets they hold.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use bpx_contract::{Api, Document};
/// use bpx_recording::{Forward, Masking, Recorder};
///
/// let api = Api::from_document(Document::parse("pets.yaml", br#"
/// openapi: 3.0.3
/// info: {title: Pets, version: '1'}
/// paths: {/pets: {get: {operationId: listPets, responses: {'200': {description: All pets.}}}}}
/// "#)?)?;
/// let folder = tempfile::tempdir()?;
/// let (recorder, recording) = Recorder::start(&folder.path().join("day.ndjson"), Masking::Keep)?;
/// let forward = Forward::start("127.0.0.1:0".parse()?, "https://pets.example", &api, recorder).await?;
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
    /// Starts to listen, and to forward to the API at `base_url`, whose contract is `api`.
    ///
    /// # Errors
    /// A base URL that is not valid, or plain http to another computer; an address that other computers can reach or that
    /// cannot be listened at.
    pub async fn start(
        listen: SocketAddr,
        base_url: &str,
        api: &Api,
        tap: Arc<dyn Tap>,
    ) -> Result<Self, Error> {
        if !listen.ip().is_loopback() {
            return Err(Error::NotLoopback(listen));
        }
        let options = Options::default()
            .with_timeout(TIMEOUT)
            .with_tap(Arc::new(Discreet {
                operations: operations(api, base_url),
                tap,
            }));
        let connection = Connection::public(base_url, options)?;
        let failed = |source| Error::Listen {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, under_way) = (CancellationToken::new(), TaskTracker::new());
        let target = Arc::new(Target {
            connection,
            secrets: secret_headers(api.document()),
            names: names(address),
            turns: Semaphore::new(UNDER_WAY_MAX),
            under_way: under_way.clone(),
        });
        let routes = Router::new().fallback(passed).with_state(target);
        // Without it, small responses wait for the acknowledgement of the other side.
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

    /// The address it listens at.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts no further request, and lets those under way finish.
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

/// The values of `Host` that clients on this computer send. They leave out port 80.
fn names(address: SocketAddr) -> Vec<String> {
    let port = address.port();
    let mut names = vec![address.to_string(), format!("localhost:{port}")];
    if port == HTTP_PORT {
        names.extend([address.ip().to_string(), "localhost".to_owned()]);
    }
    names
}

/// Names the operation, and hides from the tap what may hold secrets that nobody knows of.
#[derive(Debug)]
struct Discreet {
    operations: Matcher,
    tap: Arc<dyn Tap>,
}

impl Tap for Discreet {
    fn saw(&self, mut seen: Tapped) {
        let operation = self.operations.find(seen.method.as_str(), &seen.path);
        seen.operation = operation.unwrap_or_default().to_owned().into();
        if operation.is_none() {
            seen.query = None;
            seen.request_body = Bytes::new();
            seen.response_body = Bytes::new();
        }
        self.tap.saw(seen);
    }
}

/// The operations of the API, below the path of the base URL.
fn operations(api: &Api, base_url: &str) -> Matcher {
    let mut operations = Matcher::new(api.model());
    operations.add_base(split_url(base_url).0);
    operations
}

/// The headers that the document's security schemes name.
fn secret_headers(document: &Document) -> Vec<HeaderName> {
    let schemes = document.value.pointer("/components/securitySchemes");
    let schemes = schemes.and_then(|schemes| schemes.as_object());
    let names = schemes.into_iter().flat_map(|schemes| schemes.values());
    names
        .filter(|scheme| scheme.get("in").is_some_and(|place| place == "header"))
        .filter_map(|scheme| HeaderName::try_from(scheme.get("name")?.as_str()?).ok())
        .collect()
}

/// Why a request is not passed on: status, and "problem; fix".
type Refusal = (StatusCode, String);

fn refusal(status: StatusCode, text: &str) -> Refusal {
    (status, format!("{text}\n"))
}

/// The one API that requests are passed on to.
#[derive(Debug)]
struct Target {
    connection: Connection,
    /// Request headers whose values the tap must not see.
    secrets: Vec<HeaderName>,
    names: Vec<String>,
    turns: Semaphore,
    under_way: TaskTracker,
}

async fn passed(State(target): State<Arc<Target>>, request: Request) -> Response {
    match target.pass(request).await {
        Ok(answer) => responded(answer),
        Err(refusal) => refusal.into_response(),
    }
}

impl Target {
    async fn pass(self: Arc<Self>, request: Request) -> Result<Answer, Refusal> {
        self.check(&request)?;
        let outgoing = self.outgoing(request).await?;
        // A task of its own: what was sent is recorded even if its client goes away.
        let under_way = self.under_way.clone();
        let passing = under_way.spawn(async move {
            let _turn = self.turns.acquire().await;
            self.connection.pass_on(outgoing, "forwarded request").await
        });
        match passing.await {
            Ok(answer) => answer.map_err(|error| of_failure(&error)),
            Err(_) => Err(refusal(
                StatusCode::BAD_GATEWAY,
                "forwarding broke off; find out what became of the request before sending it again",
            )),
        }
    }

    /// Refuses what is meant for a general proxy, for another host, or comes from a web page.
    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let headers = request.headers();
        if request.uri().authority().is_some() {
            return Err(refusal(
                StatusCode::BAD_REQUEST,
                "this forwards to one API alone; use it as base URL, not as proxy",
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
                "the request names another host; use the address of this proxy as base URL",
            ));
        }
        Ok(())
    }

    /// The same request, to the API.
    async fn outgoing(&self, request: Request) -> Result<reqwest::Request, Refusal> {
        let (parts, body) = request.into_parts();
        let url = self.url(&parts.uri).ok_or_else(|| {
            refusal(
                StatusCode::BAD_REQUEST,
                "the URL cannot be passed on unchanged, so a signature could break; encode it with percent signs",
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
        let secrets = headers.iter_mut();
        for (_, value) in secrets.filter(|(name, _)| self.secrets.contains(name)) {
            value.set_sensitive(true);
        }
        let mut outgoing = reqwest::Request::new(parts.method, url);
        *outgoing.headers_mut() = headers;
        if !body.is_empty() {
            *outgoing.body_mut() = Some(body.into());
        }
        Ok(outgoing)
    }

    /// Path and query below the base URL, if a URL keeps them unchanged.
    fn url(&self, uri: &Uri) -> Option<Url> {
        let asked = uri.path_and_query()?.as_str();
        let text = [self.connection.base_url(), asked].concat();
        Url::parse(&text).ok().filter(|url| url.as_str() == text)
    }
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

fn responded(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = of_the_message(answer.headers);
    response
}

/// The response to a client whose request got none.
fn of_failure(error: &Failed) -> Refusal {
    let status = match error {
        Failed::Transport { source, .. } if source.is_timeout() => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    };
    refusal(status, &error.to_string())
}
