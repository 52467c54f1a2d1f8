//! A process of many clients that acknowledges each act on its standard output,
//! and what became of the acts: what the tests of kills and power cuts share.
#![allow(dead_code, reason = "each test file uses its part")]

use kernel::{Actor, Instant, Now, Role};
use sqlx::{Connection as _, Row as _, SqliteConnection};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;
use store::audit::AuditEntry;
use store::testing::{AUDIT_KEY, sealing_keys};
use store::{Db, RequestKey, Settings, StoreError};

const CLIENTS: usize = 64;

pub(crate) fn now() -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000, 0).unwrap(),
    }
}

/// One act with all that a real one has: id, effect, key, audit, outbox.
pub(crate) async fn act(db: &Db, key: String) -> Result<i64, StoreError> {
    db.write(async move |tx| {
        let request = RequestKey::forever("test", &key, key.as_bytes());
        let reply = tx
            .idempotent(&request, now(), async |tx: &mut store::Tx| {
                let id = tx.next_id("act").await?;
                let actor = Actor {
                    account: "a".into(),
                    person: None,
                    role: Role::System,
                };
                let (action, purpose, subject) = ("test.act", "test", key.as_str());
                let entry = AuditEntry {
                    actor: &actor,
                    action,
                    purpose,
                    subject,
                    details: b"",
                };
                tx.audit(&entry, now()).await?;
                tx.publish("act", &key, &id, now(), now().at).await?;
                Ok::<_, StoreError>(id)
            })
            .await?;
        Ok(reply.value)
    })
    .await
}

/// Acts without end and says each that is done; an act that is refused is said too
/// and tried no more. Does nothing unless [`start`] started the process.
pub(crate) async fn act_until_killed() {
    let Ok(url) = std::env::var("STORE_TEST_URL") else {
        return;
    };
    let round = std::env::var("STORE_TEST_ROUND").unwrap();
    let db = match Db::open(&url, Settings::new(AUDIT_KEY, sealing_keys())).await {
        Ok(db) => db,
        Err(why) => {
            println!("refused to open: {why}");
            return;
        }
    };
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let (db, round) = (db.clone(), round.clone());
        clients.spawn(async move {
            for n in 0..2_000 {
                let key = format!("{round}/{client}/{n}");
                match act(&db, key.clone()).await {
                    Ok(_) => println!("ack {key}"),
                    Err(why) => {
                        println!("refused {key}: {why}");
                        return;
                    }
                }
            }
        });
    }
    clients.join_all().await;
}

/// A running process of clients.
pub(crate) struct Acting {
    child: Child,
    told: BufReader<ChildStdout>,
    lines: String,
}

impl Acting {
    /// Starts the test `child` of this very program, behind the words of `before`.
    pub(crate) fn start(before: &[&str], child: &str, url: &str, round: u64) -> Acting {
        let exe = std::env::current_exe().unwrap();
        let mut command = match before.split_first() {
            Some((program, words)) => {
                let mut command = Command::new(program);
                command.args(words).arg(exe);
                command
            }
            None => Command::new(exe),
        };
        let mut child = command
            .args(["--exact", child, "--nocapture"])
            .env("STORE_TEST_URL", url)
            .env("STORE_TEST_ROUND", round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let told = BufReader::new(child.stdout.take().unwrap());
        Acting {
            child,
            told,
            lines: String::new(),
        }
    }

    /// Lets it act until something was acknowledged, and then a little longer; or
    /// until everything was refused and it ended.
    pub(crate) fn act_for(&mut self, pause: Duration) {
        while !self.lines.contains("ack ") {
            if self.told.read_line(&mut self.lines).unwrap() == 0 {
                return;
            }
        }
        std::thread::sleep(pause);
    }

    /// The number of the process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Kills it; gives what it acknowledged.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.end().0
    }

    /// Waits for its end; gives what it acknowledged and what was refused.
    pub(crate) fn end(mut self) -> (Vec<String>, Vec<String>) {
        self.child.wait().unwrap();
        self.told.read_to_string(&mut self.lines).unwrap();
        let whole = self.lines.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let said = |word: &str| {
            let lines = whole.lines().filter_map(|line| line.strip_prefix(word));
            lines.map(str::to_owned).collect()
        };
        (said("ack "), said("refused "))
    }
}

/// The acts a database holds; an SQLite file is checked whole besides.
pub(crate) async fn keys(url: &str) -> Vec<String> {
    let sql = "SELECT key FROM outbox WHERE topic = 'act'";
    if url.starts_with("sqlite") {
        let mut conn = SqliteConnection::connect(url).await.unwrap();
        let check = sqlx::query("PRAGMA integrity_check")
            .fetch_one(&mut conn)
            .await
            .unwrap();
        assert_eq!(check.get::<String, _>(0), "ok");
        let rows = sqlx::query(sql).fetch_all(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    } else {
        let mut conn = sqlx::PgConnection::connect(url).await.unwrap();
        let rows = sqlx::query(sql).fetch_all(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// Nothing acknowledged is lost, nothing is there twice, the audit is whole.
pub(crate) async fn nothing_lost(url: &str, acknowledged: &[String]) {
    let db = Db::open(url, Settings::new(AUDIT_KEY, sealing_keys()))
        .await
        .unwrap();
    for key in acknowledged.iter().rev().take(5) {
        // The client never heard and sends again: nothing happens twice.
        act(&db, key.clone()).await.unwrap();
    }
    let report = store::audit::verify(&db, Vec::new(), |_, _| true)
        .await
        .unwrap();
    assert!(report.is_whole(), "{:?}", report.faults);
    db.close().await;
    let kept = keys(url).await;
    let unique: BTreeSet<&String> = kept.iter().collect();
    assert_eq!(unique.len(), kept.len(), "doubled");
    let lost: Vec<&String> = acknowledged
        .iter()
        .filter(|key| !unique.contains(key))
        .collect();
    assert!(
        lost.is_empty(),
        "{} of {} lost: {lost:?}",
        lost.len(),
        acknowledged.len()
    );
}
