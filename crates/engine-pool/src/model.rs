//! 「批次」 Deliveries of one category: received → accepted or refused. A file is
//! known by its digest: the same bytes again are the same delivery.

use crate::quality::QualityReport;
use kernel::{Actor, DataBatchId, Date, Instant, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The digest of a file's bytes, as 64 hexadecimal digits (SHA-256 or SM3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(pub String);

/// 来路 By which way a delivery came in; all of them end at the one gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// Brought to the desk.
    Desk,
    /// From the command line.
    Command,
    /// Pushed by a department, signed.
    Push,
    /// Fetched from a department.
    Pull,
    /// Laid into the drop folder.
    Drop,
}

impl Came {
    /// As people call it.
    pub fn label(self) -> &'static str {
        match self {
            Came::Desk => "办公桌上传",
            Came::Command => "命令行导入",
            Came::Push => "部门推送",
            Came::Pull => "定时拉取",
            Came::Drop => "投放文件夹",
        }
    }
}

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Its number.
    pub id: DataBatchId,
    /// Who sent it.
    pub department: Slug,
    /// What it holds.
    pub category: Slug,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The day it speaks of.
    pub as_of: Date,
    /// Rows without the header.
    pub rows: u64,
    /// Who handed it in.
    pub by: Actor,
    /// When.
    pub received_at: Instant,
    /// Whether it came after its time.
    pub late: bool,
    /// The delivery whose rows it brings again, mended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mends: Option<DataBatchId>,
    /// By which way; of deliveries kept before ways were told apart nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came: Option<Came>,
    /// What became of it.
    pub state: BatchState,
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// 已接收, not yet judged.
    Received,
    /// 已入库
    Accepted {
        /// What the gate found.
        quality: QualityReport,
        /// When.
        at: Instant,
    },
    /// 已退回: none of its rows is in the pool.
    Refused {
        /// Why, in words for the department.
        reasons: Vec<String>,
        /// What the gate found, when it got as far as the rows.
        quality: Option<QualityReport>,
        /// When.
        at: Instant,
    },
}

/// The deliveries of one category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// By number.
    pub batches: BTreeMap<DataBatchId, Batch>,
}

/// What can be done with deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 接收 a file.
    Receive(Delivery),
    /// 入库: judge a received file by what the gate found.
    Judge {
        /// The delivery.
        id: DataBatchId,
        /// What the gate found.
        quality: QualityReport,
    },
    /// 退回: the file cannot be read at all (header, encoding, truncated).
    Reject {
        /// The delivery.
        id: DataBatchId,
        /// Why, in words for the department.
        reasons: Vec<String>,
    },
}

/// A file handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The number it gets.
    pub id: DataBatchId,
    /// Who sends it.
    pub department: Slug,
    /// What it holds.
    pub category: Slug,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The day it speaks of.
    pub as_of: Date,
    /// Rows without the header.
    pub rows: u64,
    /// Who hands it in.
    pub by: Actor,
    /// The delivery whose rows it brings again, mended.
    pub mends: Option<DataBatchId>,
    /// By which way.
    pub came: Option<Came>,
}

/// What happened to deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// 已接收
    Received(Batch),
    /// The same file came again: nothing changes, the first delivery answers.
    Repeated {
        /// The first delivery.
        id: DataBatchId,
        /// Who sent it again.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 已入库
    Accepted {
        /// The delivery.
        id: DataBatchId,
        /// What the gate found.
        quality: QualityReport,
        /// When.
        at: Instant,
    },
    /// 已退回
    Refused {
        /// The delivery.
        id: DataBatchId,
        /// Why.
        reasons: Vec<String>,
        /// What the gate found.
        quality: Option<QualityReport>,
        /// When.
        at: Instant,
    },
}

impl State {
    /// The delivery with these bytes. A refused one does not count: what made it
    /// refusable may have been mended beside the bytes (the slip, the day).
    pub fn by_digest(&self, digest: &Digest) -> Option<&Batch> {
        self.batches.values().find(|batch| {
            batch.digest == *digest && !matches!(batch.state, BatchState::Refused { .. })
        })
    }

    /// The last accepted delivery, by the day it speaks of. A mending is a patch to
    /// another and never stands by itself.
    pub fn last_accepted(&self) -> Option<&Batch> {
        self.batches
            .values()
            .filter(|batch| matches!(batch.state, BatchState::Accepted { .. }))
            .filter(|batch| batch.mends.is_none())
            .max_by_key(|batch| (batch.as_of, batch.id))
    }

    /// How far the category has been delivered.
    pub fn standing(&self) -> Option<crate::answer::Standing> {
        self.last_accepted().map(|batch| crate::answer::Standing {
            batch: batch.id,
            as_of: batch.as_of,
        })
    }

    /// Folds one event in.
    pub fn apply(&mut self, event: &Event) {
        let (id, state) = match event {
            Event::Received(batch) => {
                self.batches.insert(batch.id, batch.clone());
                return;
            }
            Event::Repeated { .. } => return,
            Event::Accepted { id, quality, at } => {
                let (quality, at) = (quality.clone(), *at);
                (id, BatchState::Accepted { quality, at })
            }
            Event::Refused {
                id,
                reasons,
                quality,
                at,
            } => {
                let (reasons, quality, at) = (reasons.clone(), quality.clone(), *at);
                (
                    id,
                    BatchState::Refused {
                        reasons,
                        quality,
                        at,
                    },
                )
            }
        };
        if let Some(batch) = self.batches.get_mut(id) {
            batch.state = state;
        }
    }
}
