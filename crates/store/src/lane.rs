//! 「通道」 Threads that run transactions. On SQLite one lane writes, many acts per
//! commit (a savepoint each), and nobody is answered before the group's sync;
//! other lanes read. On PostgreSQL every lane reads and writes. A transaction
//! runs on its lane to the end even if the caller went away: nothing is left
//! half open. Absent: any knowledge of what the transactions do.

use crate::db::Shared;
use crate::dialect::{Address, Begin, Pool};
use crate::error::{Result, StoreError};
use crate::tx::Tx;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How often a transaction is run anew when others were in its way.
const ATTEMPTS: u32 = 8;
/// A group of acts is closed after so many, or so long.
const GROUP: usize = 128;
const GROUP_TIME: Duration = Duration::from_millis(50);

/// A transaction to run, its types forgotten.
pub(crate) trait Job: Send {
    /// Runs the body; true when it wants to be kept. May be called again.
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> LocalBoxFuture<'a, bool>;
    /// Answers the caller.
    fn finish(self: Box<Self>, kept: Result<()>);
}

/// A message to a lane.
pub(crate) struct Order {
    pub(crate) how: Begin,
    pub(crate) job: Box<dyn Job>,
}

pub(crate) type Sender = mpsc::Sender<Order>;

/// A body, its answer, and whom to tell.
pub(crate) struct Body<F, T, E> {
    pub(crate) body: F,
    pub(crate) answer: Option<Result<T, E>>,
    pub(crate) reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Body<F, T, E>
where
    F: AsyncFn(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> LocalBoxFuture<'a, bool> {
        async move {
            let answer = AssertUnwindSafe((self.body)(tx)).catch_unwind().await;
            let answer = answer.unwrap_or_else(|_| {
                Err(E::from(StoreError::fault("a transaction's body panicked")))
            });
            let kept = answer.is_ok() && !tx.is_failed();
            if answer.is_ok() && !kept {
                let ignored = "a failed statement was ignored by the transaction's body";
                self.answer = Some(Err(E::from(StoreError::fault(ignored))));
            } else {
                self.answer = Some(answer);
            }
            kept
        }
        .boxed_local()
    }

    fn finish(self: Box<Self>, kept: Result<()>) {
        let answer = match (self.answer, kept) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(error)) => Err(E::from(error)),
            (Some(answer), Ok(())) => answer,
            (None, Ok(())) => Err(E::from(StoreError::fault("a transaction was never run"))),
        };
        // The caller may have gone; what was kept stays kept.
        drop(self.reply.send(answer));
    }
}

/// What a lane is for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// The single writer.
    Writer,
    /// Transactions side by side on so many connections.
    Shared(u32),
}

const NAME: &str = "store-lane";

/// Whether this thread runs transactions.
pub(crate) fn is_lane() -> bool {
    std::thread::current().name() == Some(NAME)
}

/// Starts a lane; gives its door once its connections stand.
pub(crate) async fn start(
    address: Address,
    purpose: Purpose,
    shared: Arc<Shared>,
) -> Result<(Sender, std::thread::JoinHandle<()>)> {
    let (sender, orders) = mpsc::channel(1024);
    let (ready, opened) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name(NAME.to_owned())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            match runtime {
                Ok(runtime) => {
                    let lane = live(address, purpose, shared, orders, ready);
                    tokio::task::LocalSet::new().block_on(&runtime, lane);
                }
                Err(error) => drop(ready.send(Err(StoreError::fault(error)))),
            }
        })
        .map_err(StoreError::fault)?;
    opened.await.map_err(StoreError::fault)??;
    Ok((sender, thread))
}

async fn live(
    address: Address,
    purpose: Purpose,
    shared: Arc<Shared>,
    orders: mpsc::Receiver<Order>,
    ready: oneshot::Sender<Result<()>>,
) {
    match purpose {
        Purpose::Writer => match address.writer().await {
            Ok(conn) => {
                drop(ready.send(Ok(())));
                write_in_groups(Tx::new(conn, shared), orders).await;
            }
            Err(error) => drop(ready.send(Err(error))),
        },
        Purpose::Shared(size) => match address.pool(size).await {
            Ok(pool) => {
                drop(ready.send(Ok(())));
                run_side_by_side(pool, shared, orders).await;
            }
            Err(error) => drop(ready.send(Err(error))),
        },
    }
}

async fn write_in_groups(mut tx: Tx, mut orders: mpsc::Receiver<Order>) {
    while let Some(first) = orders.recv().await {
        group(&mut tx, first.job, &mut orders).await;
    }
    tx.conn.discard().await;
}

/// Runs a group of jobs in one transaction and answers them after its sync.
async fn group(tx: &mut Tx, first: Box<dyn Job>, orders: &mut mpsc::Receiver<Order>) {
    if let Err(error) = tx.begin(Begin::Write).await {
        return first.finish(Err(error));
    }
    let opened = Instant::now();
    let mut done: Vec<(Box<dyn Job>, bool)> = Vec::new();
    let mut next = Some(first);
    let mut step = "SAVEPOINT act";
    let outcome = loop {
        let Some(mut job) = next.take() else {
            break tx.control("COMMIT").await;
        };
        if let Err(error) = tx.control(step).await {
            done.push((job, false));
            break Err(error);
        }
        tx.reset();
        let good = job.run(tx).await;
        done.push((job, good));
        if !good && let Err(error) = tx.control("ROLLBACK TO act").await {
            break Err(error); // the whole transaction is gone: disk full, I/O error
        }
        // Closes this act and opens the next in one errand to the database.
        step = "RELEASE act; SAVEPOINT act";
        if done.len() < GROUP && opened.elapsed() < GROUP_TIME {
            next = orders.try_recv().ok().map(|order| order.job);
        }
    };
    if outcome.is_err() {
        drop(tx.control("ROLLBACK").await);
    }
    let lost = outcome.err().map(|error| error.to_string());
    for (job, _) in done {
        job.finish(match &lost {
            None => Ok(()),
            Some(error) => Err(StoreError::fault(error.clone())),
        });
    }
}

async fn run_side_by_side(pool: Pool, shared: Arc<Shared>, mut orders: mpsc::Receiver<Order>) {
    let mut running = tokio::task::JoinSet::new();
    while let Some(order) = orders.recv().await {
        while running.try_join_next().is_some() {}
        let (pool, shared) = (pool.clone(), Arc::clone(&shared));
        running.spawn_local(async move { run_alone(pool, shared, order).await });
    }
    while running.join_next().await.is_some() {}
    pool.close().await;
}

/// Runs one job in a transaction of its own, again if others were in its way.
async fn run_alone(pool: Pool, shared: Arc<Shared>, order: Order) {
    let Order { how, mut job } = order;
    let mut tx = match pool.acquire().await {
        Ok(conn) => Tx::new(conn, shared),
        Err(error) => return job.finish(Err(error)),
    };
    let mut attempt = 0;
    let outcome = loop {
        attempt += 1;
        if let Err(error) = tx.begin(how).await {
            break Err(error);
        }
        let good = job.run(&mut tx).await;
        let ended = if good {
            tx.control("COMMIT").await
        } else {
            Ok(())
        };
        if good && ended.is_ok() {
            tx.share_numbers();
            break Ok(());
        }
        if let Err(error) = tx.control("ROLLBACK").await {
            break Err(error);
        }
        tx.return_numbers();
        if !tx.wants_retry() || attempt >= ATTEMPTS {
            break if good { ended } else { Ok(()) };
        }
        tokio::time::sleep(Duration::from_millis(5 << attempt.min(6))).await;
    };
    if outcome.is_err() {
        tx.conn.discard().await;
    }
    job.finish(outcome);
}
