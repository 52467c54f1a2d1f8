//! 「进程」 A scheduler and executors started as processes of this binary, and ended
//! with whoever started them.

use crate::options::Place;
use lake::{LakeError, Result};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a process may take to listen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Processes that end when this does.
pub(crate) struct Processes {
    /// Where plans are sent.
    pub(crate) scheduler: SocketAddr,
    children: Vec<Child>,
    work: std::path::PathBuf,
}

impl Drop for Processes {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = std::fs::remove_dir_all(&self.work);
    }
}

/// Starts them and waits until all listen.
pub(crate) async fn start(place: &Place, executors: u16) -> Result<Processes> {
    let (place, executors) = (place.clone(), executors);
    let started = tokio::task::spawn_blocking(move || started(&place, executors)).await;
    started.map_err(|why| LakeError::Broken(why.to_string()))?
}

fn started(place: &Place, executors: u16) -> Result<Processes> {
    let work = std::env::temp_dir().join(format!("nuanxin-lake-{}", std::process::id()));
    std::fs::create_dir_all(&work)?;
    let scheduler = free()?;
    let mut all = Processes {
        scheduler,
        children: Vec::new(),
        work: work.clone(),
    };
    let listen = scheduler.to_string();
    all.children
        .push(child(place, &["scheduler", "--listen", &listen])?);
    wait(scheduler)?;
    for number in 0..executors {
        let (results, calls) = (free()?, free()?);
        let folder = work.join(format!("executor-{number}"));
        std::fs::create_dir_all(&folder)?;
        let words = [
            "executor",
            "--listen",
            &results.to_string(),
            "--calls",
            &calls.port().to_string(),
            "--scheduler",
            &listen,
            "--work",
            &shown(&folder),
        ];
        all.children.push(child(place, &words)?);
        wait(results)?;
    }
    Ok(all)
}

fn child(place: &Place, words: &[&str]) -> Result<Child> {
    let itself = std::env::current_exe()?;
    let (kind, rest) = words.split_first().unwrap_or((&"", &[]));
    let made = Command::new(itself)
        .args([
            "cluster",
            kind,
            "--lake",
            &shown(&place.lake),
            "--pack",
            &shown(&place.pack),
        ])
        .args(rest)
        .stdin(Stdio::null())
        .spawn();
    Ok(made?)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// An address nobody listens on just now.
fn free() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

fn wait(at: SocketAddr) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if TcpStream::connect(at).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(LakeError::Broken(format!(
        "等了一分钟，{at} 还没有进程在听"
    )))
}
