//! The signal that the sandbox stops.

use tokio::sync::watch;

/// Tells a server, or a stream that would never end, that the sandbox stops.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<()>);

impl Stop {
    /// The sandbox stops when the sender is dropped.
    pub(crate) fn channel() -> (watch::Sender<()>, Self) {
        let (sender, stopped) = watch::channel(());
        (sender, Self(stopped))
    }

    /// Returns once the sandbox stops.
    pub(crate) async fn asked(mut self) {
        while self.0.changed().await.is_ok() {}
    }
}
