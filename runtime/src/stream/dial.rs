//! How a connection is made: TCP, TLS, the WebSocket handshake (RFC 6455, 4.1).

use std::sync::Arc;

use reqwest::Url;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::Error as SocketError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::options::StreamOptions;
use crate::text::bounded;

/// Plain or encrypted bytes.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

pub(super) type Socket = WebSocketStream<Box<dyn Bytes>>;

/// Where to connect to.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) url: Url,
    pub(super) tls: Arc<ClientConfig>,
}

impl Target {
    /// Connects.
    ///
    /// # Errors
    /// What failed; bounded, without anything the server says.
    pub(super) async fn connect(&self, options: &StreamOptions) -> Result<Socket, String> {
        match timeout(options.connect_timeout, self.dial(options)).await {
            Ok(connected) => connected,
            Err(_) => Err(format!(
                "no connection within {} ms",
                options.connect_timeout.as_millis()
            )),
        }
    }

    async fn dial(&self, options: &StreamOptions) -> Result<Socket, String> {
        let host = self.url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = self.url.port_or_known_default().unwrap_or_default();
        let failed = |error: std::io::Error| bounded(&error.to_string());
        let tcp = TcpStream::connect((host, port)).await.map_err(failed)?;
        tcp.set_nodelay(true).map_err(failed)?;
        let bytes: Box<dyn Bytes> = if self.url.scheme() == "wss" {
            let name = ServerName::try_from(host.to_owned())
                .map_err(|error| bounded(&error.to_string()))?;
            let tls = TlsConnector::from(Arc::clone(&self.tls));
            Box::new(tls.connect(name, tcp).await.map_err(failed)?)
        } else {
            Box::new(tcp)
        };
        let request = self.url.as_str().into_client_request();
        let request = request.map_err(|error| reason(&error))?;
        let limits = WebSocketConfig::default()
            .max_message_size(Some(options.message_bytes_max))
            .max_frame_size(Some(options.message_bytes_max));
        match client_async_with_config(request, bytes, Some(limits)).await {
            Ok((socket, _)) => Ok(socket),
            Err(error) => Err(reason(&error)),
        }
    }
}

/// What went wrong with a socket, without a body of the server.
pub(super) fn reason(error: &SocketError) -> String {
    match error {
        SocketError::Http(response) => {
            format!(
                "the server answers the handshake with {}",
                response.status()
            )
        }
        error => bounded(&error.to_string()),
    }
}
