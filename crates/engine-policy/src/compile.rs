//! 「编译」 A rule book compiled: one program of all benefits for screening, and one
//! program per benefit that also has every value its sentences show.

use crate::config::{AmountRule, Benefit, Part, RuleBook, Template};
use expr::{Environment, Frame, Layout, Output, Program, ProgramBuilder, Typed, Value};
use kernel::{Date, RegionCode, Slug};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A rule book, ready to judge. Cheap to share; holds no data of anybody.
#[derive(Debug)]
pub struct Judge {
    pub(crate) book: Arc<RuleBook>,
    /// All columns any benefit reads.
    pub(crate) layout: Arc<Layout>,
    /// Conditions, amounts and present payments of all benefits.
    pub(crate) screening: Program,
    /// Of every benefit, then of every benefit again under each assumption.
    pub(crate) bits: Vec<Bits>,
    pub(crate) assumptions: Vec<Assumption>,
    pub(crate) telling: Vec<Telling>,
}

/// 「假设」 The law as it might be: these parameters with other values, everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assumption {
    /// By the parameter's id.
    pub parameters: BTreeMap<Slug, Value>,
}

/// Why an assumption cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssumptionError {
    /// No such parameter.
    #[error("没有“{0}”这个参数")]
    Unknown(Slug),
    /// Another type, more decimals than are kept, or no code of the set.
    #[error(
        "参数“{id}”（{label}）要的是{wanted}，给的值不合适。请换一个这种类型的值，小数不要太多"
    )]
    Value {
        /// The parameter.
        id: Slug,
        /// Its name.
        label: String,
        /// What it takes.
        wanted: String,
    },
}

impl Assumption {
    fn check(&self, book: &RuleBook) -> Result<(), AssumptionError> {
        for (id, value) in &self.parameters {
            let known = book.parameters.iter().find(|one| one.decl.id == *id);
            let Some(parameter) = known else {
                return Err(AssumptionError::Unknown(id.clone()));
            };
            if !parameter.decl.ty.takes(value) {
                return Err(AssumptionError::Value {
                    id: id.clone(),
                    label: parameter.decl.label.clone(),
                    wanted: parameter.decl.ty.to_string(),
                });
            }
        }
        Ok(())
    }
}

/// A benefit's outputs in the screening program.
#[derive(Debug)]
pub(crate) struct Bits {
    pub(crate) conditions: Vec<Output>,
    pub(crate) amount: Option<Output>,
    pub(crate) receiving: Option<Output>,
}

impl Bits {
    fn count(&self) -> usize {
        self.conditions.len()
            + usize::from(self.amount.is_some())
            + usize::from(self.receiving.is_some())
    }
}

/// A benefit's own program, with its words.
#[derive(Debug)]
pub(crate) struct Telling {
    pub(crate) program: Program,
    pub(crate) bits: Bits,
    pub(crate) review_sooner: Option<Output>,
    pub(crate) conditions: Vec<ConditionWords>,
    pub(crate) sum: Vec<Sentence>,
}

#[derive(Debug)]
pub(crate) struct ConditionWords {
    pub(crate) yes: Sentence,
    pub(crate) no: Sentence,
    pub(crate) unknown: Option<Sentence>,
}

/// A template whose values are outputs.
#[derive(Debug)]
pub(crate) struct Sentence(pub(crate) Vec<Piece>);

#[derive(Debug)]
pub(crate) enum Piece {
    Words(String),
    Value(Output, expr::Type),
}

impl Judge {
    /// Compiles a rule book.
    pub fn new(book: Arc<RuleBook>) -> Judge {
        Judge::compile(book, Vec::new())
    }

    /// Compiles a rule book together with itself under assumptions: a
    /// [`crate::Sweep`] then has the benefits as they are, followed by the benefits
    /// under each assumption. What does not depend on it is computed once.
    ///
    /// # Errors
    /// [`AssumptionError`]: nothing is assumed that the law does not know.
    pub fn comparing(
        book: Arc<RuleBook>,
        assumptions: Vec<Assumption>,
    ) -> Result<Judge, AssumptionError> {
        for assumption in &assumptions {
            assumption.check(&book)?;
        }
        Ok(Judge::compile(book, assumptions))
    }

    fn compile(book: Arc<RuleBook>, assumptions: Vec<Assumption>) -> Judge {
        let layout = Layout::new(
            book.facts.iter().map(|fact| fact.decl.clone()),
            book.records.iter().cloned(),
        );
        let mut builder = ProgramBuilder::new();
        let mut bits: Vec<Bits> = book
            .benefits
            .iter()
            .map(|benefit| add_bits(&mut builder, benefit))
            .collect();
        for (number, assumption) in assumptions.iter().enumerate() {
            builder.vary(number, assumption.parameters.keys().cloned().collect());
            let all = book.benefits.iter();
            bits.extend(all.map(|benefit| add_bits(&mut builder, benefit)));
        }
        let screening = builder.finish();
        let telling = book.benefits.iter().map(compile_telling).collect();
        Judge {
            book,
            layout: Arc::new(layout),
            screening,
            bits,
            assumptions,
            telling,
        }
    }

    /// The rule book.
    pub fn book(&self) -> &Arc<RuleBook> {
        &self.book
    }

    /// All conditions and amounts as one program.
    pub fn program(&self) -> &Program {
        &self.screening
    }

    /// How many conditions, amounts and present payments that program hands out.
    pub fn outputs(&self) -> usize {
        self.bits.iter().map(Bits::count).sum()
    }

    /// An empty frame with the columns that conditions and amounts read, no others.
    pub fn narrow_frame(&self) -> Frame {
        Frame::new(self.screening.layout().clone())
    }

    /// An empty frame with every column any benefit reads.
    pub fn frame(&self) -> Frame {
        Frame::new(self.layout.clone())
    }

    /// The screening program's parameters in `regions` on `day`; a parameter the
    /// law does not give is missing, never a default.
    pub fn environment(&self, regions: &[RegionCode], day: Date) -> Environment {
        let mut environment = environment(&self.screening, &self.book, regions, day);
        for (number, assumption) in self.assumptions.iter().enumerate() {
            for (id, value) in &assumption.parameters {
                for region in 0..regions.len() {
                    // Checked when the judge was made.
                    let _ = environment.set_variant(number, id, region, *value);
                }
            }
        }
        environment
    }
}

/// Sets every parameter a program reads, for every region.
pub(crate) fn environment(
    program: &Program,
    book: &RuleBook,
    regions: &[RegionCode],
    day: Date,
) -> Environment {
    let mut environment = program.environment(day, regions.len());
    for parameter in &book.parameters {
        for (index, region) in regions.iter().enumerate() {
            let value: Option<Value> = parameter.at(*region, day).map(|value| value.value);
            if let Some(value) = value {
                // The pack's loader has checked the type; a value that is not taken stays missing.
                let _ = environment.set(parameter.decl.id.as_str(), index, value);
            }
        }
    }
    environment
}

fn add_bits(builder: &mut ProgramBuilder, benefit: &Benefit) -> Bits {
    Bits {
        conditions: benefit
            .conditions
            .iter()
            .map(|condition| builder.add(&condition.holds))
            .collect(),
        amount: benefit
            .amount
            .as_ref()
            .map(|amount| builder.add(&amount.value)),
        receiving: benefit
            .receiving
            .as_ref()
            .map(|receiving| builder.add(receiving)),
    }
}

fn compile_telling(benefit: &Benefit) -> Telling {
    let mut builder = ProgramBuilder::new();
    let bits = add_bits(&mut builder, benefit);
    let conditions = benefit
        .conditions
        .iter()
        .map(|condition| ConditionWords {
            yes: sentence(&mut builder, &condition.yes),
            no: sentence(&mut builder, &condition.no),
            unknown: condition
                .unknown
                .as_ref()
                .map(|words| sentence(&mut builder, words)),
        })
        .collect();
    let lines = |amount: &AmountRule| {
        amount
            .sum
            .iter()
            .map(|line| sentence(&mut builder, line))
            .collect::<Vec<_>>()
    };
    let sum = benefit.amount.as_ref().map(lines).unwrap_or_default();
    let review_sooner = benefit.review_sooner.as_ref();
    let review_sooner = review_sooner.map(|rule| builder.add(rule));
    Telling {
        program: builder.finish(),
        bits,
        review_sooner,
        conditions,
        sum,
    }
}

fn sentence(builder: &mut ProgramBuilder, template: &Template) -> Sentence {
    let piece = |part: &Part| match part {
        Part::Words(words) => Piece::Words(words.clone()),
        Part::Value(value) => value_piece(builder, value),
    };
    Sentence(template.parts.iter().map(piece).collect())
}

fn value_piece(builder: &mut ProgramBuilder, value: &Typed) -> Piece {
    Piece::Value(builder.add(value), value.ty().clone())
}
