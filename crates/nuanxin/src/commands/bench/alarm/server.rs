//! 「被杀的服务」 `nuanxin serve` as a process of its own, killed without a word and started
//! again on the same port. It is there again once it has acknowledged a heartbeat.

use super::super::broken;
use crate::commands::devices::World;
use crate::ending::Failure;
use crate::options::Place;
use app::order::{Heard, Signal};
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

/// How often a heartbeat is tried until the house is there.
const TRIES: u32 = 240;
/// Between the last presses and the kill: in the midst of their being written.
const UNDER_WAY: [u64; 5] = [0, 3, 9, 27, 81];

/// When it was killed, started again and there again.
#[derive(Clone, Copy)]
pub(super) struct Kill {
    pub(super) killed: Instant,
    pub(super) started: Instant,
    pub(super) ready: Instant,
}

/// The process.
pub(super) struct Server {
    words: Vec<String>,
    log: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
    kills: Vec<Kill>,
    coming: Option<JoinHandle<Result<Kill, Failure>>>,
    beats: u64,
}

impl Server {
    /// On a port that is free now.
    pub(super) fn new(place: &Place, folder: &Path, lines: PathBuf) -> Result<Server, Failure> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let words = [
            "serve".to_owned(),
            format!("--db={}", place.db),
            format!("--pack={}", place.pack.display()),
            format!("--keys={}", place.keys.display()),
            format!("--listen={address}"),
            format!("--partners={}", lines.display()),
        ];
        Ok(Server {
            words: words.to_vec(),
            log: folder.join("server.log"),
            address,
            child: None,
            kills: Vec::new(),
            coming: None,
            beats: 0,
        })
    }

    pub(super) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts it and waits until it is there.
    pub(super) async fn start(&mut self, world: &World) -> Result<Duration, Failure> {
        let begun = Instant::now();
        self.spawn()?;
        self.beats += 1;
        there(world, self.beats).await?;
        Ok(begun.elapsed())
    }

    fn spawn(&mut self) -> Result<(), Failure> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let child = Command::new(std::env::current_exe()?)
            .args(&self.words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    /// Kills it and starts it at once; whoever presses meanwhile is not waited for. A
    /// second kill waits until it has come back from the first.
    pub(super) async fn kill_and_start(&mut self, world: &World) -> Result<(), Failure> {
        self.come_back().await?;
        let pause = UNDER_WAY[self.kills.len() % UNDER_WAY.len()];
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let mut child = self.child.take().ok_or_else(|| broken("a server"))?;
        if let Some(ended) = child.try_wait()? {
            return Err(broken(format!(
                "服务自己停了：{ended}，见 {}",
                self.log.display()
            )));
        }
        let killed = Instant::now();
        child.kill().await?;
        let started = Instant::now();
        self.spawn()?;
        self.beats += 1;
        let (world, beat) = (world.clone(), self.beats);
        self.coming = Some(tokio::spawn(async move {
            there(&world, beat).await?;
            Ok(Kill {
                killed,
                started,
                ready: Instant::now(),
            })
        }));
        Ok(())
    }

    async fn come_back(&mut self) -> Result<(), Failure> {
        if let Some(coming) = self.coming.take() {
            self.kills.push(coming.await.map_err(broken)??);
        }
        Ok(())
    }

    /// Ends it; gives all kills.
    pub(super) async fn end(&mut self) -> Result<Vec<Kill>, Failure> {
        self.come_back().await?;
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(std::mem::take(&mut self.kills))
    }
}

/// A heartbeat acknowledged: it serves.
async fn there(world: &World, beat: u64) -> Result<(), Failure> {
    let signal = Signal {
        device: "bench-0".to_owned(),
        seq: u64::MAX - beat,
        says: Heard::Heartbeat,
    };
    world.tell(&signal, TRIES).await.map(drop)
}
