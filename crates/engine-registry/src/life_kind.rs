//! 「人生大事的办法」 What a pack says follows from a death, a birth, a marriage.

use kernel::{Provenance, Slug};
use serde::{Deserialize, Serialize};

/// A kind of life event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifeKind {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// What it is, in a sentence.
    pub says: String,
    /// What it writes into the register.
    pub writes: Writes,
    /// Whether it is about two people.
    pub two: bool,
    /// What follows, in order.
    pub then: Vec<Consequence>,
    /// The document.
    pub basis: String,
    /// What kind of source that is.
    pub provenance: Provenance,
    /// Rows of the mission it serves.
    pub rows: Vec<String>,
}

/// What a life event writes into the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writes {
    /// 去世 The day of death; the person leaves the household. Once in a life.
    Died,
    /// 成一户 Two are one household: one of them joins the other, who heads theirs.
    Joined,
    /// 添一个孩子 A child joins the household of its mother, once it has a number.
    Born,
    /// 不改底册 The register learns of it by its own way.
    Nothing,
}

/// One thing that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// What is done.
    pub does: Does,
    /// Whether a person must confirm it; otherwise the house does it at once.
    pub confirm: bool,
    /// Who does it, or must act when it is taken back.
    pub who: String,
    /// Within how many days.
    pub days: Option<u32>,
    /// Which joint case is opened.
    pub case: Option<Slug>,
    /// The words of a message.
    pub says: String,
    /// The words of a message that takes it back.
    pub undone: String,
}

/// What the house can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// 底册 What the event writes into the register; no pack writes this step.
    Register,
    /// 停发 Every running right of the person, one step each.
    StopPayments,
    /// 腾床位 Every stay and booking of the person, one step each.
    FreeStays,
    /// 停卡
    CloseCard,
    /// 告诉 Whoever of the village looks after the person.
    TellVillage,
    /// 一件事 A joint case of the household: every department it names begins at once.
    OpenCase,
    /// 重算 Every running right of the household, one step each: judged again as the family
    /// is now. A person confirms the proposal; the right itself changes in its own case.
    ReviewHousehold,
    /// 人工 A department or somebody else, written down by a person.
    ByHand,
}

impl LifeKind {
    /// 素 Whether whoever it is about is mourned: its pages have no warm colour.
    pub fn solemn(&self) -> bool {
        self.writes == Writes::Died
    }

    /// A consequence by id.
    pub fn consequence(&self, id: &Slug) -> Option<&Consequence> {
        self.then.iter().find(|one| one.id == *id)
    }
}
