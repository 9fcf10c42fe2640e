//! Accepting connections, and a graceful shutdown.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use hyper::Request;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{sleep, timeout};

use crate::caller::Protocol;
use crate::connections::Connection;
use crate::shared::Shared;

/// How long to wait after a connection could not be accepted, usually for lack of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);
/// Most bytes of a request's head.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// Serves until the gateway stops, then lets requests in flight finish.
pub(crate) async fn serve(
    listener: TcpListener,
    protocol: Protocol,
    routes: Router,
    shared: Arc<Shared>,
) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = shared.stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (routes, watcher) = (routes.clone(), graceful.watcher());
                let serving = connection(stream, protocol, routes, Arc::clone(&shared), watcher);
                connections.spawn(serving);
                // A request that is there already is read before more connections are accepted.
                yield_now().await;
            }
            Err(error) => not_accepted(&shared, &error).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    if timeout(shared.limits.drain_max, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests were still in flight when the time to finish them was over");
    }
}

async fn not_accepted(shared: &Shared, error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | Interrupted
    ) {
        return;
    }
    tracing::warn!(%error, "a connection could not be accepted, so silent ones are closed");
    shared.connections.handles_ran_out();
    sleep(ACCEPT_PAUSE).await;
}

async fn connection(
    stream: TcpStream,
    protocol: Protocol,
    routes: Router,
    shared: Arc<Shared>,
    watcher: Watcher,
) {
    // Without it small responses wait for an acknowledgement (Nagle's algorithm).
    let _ = stream.set_nodelay(true);
    let _open = shared.metrics.connection_opened(protocol);
    let connection = shared.connections.open();
    let service = TowerToHyperService::new(routes);
    let serve = |request| respond(service.clone(), Arc::clone(&connection), request);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(shared.limits.head_timeout)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service_fn(serve));
    tokio::select! {
        served = watcher.watch(served) => {
            if let Err(error) = served {
                tracing::debug!(%error, "a connection was closed early");
            }
        }
        () = connection.has_to_close() => shared.metrics.connection_closed(protocol),
    }
}

/// The size of a request's head. The reader takes a little more than the limit where that comes in one piece.
fn head_bytes(request: &Request<Incoming>) -> usize {
    const SEPARATORS: usize = ": \r\n".len();
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + SEPARATORS);
    let query = request.uri().query().map_or(0, str::len);
    headers.sum::<usize>() + request.uri().path().len() + query
}

async fn respond(
    service: TowerToHyperService<Router>,
    connection: Arc<Connection>,
    mut request: Request<Incoming>,
) -> Result<Response, Infallible> {
    if head_bytes(&request) > HEAD_BYTES_MAX {
        return Ok(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response());
    }
    connection.begins();
    request.extensions_mut().insert(Arc::clone(&connection));
    let response = service.call(request).await?;
    // A stream of events has no length, and goes on for as long as the connection.
    if response.body().size_hint().exact().is_some() {
        connection.falls_silent();
    }
    Ok(response)
}
