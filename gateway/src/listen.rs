//! Connections: limited in number, with a limit on how long a request's head may take, and a graceful shutdown.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::shared::Shared;

/// How long to wait after a connection could not be accepted, usually for lack of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Most bytes of a request's head.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// Serves until the gateway stops, then lets requests in flight finish.
pub(crate) async fn serve(listener: TcpListener, routes: Router, shared: Arc<Shared>) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let permits = Arc::new(Semaphore::new(shared.limits.connections_max));
    loop {
        let accepted = tokio::select! {
            biased;
            () = shared.stop.cancelled() => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        if let Some((stream, permit)) = accepted {
            let head_timeout = shared.limits.head_timeout;
            let serving = connection(stream, routes.clone(), head_timeout, graceful.watcher());
            connections.spawn(async move {
                serving.await;
                drop(permit);
            });
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

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Without it small responses wait for an acknowledgement (Nagle's algorithm).
            let _ = stream.set_nodelay(true);
            Some((stream, permit))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn connection(stream: TcpStream, routes: Router, head_timeout: Duration, watcher: Watcher) {
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%error, "a connection was closed early");
    }
}
