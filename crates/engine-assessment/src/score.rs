//! 「计分」 From answers to a grade: which questions are asked, measures, band,
//! adjustments. Total: with every asked question answered there is always a grade.

use crate::config::{Atom, Grading, Matrix, Question, Sheet, Shift, Take, Test};
use crate::model::{Answer, Answers};
use crate::points::Points;
use kernel::Slug;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Figures that come from elsewhere (scores of earlier assessments), by measure.
pub type Given = BTreeMap<Slug, Points>;

/// What came out, with the way there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Every measure, in the sheet's order.
    pub measures: Vec<(Slug, Points)>,
    /// The measure shown as the score.
    pub score: Points,
    /// The band before anything moved it, counted from the best.
    pub counted: usize,
    /// What moved it, in order.
    pub applied: Vec<Applied>,
    /// The grade, counted from the best.
    pub grade: usize,
}

/// An adjustment that fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Which.
    pub id: Slug,
    /// The band before.
    pub from: usize,
    /// The band after.
    pub to: usize,
}

/// Whether a question is asked, as far as is known: `None` while a question before it,
/// on which it hangs, has no answer.
pub fn asked(sheet: &Sheet, question: &Question, answers: &Answers) -> Option<bool> {
    let Some(Test(atoms)) = &question.only else {
        return Some(true);
    };
    let truths = atoms.iter().map(|atom| {
        let on = sheet.question(atom.of.as_str())?;
        // Questions hang on earlier ones only, so this ends.
        match asked(sheet, on, answers)? {
            false => Some(false),
            true => Some(atom.fits(Points::whole(answers.get(&atom.of)?.value))),
        }
    });
    any(truths)
}

/// Three-valued: true if one is true, unknown if none is and one is unknown.
fn any(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for truth in truths {
        match truth {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = false,
        }
    }
    known.then_some(false)
}

/// The questions that are asked and have no answer, in the sheet's order.
pub fn missing<'s>(sheet: &'s Sheet, answers: &Answers) -> Vec<&'s Question> {
    let open = |one: &&Question| {
        asked(sheet, one, answers) == Some(true) && !answers.contains_key(&one.id)
    };
    sheet.questions.iter().filter(open).collect()
}

/// Counts and grades; `None` while an answer or a given figure is missing.
pub fn grade(sheet: &Sheet, answers: &Answers, given: &Given) -> Option<Outcome> {
    let count = Counting {
        sheet,
        answers,
        given,
    };
    graded(sheet, &count.measures()?, &|id| count.points(id))
}

/// The grade of measures already counted.
pub(crate) fn graded(
    sheet: &Sheet,
    measures: &[(Slug, Points)],
    points: &dyn Fn(&Slug) -> Option<Points>,
) -> Option<Outcome> {
    let of = |id: &Slug| measures.iter().find(|(one, _)| one == id).map(|(_, p)| *p);
    let score = of(sheet.grading.score())?;
    let counted = match &sheet.grading {
        Grading::Bands { .. } => {
            let mut bands = sheet.bands.iter();
            bands.position(|band| {
                band.range
                    .is_some_and(|r| r.least <= score && score <= r.most)
            })?
        }
        Grading::Matrix(matrix) => by_table(sheet, matrix, &of)?,
    };
    let worst = sheet.bands.len().checked_sub(1)?;
    let mut grade = counted;
    let mut applied = Vec::new();
    for adjust in &sheet.adjusts {
        let holds = |atom: &Atom| Some(atom.fits(of(&atom.of).or_else(|| points(&atom.of))?));
        if !any(adjust.when.0.iter().map(holds))? {
            continue;
        }
        let to = match adjust.shift {
            Shift::To(band) => band,
            Shift::Worse(by) => (grade + by).min(worst),
            Shift::NotAbove(band) => grade.max(band),
        };
        if to != grade {
            applied.push(Applied {
                id: adjust.id.clone(),
                from: grade,
                to,
            });
        }
        grade = to;
    }
    Some(Outcome {
        measures: measures.to_vec(),
        score,
        counted,
        applied,
        grade,
    })
}

fn by_table(sheet: &Sheet, matrix: &Matrix, of: &dyn Fn(&Slug) -> Option<Points>) -> Option<usize> {
    let level = |id: &Slug| {
        let points = of(id)?;
        let levels = &sheet.measure(id.as_str())?.levels;
        levels
            .iter()
            .position(|one| one.least <= points && points <= one.most)
    };
    let row = level(&matrix.rows)?;
    let columns: Option<Vec<usize>> = matrix.columns.iter().map(level).collect();
    let column = columns?.into_iter().max()?;
    matrix.table.get(row)?.get(column).copied()
}

/// Counting one set of answers.
pub(crate) struct Counting<'a> {
    pub(crate) sheet: &'a Sheet,
    pub(crate) answers: &'a Answers,
    pub(crate) given: &'a Given,
}

impl Counting<'_> {
    /// What a question counts.
    pub(crate) fn points(&self, id: &Slug) -> Option<Points> {
        let question = self.sheet.question(id.as_str())?;
        match asked(self.sheet, question, self.answers)? {
            true => Some(Points::whole(self.answers.get(id)?.value)),
            false => question.skipped.map(Points::whole),
        }
    }

    /// Every measure, each from those before it.
    pub(crate) fn measures(&self) -> Option<Vec<(Slug, Points)>> {
        let mut all: Vec<(Slug, Points)> = Vec::new();
        for measure in &self.sheet.measures {
            let sum = match &measure.take {
                Take::Earlier { .. } => *self.given.get(&measure.id)?,
                Take::Sum(parts) => {
                    let mut sum = Points::default();
                    for part in parts {
                        sum = sum.plus(self.part(part, &all)?);
                    }
                    sum
                }
            };
            let points = Points::whole(measure.start).plus(sum.share(measure.percent));
            let least = measure.least.map(Points::whole);
            let most = measure.most.map(Points::whole);
            let points = least.map_or(points, |least| points.max(least));
            let points = most.map_or(points, |most| points.min(most));
            all.push((measure.id.clone(), points));
        }
        Some(all)
    }

    fn part(&self, id: &Slug, before: &[(Slug, Points)]) -> Option<Points> {
        if let Some((_, points)) = before.iter().find(|(one, _)| one == id) {
            return Some(*points);
        }
        if self.sheet.question(id.as_str()).is_some() {
            return self.points(id);
        }
        let inside = self.sheet.questions.iter().filter(|one| one.section == *id);
        inside.into_iter().try_fold(Points::default(), |sum, one| {
            Some(sum.plus(self.points(&one.id)?))
        })
    }
}

impl Answer {
    /// An answer without words.
    pub fn of(value: i64) -> Answer {
        Answer {
            value,
            evidence: String::new(),
        }
    }
}
