//! Ctrl-C and SIGTERM: the first asks the run to end cleanly, the second ends the process at once.

use tokio::sync::watch;

use crate::exit::Exit;

/// Tells when the user wants the run to end.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens from now on, in the tokio runtime that it is called in. Where the system does not let us, a signal ends
    /// the process as it does by default.
    pub fn listen() -> Self {
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            if signal().await {
                // Nobody listens any more when the run is over already.
                let _ = sender.send(true);
                if signal().await {
                    std::process::exit(Exit::Interrupted.code().into());
                }
            }
            // Kept alive so that `requested` waits for ever where no signal can come.
            sender.closed().await;
        });
        Self(receiver)
    }

    /// Waits for the signal, perhaps for ever.
    pub async fn requested(&mut self) {
        if self.0.wait_for(|requested| *requested).await.is_err() {
            std::future::pending().await
        }
    }
}

/// Waits for a signal; false if none can be listened for.
#[cfg(unix)]
async fn signal() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return false };
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.is_ok(),
        received = terminate.recv() => received.is_some(),
    }
}

/// Waits for a signal; false if none can be listened for.
#[cfg(not(unix))]
async fn signal() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
