//! 「画像」 Where a household stands: on which sides it is short, of which type its
//! trouble is, and a colour that says how often somebody looks in. Rules come from
//! the pack and are three-valued like any; a portrait plans visits and decides
//! nothing.

use crate::compile::Judge;
use crate::household::Household;
use crate::judge::JudgeError;
use expr::Typed;
use kernel::{Date, FieldLevel, Provenance, Slug, Truth};
use std::collections::BTreeSet;

/// What a line of the portrait is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortraitKind {
    /// 方面 A side of poverty.
    Side,
    /// 型 A type of trouble.
    Type,
    /// 色 A colour: of several, the first that holds.
    Colour,
}

/// A line of the portrait.
#[derive(Clone, Debug)]
pub struct PortraitRule {
    /// Its id.
    pub id: Slug,
    /// What it is.
    pub kind: PortraitKind,
    /// Its name.
    pub name: String,
    /// When, in words.
    pub says: String,
    /// When: a Bool of the household.
    pub when: Typed,
    /// The base facts it reads.
    pub reads: BTreeSet<Slug>,
    /// The strictest level of what it reads: who may see that it holds.
    pub level: FieldLevel,
    /// Months between visits; colours only.
    pub visit_months: Option<u32>,
    /// Where the rule comes from.
    pub provenance: Provenance,
}

/// A household's portrait: one truth per rule, and its colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portrait {
    /// In the order of the rules.
    pub truths: Vec<Truth>,
    /// The place among the rules of the first colour that holds; `None` when it
    /// hangs on what is not known.
    pub colour: Option<usize>,
}

impl Judge {
    /// The portrait of a household on a day.
    ///
    /// # Errors
    /// As [`Judge::judge_all`].
    pub fn portrait(
        &self,
        rules: &[PortraitRule],
        household: &Household,
        day: Date,
    ) -> Result<Portrait, JudgeError> {
        let mut truths = Vec::with_capacity(rules.len());
        for rule in rules {
            let told = self.holds(&rule.when, household, day)?;
            truths.push(told.first().copied().unwrap_or(Truth::Undetermined));
        }
        let mut colours = rules
            .iter()
            .zip(&truths)
            .enumerate()
            .filter(|(_, (rule, _))| rule.kind == PortraitKind::Colour);
        // A colour after one that is not known could be wrong.
        let first = colours.find(|(_, (_, truth))| **truth != Truth::False);
        let colour = first
            .filter(|(_, (_, truth))| **truth == Truth::True)
            .map(|(place, _)| place);
        Ok(Portrait { truths, colour })
    }
}
