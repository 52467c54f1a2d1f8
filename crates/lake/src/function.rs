//! 「规则函数」 The rule program as a function of SQL: a household's row in, what each
//! benefit makes of it out. Its name carries the pack's fingerprint, so that no machine
//! of a cluster can answer by another law: it would not know the function.

use crate::shape::Rows;
use datafusion::arrow::array::{
    ArrayRef, BooleanBufferBuilder, Int64Array, Int64Builder, ListArray, StringArray, StructArray,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::exec_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use engine_policy::{Beneficiary, Benefit, Judge, Sweep, Swept, Verdict};
use expr::{Frame, Layout, Level};
use kernel::Date;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

/// Judges households by one pack on one day.
#[derive(Debug)]
pub struct JudgeFunction {
    name: String,
    judge: Arc<Judge>,
    layout: Arc<Layout>,
    day: Date,
    signature: Signature,
    gives: DataType,
}

impl JudgeFunction {
    /// The function of a pack, for facts of that day.
    pub fn new(judge: Arc<Judge>, day: Date) -> JudgeFunction {
        let layout = judge.frame().layout().clone();
        let arguments = arguments(&layout).len();
        let benefits = judge.book().benefits.iter();
        let gives = benefits.map(|benefit| Field::new(benefit.id.as_str(), answers(), false));
        JudgeFunction {
            name: name(&judge.book().pack_hash, day),
            gives: DataType::Struct(gives.collect()),
            signature: Signature::any(arguments, Volatility::Immutable),
            layout,
            judge,
            day,
        }
    }

    /// The call, as SQL writes it.
    pub fn call(&self) -> String {
        format!("{}({})", self.name, arguments(&self.layout).join(", "))
    }

    /// As DataFusion takes it.
    pub fn udf(self) -> ScalarUDF {
        ScalarUDF::new_from_impl(self)
    }

    fn judge(&self, columns: &[ArrayRef]) -> Result<ArrayRef> {
        let outside = |why: &dyn std::fmt::Display| DataFusionError::Execution(why.to_string());
        let rows = Rows::of(self.layout.clone(), columns).map_err(|why| outside(&why))?;
        let regions = rows.regions().map_err(|why| outside(&why))?;
        let mut frame = Frame::new(self.layout.clone());
        rows.fill(&mut frame, &regions)
            .map_err(|why| outside(&why))?;
        let environment = self.judge.environment(&regions, self.day);
        let benefits = &self.judge.book().benefits;
        let mut told: Vec<Answers> = benefits.iter().map(|_| Answers::default()).collect();
        let mut sweep = Sweep::new(&self.judge);
        let mut next = 0;
        while next < frame.households() {
            let swept = sweep.next(&frame, &environment, next, frame.households());
            let households = swept.map_err(|why| outside(&why))?;
            next = households.end;
            for (place, (benefit, answers)) in benefits.iter().zip(&mut told).enumerate() {
                answers.add(benefit, &frame, households.clone(), sweep.of(place));
            }
        }
        let DataType::Struct(fields) = &self.gives else {
            return exec_err!("what is given is no structure");
        };
        let columns = told.into_iter().map(Answers::finish);
        let columns = columns.collect::<Result<Vec<_>>>()?;
        Ok(Arc::new(StructArray::try_new_with_length(
            fields.clone(),
            columns,
            None,
            frame.households(),
        )?))
    }
}

/// The name a pack's function has on a day.
pub fn name(pack_hash: &str, day: Date) -> String {
    let short: String = pack_hash
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(12)
        .collect();
    format!("judge_{short}_{}", day.format("%Y%m%d"))
}

/// The columns it takes, in the order of [`crate::shape::schema`].
fn arguments(layout: &Layout) -> Vec<String> {
    let facts = layout.facts().iter();
    let facts = facts.filter(|fact| fact.level == Level::Household);
    let facts = facts.map(|fact| format!("\"{}\"", crate::shape::fact_column(fact.id.as_str())));
    let region = std::iter::once("region".to_owned());
    let members = std::iter::once("members".to_owned());
    region.chain(facts).chain(members).collect()
}

/// One entry a household, or one a member: bit n of `holds` and `fails` says that
/// condition n holds or is known not to.
fn answers() -> DataType {
    DataType::List(Arc::new(Field::new(
        "item",
        DataType::Struct(answer()),
        false,
    )))
}

fn answer() -> Fields {
    Fields::from(vec![
        Field::new("holds", DataType::Int64, false),
        Field::new("fails", DataType::Int64, false),
        Field::new("verdict", DataType::Utf8, false),
        Field::new("amount_fen", DataType::Int64, true),
        Field::new("fault", DataType::Boolean, false),
    ])
}

/// What a benefit makes of households, as columns.
struct Answers {
    ends: Vec<i32>,
    holds: Vec<i64>,
    fails: Vec<i64>,
    verdicts: Vec<&'static str>,
    amounts: Int64Builder,
    faults: BooleanBufferBuilder,
}

impl Default for Answers {
    fn default() -> Self {
        Answers {
            ends: vec![0],
            holds: Vec::new(),
            fails: Vec::new(),
            verdicts: Vec::new(),
            amounts: Int64Builder::new(),
            faults: BooleanBufferBuilder::new(0),
        }
    }
}

impl Answers {
    fn add(&mut self, benefit: &Benefit, frame: &Frame, households: Range<usize>, swept: &Swept) {
        let before = self.holds.len();
        self.holds
            .extend(swept.holds.iter().map(|bits| i64::from(*bits)));
        self.fails
            .extend(swept.fails.iter().map(|bits| i64::from(*bits)));
        self.verdicts
            .extend(swept.verdicts.iter().map(|one| word(*one)));
        let mut amounts = swept.amounts.iter().peekable();
        for row in 0..swept.verdicts.len() {
            let here = amounts.next_if(|(place, _)| *place == row);
            self.amounts
                .append_option(here.map(|(_, amount)| amount.fen()));
            self.faults.append(swept.faults.contains(&row));
        }
        let first = frame.members_of(households.start).start;
        for household in households.clone() {
            let rows = match benefit.beneficiary {
                Beneficiary::Household => household + 1 - households.start,
                Beneficiary::Person => frame.members_of(household).end - first,
            };
            self.ends.push((before + rows) as i32);
        }
    }

    fn finish(mut self) -> Result<ArrayRef> {
        let rows = self.holds.len();
        let cells: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(self.holds)),
            Arc::new(Int64Array::from(self.fails)),
            Arc::new(StringArray::from(self.verdicts)),
            Arc::new(self.amounts.finish()),
            Arc::new(datafusion::arrow::array::BooleanArray::new(
                self.faults.finish(),
                None,
            )),
        ];
        let DataType::List(inner) = answers() else {
            return exec_err!("answers are no list");
        };
        let inside = StructArray::try_new_with_length(answer(), cells, None, rows)?;
        let offsets = OffsetBuffer::new(self.ends.into());
        Ok(Arc::new(ListArray::try_new(
            inner,
            offsets,
            Arc::new(inside),
            None,
        )?))
    }
}

/// A verdict's stable name.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Eligible => "eligible",
        Verdict::Ineligible => "ineligible",
        Verdict::Undetermined => "undetermined",
    }
}

// Two functions of one name judge alike: the name has the pack's fingerprint and the day.
impl PartialEq for JudgeFunction {
    fn eq(&self, other: &JudgeFunction) -> bool {
        self.name == other.name
    }
}

impl Eq for JudgeFunction {}

impl Hash for JudgeFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for JudgeFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.gives.clone())
    }

    fn invoke_with_args(&self, given: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = ColumnarValue::values_to_arrays(&given.args)?;
        self.judge(&columns).map(ColumnarValue::Array)
    }
}
