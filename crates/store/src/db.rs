//! 「库」 The database: opened, migrated, read and written. Cheap to clone.

use crate::dialect::{Address, Begin};
use crate::error::{Result, StoreError};
use crate::lane::{self, Body, Order, Purpose, Sender};
use crate::pool::Names;
use crate::seal::{SealingKeys, Secrets};
use crate::sequence::Blocks;
use crate::tx::Tx;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// What the house decides about its database.
#[derive(Clone)]
pub struct Settings {
    /// Key of the audit's digests (HMAC-SHA-256), from the configuration, never
    /// from the database. At least 16 bytes.
    pub audit_key: Vec<u8>,
    /// Keys of field encryption and of look-ups; not the audit's, nor each other's.
    pub sealing: SealingKeys,
    /// Threads that run transactions side by side. At least 1.
    pub lanes: usize,
    /// Connections of each such thread. At least 1.
    pub connections: u32,
}

impl Settings {
    /// Two lanes of eight connections.
    pub fn new(audit_key: impl Into<Vec<u8>>, sealing: SealingKeys) -> Self {
        Settings {
            audit_key: audit_key.into(),
            sealing,
            lanes: 2,
            connections: 8,
        }
    }
}

/// What every transaction may ask.
pub(crate) struct Shared {
    pub(crate) audit_key: Vec<u8>,
    pub(crate) secrets: Arc<Secrets>,
    /// Next number of [`Tx::fresh_id`]; this opening's own range.
    pub(crate) fresh: AtomicI64,
    /// Whether all writes go through one connection.
    pub(crate) single_writer: bool,
    blocks: Mutex<Blocks>,
    names: Mutex<Arc<Names>>,
}

impl Shared {
    /// The pool's names as last read from kept data.
    pub(crate) fn names(&self) -> Result<Arc<Names>> {
        let known = self.names.lock();
        let known = known.map_err(|_| StoreError::fault("a thread died over the names"))?;
        Ok(Arc::clone(&known))
    }

    /// Remembers the pool's names.
    pub(crate) fn know_names(&self, names: Arc<Names>) {
        if let Ok(mut known) = self.names.lock() {
            *known = names;
        }
    }

    /// The process's unused numbers.
    pub(crate) fn blocks(&self) -> Result<MutexGuard<'_, Blocks>> {
        self.blocks
            .lock()
            .map_err(|_| StoreError::fault("a thread died over the numbers"))
    }
}

/// A database, opened and migrated.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    doors: Mutex<Doors>,
    turn: AtomicUsize,
    threads: Mutex<Vec<JoinHandle<()>>>,
    single_writer: bool,
}

/// Where transactions are handed in; empty once closed.
struct Doors {
    writer: Option<Sender>,
    lanes: Vec<Sender>,
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…` and brings it to this program's
    /// version. A database newer than the program is refused untouched.
    pub async fn open(url: &str, settings: Settings) -> Result<Db> {
        if settings.audit_key.len() < 16 {
            return Err(StoreError::fault(
                "the audit key must have at least 16 bytes",
            ));
        }
        let address = Address::parse(url)?;
        let shared = Arc::new(Shared {
            audit_key: settings.audit_key,
            secrets: Arc::new(Secrets::new(&settings.sealing)?),
            fresh: AtomicI64::new(0),
            single_writer: address.single_writer(),
            blocks: Mutex::default(),
            names: Mutex::default(),
        });
        let mut threads = Vec::new();
        let mut writer = None;
        if address.single_writer() {
            let (sender, thread) =
                lane::start(address.clone(), Purpose::Writer, Arc::clone(&shared)).await?;
            writer = Some(sender);
            threads.push(thread);
        }
        let mut lanes = Vec::new();
        for _ in 0..settings.lanes.max(1) {
            let purpose = Purpose::Shared(settings.connections.max(1));
            let (sender, thread) =
                lane::start(address.clone(), purpose, Arc::clone(&shared)).await?;
            lanes.push(sender);
            threads.push(thread);
        }
        let db = Db {
            inner: Arc::new(Inner {
                doors: Mutex::new(Doors { writer, lanes }),
                turn: AtomicUsize::new(0),
                threads: Mutex::new(threads),
                single_writer: address.single_writer(),
            }),
        };
        crate::migrate::migrate(&db).await?;
        db.write(async |tx| tx.prove_keys().await).await?;
        let range = db.write(async |tx| tx.open_range().await).await?;
        shared.fresh.store(range, Ordering::SeqCst);
        Ok(db)
    }

    /// Runs `body` in one transaction and answers once it is safely on disk. An
    /// `Err` from the body keeps nothing. The body may run again when others
    /// were in its way, so it must do nothing but what `tx` does.
    pub async fn write<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.hand_in(Begin::Write, body).await
    }

    /// Runs `body` over one unchanging view of the database. It cannot write.
    pub async fn read<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.hand_in(Begin::Read, body).await
    }

    /// 看 Runs a `body` that reads and puts on record who read: over one unchanging
    /// view, and answers once the record is safely on disk. Where there is one writer,
    /// the reading does not wait in its line, only the rows of the audit do, many looks
    /// to a sync. The body cannot change anything else; an `Err` leaves no record.
    pub async fn look<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if !self.inner.single_writer {
            return self.write(body).await;
        }
        let looked = self.read(async move |tx: &mut Tx| {
            tx.begin_notes();
            let seen = body(tx).await?;
            Ok::<_, E>((seen, tx.take_notes()))
        });
        let (seen, notes) = looked.await?;
        if !notes.is_empty() {
            let kept = self.write(async move |tx: &mut Tx| {
                for row in &notes {
                    tx.append_row(row.clone()).await?;
                }
                Ok::<_, StoreError>(())
            });
            kept.await?;
        }
        Ok(seen)
    }

    async fn hand_in<T, E, F>(&self, how: Begin, body: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if lane::is_lane() {
            // It would wait for itself: the body has a transaction already.
            return Err(E::from(StoreError::fault(
                "a transaction inside a transaction",
            )));
        }
        let gone = || E::from(StoreError::fault("the database is closed"));
        let door = self.door(how).ok_or_else(gone)?;
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Body {
            body,
            answer: None,
            reply,
        });
        door.send(Order { how, job }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    fn door(&self, how: Begin) -> Option<Sender> {
        let doors = self.inner.doors.lock().ok()?;
        match (&doors.writer, how) {
            (Some(writer), Begin::Write) => Some(writer.clone()),
            _ => {
                let turn = self.inner.turn.fetch_add(1, Ordering::Relaxed);
                doors.lanes.get(turn % doors.lanes.len().max(1)).cloned()
            }
        }
    }

    /// Finishes what was handed in and closes every connection.
    pub async fn close(&self) {
        if let Ok(mut doors) = self.inner.doors.lock() {
            doors.writer = None;
            doors.lanes.clear();
        }
        let threads = match self.inner.threads.lock() {
            Ok(mut threads) => std::mem::take(&mut *threads),
            Err(_) => return,
        };
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                drop(thread.join());
            }
        });
        drop(joined.await);
    }
}
