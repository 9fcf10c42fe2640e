//! MCP over standard input and output, for the one client that started this process.

use std::collections::HashSet;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;

use rmcp::model::{
    ClientNotification, ClientRequest, JsonRpcMessage, RequestId, ServerJsonRpcMessage,
};
use rmcp::service::{RoleServer, RxJsonRpcMessage, ServerInitializeError, ServiceExt as _};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::{Transport, stdio_pipes};
use tokio_util::sync::CancellationToken;

use super::server::{Client, Server};
use crate::accounts::claim;
use crate::caller::{Caller, Protocol, Scope};
use crate::error::GatewayError;
use crate::settings::GatewaySettings;
use crate::shared::{Common, Shared};

/// Serves MCP for the first account on standard input and output until the input ends or `stop` is ready. Calls in flight are then finished,
/// their responses written, and dispatch closed: each call that was sent gets its outcome in the journal.
///
/// The client needs no token: it may do what dispatch allows, and without trading it is shown the tools that read only. Its
/// calls stand in the journal under the same name as those over HTTP with the trade token. Of the settings, addresses,
/// hosts, origins and the limits of connections have no meaning here.
///
/// # Errors
/// [`GatewayError::Random`], [`GatewayError::OtherAccount`], or [`GatewayError::Client`] if the client does not begin as the protocol demands.
pub async fn serve_stdio(
    settings: GatewaySettings,
    stop: impl Future<Output = ()>,
) -> Result<(), GatewayError> {
    let accounts = settings.accounts.clone();
    let served = serve(settings, stop).await;
    for account in accounts {
        account.dispatch.close().await;
    }
    served
}

async fn serve(
    mut settings: GatewaySettings,
    stop: impl Future<Output = ()>,
) -> Result<(), GatewayError> {
    // The connection is the session: the client can be asked within it, whatever its protocol version.
    settings.mcp_settings.sessions = true;
    let ended = CancellationToken::new();
    let Some(account) = settings.accounts.first() else {
        return Err(GatewayError::NothingToServe);
    };
    let _claim = claim(account)?;
    let status = account.dispatch.status().await;
    let common = Common::new(&settings.limits, None, ended.clone());
    let shared = Arc::new(Shared::new(account, None, &settings, common)?);
    let client = Client {
        caller: Caller {
            protocol: Protocol::Mcp,
            scope: Scope::Trade,
        },
        listed: match status.trading_off {
            Some(_) => Scope::Read,
            None => Scope::Trade,
        },
    };
    let server = Server::new(shared, settings.mcp_settings)?.for_client(client);
    let (input, output) = stdio_pipes();
    let transport = Draining::new(AsyncRwTransport::new_server(input, output), ended.clone());
    let mut serving = pin!(converse(server.clone(), transport));
    let served = tokio::select! {
        served = &mut serving => served,
        () = stop => {
            ended.cancel();
            serving.await
        }
    };
    server.idle().await;
    served
}

async fn converse(
    server: Server,
    transport: impl Transport<RoleServer> + 'static,
) -> Result<(), GatewayError> {
    match server.serve(transport).await {
        Ok(running) => {
            // A task that panicked has nothing left to finish.
            let _ = running.waiting().await;
            Ok(())
        }
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(GatewayError::Client {
            problem: error.to_string(),
        }),
    }
}

/// A transport whose input ends only when every tool call that came in has its response: rmcp itself waits 5 s for
/// them, which is less than a call may take to settle.
struct Draining<T> {
    transport: T,
    /// Cancelled when no more input is read, from either side.
    ended: CancellationToken,
    calls: HashSet<RequestId>,
}

impl<T> Draining<T> {
    fn new(transport: T, ended: CancellationToken) -> Self {
        Self {
            transport,
            ended,
            calls: HashSet::new(),
        }
    }

    fn received(&mut self, message: &RxJsonRpcMessage<RoleServer>) {
        match message {
            JsonRpcMessage::Request(it) => {
                if matches!(it.request, ClientRequest::CallToolRequest(_)) {
                    self.calls.insert(it.id.clone());
                }
            }
            // A cancelled call gets no response.
            JsonRpcMessage::Notification(it) => {
                if let ClientNotification::CancelledNotification(cancelled) = &it.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.calls.remove(id);
                }
            }
            _ => {}
        }
    }

    fn sent(&mut self, message: &ServerJsonRpcMessage) {
        let id = match message {
            JsonRpcMessage::Response(it) => Some(&it.id),
            JsonRpcMessage::Error(it) => it.id.as_ref(),
            _ => None,
        };
        if let Some(id) = id {
            self.calls.remove(id);
        }
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Draining<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.sent(&message);
        self.transport.send(message)
    }

    /// The caller drops this future and asks again whenever it has sent something.
    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let message = tokio::select! {
            biased;
            () = self.ended.cancelled() => None,
            message = self.transport.receive() => message,
        };
        match message {
            Some(message) => {
                self.received(&message);
                return Some(message);
            }
            None => self.ended.cancel(),
        }
        match self.calls.is_empty() {
            true => None,
            false => pending().await,
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.transport.close().await
    }
}
