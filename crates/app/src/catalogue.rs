//! 「事项目录」 What the pack offers, for everybody to read, and a trial of the rules
//! on a made-up household: nothing is looked up, nothing is kept.

use crate::{App, AppError, Result};
use engine_policy::{Beneficiary, Judgement};
use kernel::Date;

/// A service as the public may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceLine {
    /// Its id.
    pub id: String,
    /// Its name by law.
    pub name: String,
    /// What it is called here.
    pub brand: Option<String>,
    /// How people would ask for it.
    pub says: String,
    /// The family of assistance.
    pub family: String,
    /// Who is judged.
    pub beneficiary: Beneficiary,
    /// The law it rests on.
    pub basis: Vec<String>,
    /// Whether someone must apply.
    pub needs_application: bool,
}

/// A household tried, and what the rules say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// What the text calls it.
    pub title: Option<String>,
    /// Every benefit judged.
    pub judgements: Vec<Judgement>,
}

impl App {
    /// 事项 Every service of the pack, in its order.
    pub fn services(&self) -> Vec<ServiceLine> {
        let line = |one: &packs::Service| ServiceLine {
            id: one.id.to_string(),
            name: one.name.clone(),
            brand: one.brand.clone(),
            says: one.says.clone(),
            family: one.family.clone(),
            beneficiary: one.beneficiary,
            basis: one.basis.clone(),
            needs_application: one.needs_application,
        };
        self.law.pack.services().iter().map(line).collect()
    }

    /// 试算 Judges the households of a text (JSON, as `nuanxin policy eval` reads it)
    /// by the law of a day; today's, if none is named there or here.
    ///
    /// # Errors
    /// [`AppError::BadInput`] with every fault of the text at once.
    pub fn try_households(&self, text: &str, as_of: Option<Date>) -> Result<Vec<Trial>> {
        let today = self.now().today();
        let read = packs::households(&self.law.pack, "households.json", text, today);
        let asked = read.map_err(|report| AppError::BadInput(report.render()))?;
        let tried = asked.into_iter().map(|one| {
            let day = as_of.or(one.on).unwrap_or(today);
            let judged = self.law.judge.judge_all(&one.household, day);
            let judged = judged.map_err(|why| AppError::BadInput(why.to_string()));
            judged.map(|judgements| Trial {
                title: one.title.clone(),
                judgements,
            })
        });
        tried.collect()
    }
}
