//! 「双随机」 A random draw that anybody can repeat: the list is frozen and its hash
//! recorded before the seed is known; the seed is recorded; who is drawn follows from
//! both by SHA-256 and nothing else. Each class gives its share, at least one;
//! inspectors are paired by the same numbers, those with a conflict left out with the
//! reason. A list is drawn from once.

use crate::config::Sortition;
use crate::refusal::Refusal;
use kernel::{Actor, BodyId, DrawId, Instant, Now, PersonId, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

use crate::model::{SheetRef, Stamp};

/// The fewest characters of a seed.
const SEED_MIN: usize = 16;

/// Somebody or something that may be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Its number.
    pub body: BodyId,
    /// Its name.
    pub name: String,
    /// Its risk class.
    pub class: Slug,
    /// Those who lead it and their near relatives: they do not inspect it.
    pub people: BTreeSet<PersonId>,
}

/// Who may inspect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspector {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// 回避 Bodies he keeps away from, each with the reason he gives.
    pub declared: BTreeMap<BodyId, String>,
}

/// One that was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    /// What.
    pub body: BodyId,
    /// Its number: the hash it was drawn by, hex.
    pub key: String,
    /// Who goes.
    pub inspectors: Vec<PersonId>,
    /// Who was left out, and why.
    pub left_out: Vec<(PersonId, String)>,
}

/// A draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawList {
    /// Its number.
    pub id: DrawId,
    /// By which sheet it is inspected.
    pub sheet: SheetRef,
    /// Where.
    pub region: RegionCode,
    /// Its name.
    pub name: String,
    /// Everything that may be drawn.
    pub lots: Vec<Lot>,
    /// Everybody who may go.
    pub inspectors: Vec<Inspector>,
    /// Who frozen it, when, and its hash.
    pub frozen: Option<(Stamp, String)>,
    /// Who drew, when, and the seed.
    pub drawn: Option<(Stamp, String)>,
    /// What came out, in the order drawn.
    pub picks: Vec<Pick>,
}

/// What is asked of a draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum DrawCommand {
    /// 封存名单
    Freeze,
    /// 抽取
    Draw {
        /// Recorded; not known before the list was frozen.
        seed: String,
    },
}

/// What happened to a draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum DrawEvent {
    /// 名单封存
    Frozen {
        /// Who, when.
        stamp: Stamp,
        /// Of the list, hex.
        hash: String,
    },
    /// 抽取
    Drawn {
        /// Who, when.
        stamp: Stamp,
        /// The seed.
        seed: String,
        /// What came out.
        picks: Vec<Pick>,
    },
}

impl DrawList {
    /// Folds one event.
    pub fn apply(&mut self, event: &DrawEvent) {
        match event {
            DrawEvent::Frozen { stamp, hash } => self.frozen = Some((stamp.clone(), hash.clone())),
            DrawEvent::Drawn { stamp, seed, picks } => {
                self.drawn = Some((stamp.clone(), seed.clone()));
                self.picks = picks.clone();
            }
        }
    }

    /// The list as it is hashed: one line each, sorted.
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for lot in &self.lots {
            lines.push(format!("body {} {} {}", lot.body, lot.class, lot.name));
        }
        for one in &self.inspectors {
            let declared: Vec<String> = one.declared.keys().map(ToString::to_string).collect();
            lines.push(format!("inspector {} -{}", one.person, declared.join(",")));
        }
        lines.sort();
        format!(
            "{} {}\n{}\n",
            self.sheet.id,
            self.sheet.version,
            lines.join("\n")
        )
    }

    /// SHA-256 of [`DrawList::text`], hex.
    pub fn hash(&self) -> String {
        hex(&self.text())
    }

    /// Who may not go to a body, and why.
    fn left_out(&self, lot: &Lot) -> Vec<(PersonId, String)> {
        let mut all = Vec::new();
        for one in &self.inspectors {
            if lot.people.contains(&one.person) {
                all.push((one.person, "本人或近亲属在这家单位负责".to_owned()));
            } else if let Some(reason) = one.declared.get(&lot.body) {
                all.push((one.person, format!("申报回避：{reason}")));
            }
        }
        all
    }
}

/// The number something is drawn by: SHA-256 of `seed/thing`, hex. The smallest are drawn.
pub fn draw_key(seed: &str, thing: &str) -> String {
    hex(&format!("{seed}/{thing}"))
}

fn hex(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a list and a seed give; anybody who has both gets the same.
pub fn redraw(list: &DrawList, rules: &Sortition, seed: &str) -> Vec<Pick> {
    let mut picks = Vec::new();
    let mut load: BTreeMap<PersonId, usize> = BTreeMap::new();
    for (class, (_, percent)) in &rules.classes {
        let lots = list.lots.iter().filter(|lot| lot.class == *class);
        let mut lots: Vec<(String, &Lot)> = lots
            .map(|lot| (draw_key(seed, &format!("body {}", lot.body)), lot))
            .collect();
        lots.sort_by(|one, other| one.0.cmp(&other.0));
        let many = (lots.len() * usize::try_from(*percent).unwrap_or(0)).div_ceil(100);
        for (key, lot) in lots.into_iter().take(many) {
            let left_out = list.left_out(lot);
            let free = list.inspectors.iter().map(|one| one.person);
            let free = free.filter(|one| !left_out.iter().any(|(out, _)| out == one));
            let mut free: Vec<PersonId> = free.collect();
            // Who has gone least so far goes first; among equals the number decides.
            free.sort_by_cached_key(|one| {
                let thing = format!("body {} inspector {one}", lot.body);
                (load.get(one).copied().unwrap_or(0), draw_key(seed, &thing))
            });
            free.truncate(usize::from(rules.inspectors));
            for one in &free {
                *load.entry(*one).or_default() += 1;
            }
            picks.push(Pick {
                body: lot.body,
                key,
                inspectors: free,
                left_out,
            });
        }
    }
    picks
}

/// Judges one command on a draw.
///
/// # Errors
/// The [`Refusal`] that applies first.
pub fn decide_draw(
    list: &DrawList,
    command: DrawCommand,
    by: &Actor,
    rules: Option<&Sortition>,
    now: Now,
) -> Result<Vec<DrawEvent>, Refusal> {
    let rules = rules.ok_or(Refusal::NoSortition)?;
    if by.person.is_none() || !by.role.is_human() {
        return Err(Refusal::NotAPerson);
    }
    let at: Instant = now.at;
    let stamp = Stamp { by: by.clone(), at };
    match command {
        DrawCommand::Freeze => {
            if list.frozen.is_some() {
                return Err(Refusal::Frozen);
            }
            whole(list, rules)?;
            let hash = list.hash();
            Ok(vec![DrawEvent::Frozen { stamp, hash }])
        }
        DrawCommand::Draw { seed } => {
            let Some((_, hash)) = &list.frozen else {
                return Err(Refusal::NotFrozen);
            };
            if list.drawn.is_some() {
                return Err(Refusal::DrawnAlready);
            }
            if *hash != list.hash() {
                return Err(Refusal::Frozen);
            }
            let seed = seed.trim().to_owned();
            if seed.chars().count() < SEED_MIN {
                return Err(Refusal::NoSeed);
            }
            let picks = redraw(list, rules, &seed);
            Ok(vec![DrawEvent::Drawn { stamp, seed, picks }])
        }
    }
}

/// Every body has a known class and enough inspectors who may go there, before anybody
/// knows the seed.
fn whole(list: &DrawList, rules: &Sortition) -> Result<(), Refusal> {
    if list.lots.is_empty() {
        return Err(Refusal::Empty);
    }
    let needed = usize::from(rules.inspectors);
    for lot in &list.lots {
        if !rules.classes.contains_key(&lot.class) {
            return Err(Refusal::NoSuchClass(lot.class.to_string()));
        }
        let free = list.inspectors.len() - list.left_out(lot).len();
        if free < needed {
            return Err(Refusal::TooFewInspectors {
                object: lot.name.clone(),
                free,
                needed,
            });
        }
    }
    Ok(())
}
