//! 「存取错误」 What can go wrong between the house and its database, in words.
//! Absent on purpose: refusals of law or of a case's state; those are the
//! engines'. A fault keeps its technical cause for the log, never for the page.

use std::fmt;

/// Why a read or a write did not happen. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else changed it since it was loaded (optimistic lock).
    #[error("这条{what}刚才有别人改过。请刷新后再办，您填的内容不会丢")]
    Conflict {
        /// What was changed, in words.
        what: &'static str,
    },
    /// A unique key already holds such a row: the act was done before.
    #[error("这件事已经办过一次，不再重复办理（{constraint}）")]
    Duplicate {
        /// The key's or column's name, as the database tells it.
        constraint: String,
    },
    /// An idempotency key came back with another request body.
    #[error("同一个提交编号带来了不同的内容。请重新打开页面再提交")]
    KeyReused,
    /// A row that must be there is not: an id from nowhere.
    #[error("没有找到编号为 {id} 的{what}")]
    NotFound {
        /// What was looked for, in words.
        what: &'static str,
        /// Its id, as text.
        id: String,
    },
    /// A lease has passed to another worker; its work is not ours to close.
    #[error("这项任务已经转给别的进程处理")]
    LeaseLost,
    /// The data forbid it: a trigger or a check said no.
    #[error("数据库拒绝了这次改动：{0}")]
    Forbidden(String),
    /// The database was migrated by a newer program.
    #[error("数据库的版本是 {found}，比本程序认识的 {known} 新。请换用新版程序，数据没有改动")]
    Newer {
        /// The database's version.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// A migration that has run is not the one this program carries.
    #[error("数据库第 {version} 次升级的内容与本程序不一致。请核对程序来源，数据没有改动")]
    Altered {
        /// Which migration.
        version: i64,
    },
    /// The SQLite library loses committed writes (WAL-reset bug before 3.51.3).
    #[error("SQLite 版本 {found} 有丢失数据的缺陷，至少需要 3.51.3。请更换程序后再启动")]
    SqliteTooOld {
        /// The library's version.
        found: String,
    },
    /// The address names no database we know, or lacks its parts.
    #[error("看不懂数据库地址“{0}”。请写成 sqlite:文件路径 或 postgres://用户@主机/库名")]
    Address(String),
    /// A field key the database was sealed with is not at hand.
    #[error("少了第 {no} 把封存钥匙，数据没有打开。请从备份恢复这把钥匙，再启动")]
    SealingKeyMissing {
        /// Its number.
        no: u32,
    },
    /// A field key of that number is another one.
    #[error("第 {no} 把封存钥匙不是这个数据库用的那一把，数据没有打开。请换回原来的钥匙")]
    SealingKeyWrong {
        /// Its number.
        no: u32,
    },
    /// Two field keys have the same number.
    #[error("有两把封存钥匙都是第 {no} 号，不知道该用哪一把。请只留下原来的那一把")]
    SealingKeyTwice {
        /// The number.
        no: u32,
    },
    /// The key of look-ups is another one.
    #[error("查找用的钥匙不是这个数据库用的那一把，数据没有打开。请换回原来的钥匙")]
    IndexKeyWrong,
    /// A sealed value was changed, or moved from another row.
    #[error("{place} 里封存的内容被改动或挪动过，打不开。请保留现场，从备份恢复")]
    SealBroken {
        /// Table and column.
        place: String,
    },
    /// Given up after several tries against other writers.
    #[error("现在办理的人多，这次没有成功。请稍后再试，没有保存任何内容")]
    Busy,
    /// A backup that cannot be written, read or put where it was asked.
    #[error("{0}")]
    Backup(String),
    /// The world broke.
    #[error("系统出了故障，这次没有保存。请稍后再试")]
    Fault(#[source] Cause),
}

/// The technical cause of a fault, for the log.
pub struct Cause(Box<dyn std::error::Error + Send + Sync>);

impl Cause {
    /// Wraps what happened.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Cause(cause.into())
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl StoreError {
    /// Somebody else was first: a conflict, a repeated act, a key used for another body.
    pub fn is_conflict(&self) -> bool {
        matches!(
            self,
            StoreError::Conflict { .. } | StoreError::Duplicate { .. } | StoreError::KeyReused
        )
    }

    /// There is no such thing.
    pub fn is_missing(&self) -> bool {
        matches!(self, StoreError::NotFound { .. })
    }

    /// A fault with its cause.
    pub fn fault(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        StoreError::Fault(Cause::new(cause))
    }

    /// Whether the same request may succeed if simply sent again.
    pub fn is_passing(&self) -> bool {
        matches!(self, StoreError::Busy | StoreError::Fault(_))
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError::fault(error)
    }
}

/// What a store call gives.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
