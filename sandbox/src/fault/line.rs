//! The connection a request came on, as far as a fault may end it.
//!
//! HTTP hides the socket from handlers. So the socket is wrapped, and a handle on the wrapper travels
//! with every request.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

// What is to become of a connection; 0 is nothing yet.
/// It is reset instead of being written to.
const RESET: u8 = 1;
/// It is closed after the next answer.
const LAST: u8 = 2;
/// That answer is being written.
const LAST_BEGUN: u8 = 3;
/// That answer is out.
const DONE: u8 = 4;

/// A handle on one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line(Arc<AtomicU8>);

impl Line {
    /// Resets the connection; the answer under way is not sent.
    pub(crate) fn reset(&self) {
        self.set(RESET);
    }

    /// Closes the connection once the answer under way is out.
    pub(crate) fn hang_up(&self) {
        self.set(LAST);
    }

    fn get(&self) -> u8 {
        self.0.load(Ordering::Acquire)
    }

    fn set(&self, state: u8) {
        self.0.store(state, Ordering::Release);
    }

    /// Goes from one state to the next; says whether it was in the one.
    fn advance(&self, from: u8, to: u8) -> bool {
        let state = &self.0;
        state
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }
}

/// Accepts connections whose end is in a fault's hand.
#[derive(Debug)]
pub(crate) struct LineListener(pub(crate) TcpListener);

impl Listener for LineListener {
    type Io = LineStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (LineStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::warn!(%error, "TCP_NODELAY not set; answers may be late");
        }
        let line = Line::default();
        (LineStream { stream, line }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, LineListener>> for Line {
    fn connect_info(stream: IncomingStream<'_, LineListener>) -> Self {
        stream.io().line.clone()
    }
}

#[derive(Debug)]
pub(crate) struct LineStream {
    stream: TcpStream,
    line: Line,
}

impl LineStream {
    /// Whether bytes may still go out. With no time to linger, closing the socket sends a reset.
    fn check(&self) -> io::Result<()> {
        if self.line.get() == RESET {
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        self.line.advance(LAST, LAST_BEGUN);
        Ok(())
    }
}

impl AsyncRead for LineStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.line.get() == DONE {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called when everything written so far is out, so here an answer ends.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.advance(LAST_BEGUN, DONE) {
            // Whoever waits for the next request reads again, and finds the end.
            context.waker().wake_by_ref();
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.get() == RESET {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
