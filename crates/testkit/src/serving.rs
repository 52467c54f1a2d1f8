//! 「开门」 How every simulator opens and closes its door: bound first, so that an
//! occupied port is an error and not a surprise; `listening on ADDR` on standard
//! output; gone after finishing what it was doing, or two seconds later.

use axum::Router;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a closing server waits for requests under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// A server that is open.
pub struct Serving {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<()>>,
}

impl Serving {
    /// Opens at `address` (`127.0.0.1:0`: any free port).
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn open(router: Router, address: &str) -> io::Result<Serving> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = async {
            drop(stopped.await);
        };
        let task = tokio::spawn(async move {
            axum::serve(listener, router)
                .with_graceful_shutdown(ended)
                .await
        });
        Ok(Serving {
            address,
            stop: Some(stop),
            task,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://ADDR`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Closes: no new requests, those under way get a moment.
    pub async fn close(mut self) {
        drop(self.stop.take());
        if tokio::time::timeout(PATIENCE, &mut self.task)
            .await
            .is_err()
        {
            self.task.abort();
        }
    }

    /// Says where it listens and stays open until Ctrl-C or SIGTERM.
    ///
    /// # Errors
    /// When signals cannot be heard, or the server broke.
    pub async fn until_told(mut self) -> io::Result<()> {
        use std::io::Write as _;
        let mut out = io::stdout();
        writeln!(out, "listening on {}", self.address)?;
        out.flush()?;
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            heard = tokio::signal::ctrl_c() => heard?,
            _ = terminate.recv() => {}
            ended = &mut self.task => return ended.map_err(io::Error::other)?,
        }
        self.close().await;
        Ok(())
    }
}
