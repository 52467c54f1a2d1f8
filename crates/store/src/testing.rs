//! 「试验台」 Runs a test on both databases, always: an SQLite file of its own and a
//! database of its own in a private PostgreSQL cluster, started from the
//! installed binaries once per test process and gone with it, however it ends.
//! Without PostgreSQL it says loudly what it skipped; with `CI=true` it fails.

use crate::{Db, Profile, SealingKey, SealingKeys, Settings};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use tempfile::TempDir;

/// The audit key of test databases.
pub const AUDIT_KEY: &[u8] = b"a key for tests, known to everybody";

/// The sealing keys of test databases.
pub fn sealing_keys() -> SealingKeys {
    let key = |no, profile, byte| SealingKey {
        no,
        profile,
        bytes: [byte; 32],
    };
    SealingKeys {
        fields: vec![key(1, Profile::Sm4Gcm, 1), key(2, Profile::Aes256Gcm, 2)],
        index: [3; 32],
    }
}

/// An empty database for one test: its address, and the file it may live in.
pub struct Place {
    /// For [`Db::open`].
    pub url: String,
    /// `sqlite` or `postgres`: for messages only.
    pub name: &'static str,
    _dir: Option<TempDir>,
}

impl Place {
    /// Opens it, migrated.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn open(&self) -> Db {
        let opened = Db::open(&self.url, Settings::new(AUDIT_KEY, sealing_keys())).await;
        match opened {
            Ok(db) => db,
            Err(error) => stop(&format!("cannot open {}: {error:?}", self.url)),
        }
    }
}

/// Runs `test` on an empty SQLite database, then on an empty PostgreSQL one.
///
/// # Panics
/// When a database cannot be had and `CI=true`.
pub async fn both<F: AsyncFn(Db)>(test: F) {
    for place in places() {
        eprintln!("-- on {}", place.name);
        let db = place.open().await;
        test(db.clone()).await;
        db.close().await;
    }
}

/// The empty databases of one test; `both` without the opening.
///
/// # Panics
/// When a database cannot be had and `CI=true`.
pub fn places() -> Vec<Place> {
    let mut places = vec![sqlite()];
    places.extend(postgres());
    places
}

/// A new SQLite file.
///
/// # Panics
/// When no temporary directory can be made.
pub fn sqlite() -> Place {
    match TempDir::new() {
        Ok(dir) => Place {
            url: format!("sqlite:{}", dir.path().join("store.db").display()),
            name: "sqlite",
            _dir: Some(dir),
        },
        Err(error) => stop(&format!("no temporary directory: {error}")),
    }
}

/// A new database in the process's cluster; `None` where there is no PostgreSQL.
///
/// # Panics
/// When there is none and `CI=true`, or it does not start.
pub fn postgres() -> Option<Place> {
    static CLUSTER: OnceLock<Option<Mutex<Cluster>>> = OnceLock::new();
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let cluster = CLUSTER.get_or_init(|| match Cluster::start(false) {
        Ok(cluster) => Some(Mutex::new(cluster)),
        Err(error) if ci() => stop(&format!("PostgreSQL is required in CI: {error}")),
        Err(error) => {
            eprintln!("################################################################");
            eprintln!("# 跳过 PostgreSQL 部分的测试 SKIPPED on PostgreSQL: {error}");
            eprintln!("################################################################");
            None
        }
    });
    let cluster = cluster.as_ref()?.lock().ok()?;
    let name = format!("t{}", NUMBER.fetch_add(1, Ordering::SeqCst));
    match cluster.create(&name) {
        Ok(url) => Some(Place {
            url,
            name: "postgres",
            _dir: None,
        }),
        Err(error) => stop(&format!("cannot create a database: {error}")),
    }
}

fn ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true" || ci == "1")
}

#[expect(
    clippy::panic,
    reason = "a test bench that cannot stand must fail the test"
)]
fn stop(message: &str) -> ! {
    panic!("{message}")
}

/// A private PostgreSQL cluster. Ends when dropped, and when the process ends
/// in whatever way: a keeper waits on a pipe that closes with the process.
pub struct Cluster {
    dir: PathBuf,
    bin: PathBuf,
    data: PathBuf,
    keeper: Child,
}

impl Cluster {
    /// Starts one in a temporary directory. `durable` syncs as in production;
    /// tests need not.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start(durable: bool) -> io::Result<Cluster> {
        let data = None;
        Self::start_on(data, durable)
    }

    /// The same over a data directory that stays when the cluster is gone; one that
    /// is not there yet is made.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_on(data: Option<&Path>, durable: bool) -> io::Result<Cluster> {
        let bin = binaries()?;
        let dir = tempfile::Builder::new().prefix("pg").tempdir()?.keep();
        let data = data.map_or_else(|| dir.join("data"), Path::to_path_buf);
        if is_root() {
            let above = data.parent().unwrap_or(&dir);
            run(Command::new("chown").arg("postgres").arg(&dir).arg(above))?;
        }
        if !data.join("PG_VERSION").exists() {
            let words = "-U postgres -A trust -E UTF8 --locale=C";
            run(as_server(bin.join("initdb"))
                .args(words.split(' '))
                .args((!durable).then_some("--no-sync"))
                .arg("-D")
                .arg(&data))?;
        }
        let sync = if durable { "on" } else { "off" };
        let options = format!(
            "-c listen_addresses='' -k {} -c fsync={sync} -c synchronous_commit={sync} \
             -c full_page_writes={sync} -c max_connections=300 -c shared_buffers=128MB \
             -c max_wal_size=256MB",
            dir.display()
        );
        run(as_server(bin.join("pg_ctl"))
            .args(["start", "-w", "-t", "60", "-o", &options, "-l"])
            .arg(dir.join("log"))
            .arg("-D")
            .arg(&data))?;
        let keeper = keeper(&bin, &dir, &data)?;
        Ok(Cluster {
            dir,
            bin,
            data,
            keeper,
        })
    }

    /// The address of a database of this cluster.
    pub fn address(&self, name: &str) -> String {
        let dir = self.dir.display();
        format!("postgres://postgres@localhost/{name}?host={dir}")
    }

    /// The server's processes: the first and its children.
    pub fn processes(&self) -> Vec<u32> {
        let text = std::fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        let first = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok());
        let Some(first) = first else {
            return Vec::new();
        };
        let told = Command::new("pgrep")
            .args(["-P", &format!("{first}")])
            .output();
        let told = told.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
        let children = told.unwrap_or_default();
        let children = children.lines().filter_map(|line| line.trim().parse().ok());
        std::iter::once(first).chain(children).collect()
    }

    /// Creates an empty database; gives its address.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn create(&self, name: &str) -> io::Result<String> {
        run(Command::new(self.bin.join("psql"))
            .args(["-q", "-X", "-U", "postgres", "-d", "postgres", "-h"])
            .arg(&self.dir)
            .args(["-c", &format!("CREATE DATABASE {name}")]))?;
        Ok(self.address(name))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

/// Waits for the end of its standard input, then stops the server and removes
/// its directory.
fn keeper(bin: &Path, dir: &Path, data: &Path) -> io::Result<Child> {
    let script = "trap '' INT TERM HUP; cat >/dev/null; \"$0\" stop -m immediate -D \"$2\" >/dev/null 2>&1; rm -rf \"$1\"";
    as_server("sh".into())
        .args(["-c", script])
        .arg(bin.join("pg_ctl"))
        .arg(dir)
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// Where the server's programs are: the newest version installed.
fn binaries() -> io::Result<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let bin = entry.path().join("bin");
            bin.join("initdb").exists().then_some((version, bin))
        })
        .collect();
    found.sort();
    let (_, bin) = found.pop().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            "no /usr/lib/postgresql/*/bin/initdb (install the postgresql package)",
        )
    })?;
    Ok(bin)
}

/// PostgreSQL refuses to run as root: then it runs as its own user.
fn as_server(program: PathBuf) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/").stdin(Stdio::null());
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|out| out.stdout == b"0\n")
}

fn run(command: &mut Command) -> io::Result<()> {
    // The server inherits these; a pipe would keep us waiting for its end.
    let log = tempfile::tempfile()?;
    let status = command
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        .status()?;
    if status.success() {
        return Ok(());
    }
    use std::io::{Read as _, Seek as _};
    let (mut log, mut told) = (log, String::new());
    log.rewind()?;
    log.read_to_string(&mut told)?;
    Err(io::Error::other(format!("{command:?}: {told}")))
}

/// Everything a thief of the database holds: the bytes of an SQLite file and its
/// log, or every value of every column on PostgreSQL.
///
/// # Panics
/// When it cannot be read.
pub async fn raw_bytes(url: &str) -> Vec<u8> {
    let bytes = match url.strip_prefix("sqlite:") {
        Some(path) => Ok(["", "-wal"]
            .iter()
            .filter_map(|end| std::fs::read(format!("{path}{end}")).ok())
            .flatten()
            .collect()),
        None => postgres_bytes(url).await,
    };
    match bytes {
        Ok(bytes) => bytes,
        Err(error) => stop(&format!("cannot read {url}: {error}")),
    }
}

async fn postgres_bytes(url: &str) -> sqlx::Result<Vec<u8>> {
    use sqlx::{AssertSqlSafe, Connection as _, Row as _};
    let mut conn = sqlx::PgConnection::connect(url).await?;
    let columns = "SELECT table_name::text AS t, column_name::text AS c, data_type::text AS k \
                   FROM information_schema.columns WHERE table_schema = 'public'";
    let mut bytes = Vec::new();
    for column in sqlx::query(columns).fetch_all(&mut conn).await? {
        let (table, name): (String, String) = (column.try_get("t")?, column.try_get("c")?);
        let raw = match column.try_get::<&str, _>("k")? {
            "bytea" => name.clone(),
            _ => format!("convert_to({name}::text, 'UTF8')"),
        };
        let sql = AssertSqlSafe(format!("SELECT {raw} AS v FROM {table}"));
        for row in sqlx::query(sql).fetch_all(&mut conn).await? {
            bytes.extend(row.try_get::<Option<Vec<u8>>, _>("v")?.unwrap_or_default());
            bytes.push(0);
        }
    }
    Ok(bytes)
}

/// Does to the raw database what somebody with its password could.
///
/// # Panics
/// When the database refuses.
pub async fn tamper(url: &str, sql: &str) {
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
    let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    let done = async {
        if url.starts_with("sqlite:") {
            let mut conn = sqlx::SqliteConnection::connect(url).await?;
            conn.execute(sql).await?;
            conn.close().await
        } else {
            let mut conn = sqlx::PgConnection::connect(url).await?;
            conn.execute(sql).await?;
            conn.close().await
        }
    };
    if let Err(error) = done.await {
        stop(&format!("{url} refuses: {error}"));
    }
}
