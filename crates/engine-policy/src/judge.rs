//! 「判一户」 One household judged for one benefit or all, with every reason.

use crate::compile::{Judge, Piece, Sentence, Telling, environment};
use crate::config::{Beneficiary, Benefit, Rounding};
use crate::household::{Household, Member};
use crate::judgement::{ConditionOutcome, Judgement, Subject, Verdict};
use expr::{Cell, Frame, NameKind, Output, Trace, Value};
use kernel::{Date, Money, Provenance, RegionCode, Slug, Truth};

/// Why a household cannot be judged. A fault, never an answer about anybody.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// A value does not fit its fact.
    #[error(transparent)]
    Frame(#[from] expr::FrameError),
    /// The program and the frame do not belong together.
    #[error(transparent)]
    Run(#[from] expr::RunError),
    /// The arithmetic of a rule left the numbers' range or divided by zero.
    #[error("“{benefit}”的“{part}”算不出来：数太大，或者除以零。请核对这一户的数据")]
    Arithmetic {
        /// The benefit.
        benefit: Slug,
        /// The condition or `amount`.
        part: String,
    },
    /// No such benefit in the pack.
    #[error("没有“{0}”这项待遇")]
    NoBenefit(String),
}

/// The law's number that was used, as a certificate shows it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ParameterUsed {
    /// Which.
    pub id: Slug,
    /// Its name.
    pub label: String,
    /// Its value with its unit, as read by people.
    pub value: String,
    /// In force from.
    pub from: Date,
    /// Where.
    pub region: RegionCode,
    /// How well it is founded.
    pub provenance: Provenance,
    /// The document.
    pub source: String,
    /// The article.
    pub article: Option<String>,
}

impl Judge {
    /// Judges a household for every benefit (every member, for personal ones).
    ///
    /// # Errors
    /// [`JudgeError`]; nothing is told of anybody then.
    pub fn judge_all(
        &self,
        household: &Household,
        day: Date,
    ) -> Result<Vec<Judgement>, JudgeError> {
        let mut told = Vec::new();
        for index in 0..self.book.benefits.len() {
            told.extend(self.judge_at(index, household, day)?);
        }
        Ok(told)
    }

    /// Judges a household for one benefit: one judgement, or one per member.
    ///
    /// # Errors
    /// As [`Judge::judge_all`]; and an unknown benefit.
    pub fn judge(
        &self,
        benefit: &str,
        household: &Household,
        day: Date,
    ) -> Result<Vec<Judgement>, JudgeError> {
        self.judge_at(self.index_of(benefit)?, household, day)
    }

    pub(crate) fn index_of(&self, benefit: &str) -> Result<usize, JudgeError> {
        let found = self
            .book
            .benefits
            .iter()
            .position(|known| known.id.as_str() == benefit);
        found.ok_or_else(|| JudgeError::NoBenefit(benefit.to_owned()))
    }

    fn judge_at(
        &self,
        index: usize,
        household: &Household,
        day: Date,
    ) -> Result<Vec<Judgement>, JudgeError> {
        let all = |teller: &Teller<'_>| match teller.benefit.beneficiary {
            Beneficiary::Household => Ok(vec![teller.tell(Subject::Household, 0)?]),
            Beneficiary::Person => (0..household.members.len())
                .map(|member| teller.tell(Subject::Member(member), member))
                .collect(),
        };
        self.trace(index, household, day, all)?
    }

    /// Runs a benefit's own program over one household and lets `told` read it.
    fn trace<T>(
        &self,
        index: usize,
        household: &Household,
        day: Date,
        told: impl FnOnce(&Teller<'_>) -> T,
    ) -> Result<T, JudgeError> {
        let (benefit, telling) = (&self.book.benefits[index], &self.telling[index]);
        let mut frame = Frame::new(telling.program.layout().clone());
        push_household(&mut frame, household, 0)?;
        let environment = environment(&telling.program, &self.book, &[household.region], day);
        let trace = telling.program.trace(&frame, &environment)?;
        Ok(told(&Teller {
            judge: self,
            benefit,
            telling,
            trace: &trace,
            household,
            day,
        }))
    }
}

/// Adds a household to a frame; facts the frame has no column for are not needed.
///
/// # Errors
/// A value of another type than its fact's.
pub fn push_household(
    frame: &mut Frame,
    household: &Household,
    region: u32,
) -> Result<(), expr::FrameError> {
    let layout = frame.layout().clone();
    frame.push_household(region);
    for (id, entry) in &household.facts {
        if let (Some(place), Some(value)) = (layout.fact(id.as_str()), entry.value()) {
            frame.set(place, value)?;
        }
    }
    for member in &household.members {
        frame.push_member()?;
        for (id, entry) in &member.facts {
            if let (Some(place), Some(value)) = (layout.fact(id.as_str()), entry.value()) {
                frame.set(place, value)?;
            }
        }
        push_records(frame, member)?;
    }
    Ok(())
}

fn push_records(frame: &mut Frame, member: &Member) -> Result<(), expr::FrameError> {
    let layout = frame.layout().clone();
    for (kind, rows) in &member.records {
        let Some(place) = layout.kind(kind.as_str()) else {
            continue;
        };
        for row in rows {
            frame.push_record(place)?;
            for (field, value) in row.fields.iter().enumerate() {
                if let Some(value) = value {
                    frame.set_field(place, field, *value)?;
                }
            }
        }
        frame.answer_records(place);
    }
    Ok(())
}

/// Rounds a number of yuan half up to what the benefit pays in.
pub(crate) fn rounded(value: Value, round: Rounding) -> Option<Money> {
    let Value::Number(number) = value else {
        return None;
    };
    let step: i128 = match round {
        Rounding::Fen => 1,
        Rounding::Jiao => 10,
        Rounding::Yuan => 100,
    };
    // Nothing to round, as mostly.
    if number.scale == 2 && round == Rounding::Fen {
        return Some(Money::from_fen(number.mantissa));
    }
    // In parts of 10^-6 yuan, so that every scale of the language is whole.
    let micro_yuan =
        i128::from(number.mantissa) * 10_i128.pow(u32::from(6_u8.checked_sub(number.scale)?));
    let unit = 10_000 * step;
    let half = if micro_yuan < 0 {
        -(unit / 2)
    } else {
        unit / 2
    };
    let fen = (micro_yuan + half) / unit * step;
    i64::try_from(fen).ok().map(Money::from_fen)
}

pub(crate) struct Teller<'a> {
    pub(crate) judge: &'a Judge,
    pub(crate) benefit: &'a Benefit,
    pub(crate) telling: &'a Telling,
    pub(crate) trace: &'a Trace<'a>,
    pub(crate) household: &'a Household,
    pub(crate) day: Date,
}

impl Teller<'_> {
    fn tell(&self, subject: Subject, row: usize) -> Result<Judgement, JudgeError> {
        let outputs = &self.telling.bits;
        let conditions = (0..self.benefit.conditions.len())
            .map(|place| self.condition(place, row))
            .collect::<Result<Vec<_>, _>>()?;
        let rules = self.benefit.conditions.iter().zip(&conditions);
        let mut verdict = Verdict::of(rules.map(|(rule, told)| rule.weighs(told.truth)));
        let mut open: Vec<Output> = outputs
            .conditions
            .iter()
            .zip(&conditions)
            .filter(|(_, told)| told.truth == Truth::Undetermined && told.gives_way.is_empty())
            .map(|(output, _)| *output)
            .collect();
        let mut amount = None;
        if let (Verdict::Eligible, Some(rule), Some(output)) =
            (verdict, &self.benefit.amount, outputs.amount)
        {
            match self.known(output, row, "amount")? {
                Some(value) => amount = rounded(value, rule.round),
                None => {
                    // Owed for certain, but not how much: nothing can be granted yet.
                    verdict = Verdict::Undetermined;
                    open = vec![output];
                }
            }
        }
        let eligible = verdict == Verdict::Eligible;
        let sum = if eligible { &self.telling.sum[..] } else { &[] };
        Ok(Judgement {
            benefit: self.benefit.id.clone(),
            beneficiary: self.benefit.beneficiary,
            subject,
            verdict,
            amount,
            every: self.benefit.amount.as_ref().map(|rule| rule.every),
            conditions,
            sum: sum.iter().map(|line| self.words(line, row)).collect(),
            missing: if verdict == Verdict::Undetermined {
                self.missing(&open, row)
            } else {
                Vec::new()
            },
            receiving: outputs.receiving.map_or(Truth::Undetermined, |output| {
                self.trace.cell(output, row).truth()
            }),
            review_sooner: self.review_sooner(row),
        })
    }

    /// A benefit without such a rule is looked at in its usual time.
    fn review_sooner(&self, row: usize) -> Truth {
        let output = self.telling.review_sooner;
        output.map_or(Truth::False, |output| self.trace.cell(output, row).truth())
    }

    fn condition(&self, place: usize, row: usize) -> Result<ConditionOutcome, JudgeError> {
        let (condition, words) = (
            &self.benefit.conditions[place],
            &self.telling.conditions[place],
        );
        let output = self.telling.bits.conditions[place];
        let known = self.known(output, row, condition.id.as_str())?;
        let truth = known.map_or(Truth::Undetermined, |value| Cell::Known(value).truth());
        let says = match (truth, &words.unknown) {
            (Truth::True, _) => self.words(&words.yes, row),
            (Truth::False, _) => self.words(&words.no, row),
            (Truth::Undetermined, Some(unknown)) => self.words(unknown, row),
            (Truth::Undetermined, None) => self.not_known_yet(output, row),
        };
        Ok(ConditionOutcome {
            id: condition.id.clone(),
            truth,
            says,
            rule: condition.text.clone(),
            basis: condition.basis.clone(),
            provenance: self.provenance(place, row),
            gives_way: condition.gives_way.clone(),
        })
    }

    fn known(&self, output: Output, row: usize, part: &str) -> Result<Option<Value>, JudgeError> {
        match self.trace.cell(output, row) {
            Cell::Known(value) => Ok(Some(value)),
            Cell::Missing => Ok(None),
            Cell::Fault => Err(JudgeError::Arithmetic {
                benefit: self.benefit.id.clone(),
                part: part.to_owned(),
            }),
        }
    }

    fn words(&self, sentence: &Sentence, row: usize) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Value(output, ty) => match self.trace.cell(*output, row) {
                Cell::Known(value) => value.spoken(ty),
                Cell::Missing | Cell::Fault => "（还不知道）".to_owned(),
            },
        };
        sentence.0.iter().map(piece).collect()
    }

    fn not_known_yet(&self, output: Output, row: usize) -> String {
        let mut labels: Vec<String> = Vec::new();
        for missing in self.missing(&[output], row) {
            if !labels.contains(&missing.label) {
                labels.push(missing.label);
            }
        }
        match labels.is_empty() {
            true => "还不知道".to_owned(),
            false => format!("还不知道：{}", labels.join("、")),
        }
    }

    /// The weakest among the rule's own provenance and its parameters'.
    fn provenance(&self, place: usize, row: usize) -> Option<Provenance> {
        let used = self.trace.used(self.telling.bits.conditions[place], row);
        let parameters = used.iter().filter(|used| used.kind == NameKind::Parameter);
        let of_parameters =
            parameters.filter_map(|used| self.parameter(&used.id).map(|value| value.provenance));
        of_parameters
            .chain(self.benefit.conditions[place].provenance)
            .max_by_key(|provenance| weakness(*provenance))
    }

    fn parameter(&self, id: &Slug) -> Option<&crate::config::ParameterValue> {
        let all = &self.judge.book.parameters;
        all.iter()
            .find(|parameter| parameter.decl.id == *id)?
            .at(self.household.region, self.day)
    }

    pub(crate) fn parameters_used(&self, row: usize) -> Vec<ParameterUsed> {
        let outputs = self
            .telling
            .bits
            .conditions
            .iter()
            .copied()
            .chain(self.telling.bits.amount);
        let mut found: Vec<ParameterUsed> = Vec::new();
        for used in outputs.flat_map(|output| self.trace.used(output, row)) {
            let Some(value) = self
                .parameter(&used.id)
                .filter(|_| used.kind == NameKind::Parameter)
            else {
                continue;
            };
            if found.iter().all(|known| known.id != used.id) {
                found.push(ParameterUsed {
                    id: used.id,
                    label: used.label,
                    value: value.value.spoken(&used.ty),
                    from: value.from,
                    region: value.region,
                    provenance: value.provenance,
                    source: value.source.clone(),
                    article: value.article.clone(),
                });
            }
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found
    }
}

impl Judge {
    /// The parameters a benefit's judgement of `subject` rests on.
    ///
    /// # Errors
    /// As [`Judge::judge_all`].
    pub fn parameters_used(
        &self,
        benefit: &str,
        household: &Household,
        subject: Subject,
        day: Date,
    ) -> Result<Vec<ParameterUsed>, JudgeError> {
        let index = self.index_of(benefit)?;
        let row = match subject {
            Subject::Household => 0,
            Subject::Member(member) => member,
        };
        self.trace(index, household, day, |teller| teller.parameters_used(row))
    }
}

fn weakness(provenance: Provenance) -> u8 {
    match provenance {
        Provenance::Law => 0,
        Provenance::Standard => 1,
        Provenance::Source => 2,
        Provenance::Memory => 3,
        Provenance::Assumed => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expr::Decimal;

    #[test]
    fn amounts_round_half_up_once_at_the_end() {
        for (mantissa, scale, round, fen) in [
            (820_000_000, 6, Rounding::Fen, 82_000),
            (10_005, 4, Rounding::Fen, 100),
            (1_005_000, 6, Rounding::Fen, 101),
            (1_004_999, 6, Rounding::Fen, 100),
            (-1_005_000, 6, Rounding::Fen, -101),
            (12_34, 2, Rounding::Jiao, 1_230),
            (12_35, 2, Rounding::Jiao, 1_240),
            (12_50, 2, Rounding::Yuan, 1_300),
        ] {
            let value = Value::Number(Decimal { mantissa, scale });
            assert_eq!(
                rounded(value, round),
                Some(Money::from_fen(fen)),
                "{mantissa}e-{scale} {round:?}"
            );
        }
    }
}
