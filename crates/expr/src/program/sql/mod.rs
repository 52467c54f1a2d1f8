//! 「SQL」 A program printed as SQL, so that databases compute the same and check us.
//! NULL stands for undetermined and for a fault alike. Tables to be there:
//! `households(h, "fact.ID"…)`, `persons(p, h, "fact.ID"…, "answered.KIND"…)` and
//! `"records.KIND"(p, "FIELD"…)`; numbers as BIGINT at their scale, codes as numbers.

mod text;

use super::{Gather, Node, NodeId, Op, Program, Rank};
use crate::Environment;
use crate::ast::AggregateOp;
use std::collections::BTreeMap;

/// One table made from those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlStep {
    /// Its name.
    pub table: String,
    /// The SELECT it is made by.
    pub select: String,
    /// The part of it that fetches from the tables before, innermost.
    crossed: Option<String>,
}

/// A program as SQL: tables one after the other; the last two hold the outputs, as
/// `oN` by the output's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sql {
    /// In order of making.
    pub steps: Vec<SqlStep>,
}

/// How whole numbers are divided, the rest cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlDialect {
    /// `//`
    DuckDb,
    /// `/`: DataFusion, PostgreSQL, SQLite.
    Standard,
}

/// Why a program cannot be printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// Parameters are printed as literals, so there must be one region.
    #[error("印成 SQL 时只能有一个地区")]
    Regions,
}

impl Program {
    /// Prints it, with the environment's day and parameters as literals.
    ///
    /// # Errors
    /// [`SqlError`].
    pub fn sql(&self, environment: &Environment, dialect: SqlDialect) -> Result<Sql, SqlError> {
        if environment.regions() != 1 {
            return Err(SqlError::Regions);
        }
        let mut printer = Printer::new(self, environment, dialect);
        printer.print();
        Ok(Sql {
            steps: printer.steps,
        })
    }

    /// As [`Program::sql`], with every join and every sum over a household in a step of
    /// its own (`joined_…`): what is left are rules over rows that have everything beside
    /// each other.
    ///
    /// # Errors
    /// [`SqlError`].
    pub fn sql_joined(
        &self,
        environment: &Environment,
        dialect: SqlDialect,
    ) -> Result<Sql, SqlError> {
        let steps = self.sql(environment, dialect)?.steps;
        let split = |step: SqlStep| {
            let (before, inner) = match step.crossed.clone() {
                Some(inner) => (format!("joined_{}", step.table), inner),
                None => return vec![step],
            };
            let rest = SqlStep {
                select: step
                    .select
                    .replacen(&inner, &format!("SELECT * FROM {before}"), 1),
                crossed: None,
                ..step
            };
            let inner = SqlStep {
                table: before,
                select: inner,
                crossed: None,
            };
            vec![inner, rest]
        };
        Ok(Sql {
            steps: steps.into_iter().flat_map(split).collect(),
        })
    }
}

/// Where a node is computed: after how many crossings of ranks, and in whose rows.
type Stage = (usize, Rank);

struct Printer<'p> {
    dialect: SqlDialect,
    program: &'p Program,
    environment: &'p Environment,
    stages: Vec<Stage>,
    /// Inlined into their only reader.
    inlined: Vec<bool>,
    /// The stage of the last reader.
    last_read: Vec<Stage>,
    /// The newest table of each rank.
    tables: BTreeMap<Rank, String>,
    steps: Vec<SqlStep>,
}

impl<'p> Printer<'p> {
    fn new(program: &'p Program, environment: &'p Environment, dialect: SqlDialect) -> Printer<'p> {
        let mut printer = Printer {
            dialect,
            program,
            environment,
            stages: Vec::new(),
            inlined: vec![false; program.nodes.len()],
            last_read: vec![(0, Rank::Scalar); program.nodes.len()],
            tables: BTreeMap::new(),
            steps: Vec::new(),
        };
        printer.stage();
        printer
    }

    fn stage(&mut self) {
        let nodes = &self.program.nodes;
        for node in nodes {
            let below = node.op.operands().map(|x| self.stages[x.place()].0);
            let crossing = matches!(node.op, Op::Spread(..) | Op::Aggregate(_));
            let step = below.max().unwrap_or(0) + usize::from(crossing);
            self.stages.push((step, node.rank));
        }
        let mut readers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        for (reader, node) in nodes.iter().enumerate() {
            for operand in node.op.operands() {
                readers[operand.place()].push(reader);
                let last = &mut self.last_read[operand.place()];
                *last = (*last).max((self.stages[reader].0, Rank::Record(usize::MAX)));
            }
        }
        for output in &self.program.outputs {
            self.last_read[output.node.place()] = (usize::MAX, Rank::Scalar);
        }
        for (place, node) in nodes.iter().enumerate() {
            let only = match readers[place].as_slice() {
                [only] => Some(*only),
                _ => None,
            };
            let same = only.filter(|reader| self.stages[*reader] == self.stages[place]);
            let kept = self.last_read[place].0 == usize::MAX;
            self.inlined[place] = !kept
                && mentions_once(node)
                && same.is_some_and(|reader| mentions_once(&nodes[reader]));
        }
    }

    /// Same for everybody: printed where it is used.
    fn is_literal(&self, id: NodeId) -> bool {
        match self.program.node(id).op {
            Op::Constant(_) | Op::AsOf | Op::MonthsBefore(_) | Op::Parameter(_) => true,
            Op::Fact(_) | Op::Field(..) | Op::Aggregate(_) => false,
            op => op.operands().all(|x| self.is_literal(x)),
        }
    }

    fn print(&mut self) {
        let last = self.stages.iter().map(|stage| stage.0).max().unwrap_or(0);
        for step in 0..=last {
            let mut ranks: Vec<Rank> = Vec::new();
            for (place, stage) in self.stages.iter().enumerate() {
                let id = NodeId(place as u32);
                let wanted = stage.0 == step && !self.is_literal(id);
                if wanted && !ranks.contains(&stage.1) {
                    ranks.push(stage.1);
                }
            }
            // Persons and households are there from the first, whatever is read of them.
            if step == 0 {
                ranks.extend([Rank::Household, Rank::Person]);
                ranks.extend((0..self.program.layout().kinds().len()).map(Rank::Record));
            }
            ranks.sort();
            ranks.dedup();
            let made: Vec<SqlStep> = ranks.iter().map(|rank| self.table((step, *rank))).collect();
            for (rank, step) in ranks.into_iter().zip(made) {
                self.tables.insert(rank, step.table.clone());
                self.steps.push(step);
            }
        }
        for (rank, key) in [(Rank::Household, "h"), (Rank::Person, "p")] {
            let shown = self.program.outputs.iter().enumerate();
            let shown = shown.filter(|(_, output)| Rank::of(output.level) == rank);
            let columns: String = shown
                .map(|(place, output)| format!(", {} AS o{place}", self.text(output.node)))
                .collect();
            let table = &self.tables[&rank];
            self.steps.push(SqlStep {
                table: format!("outputs_{key}"),
                select: format!("SELECT {key}{columns} FROM {table}"),
                crossed: None,
            });
        }
    }

    /// One table: what was there and is still read, what crosses over from other
    /// ranks, then operations in layers.
    fn table(&self, stage: Stage) -> SqlStep {
        let (step, rank) = stage;
        let ids = (0..self.stages.len()).map(|place| NodeId(place as u32));
        let ids: Vec<NodeId> = ids.filter(|id| !self.is_literal(*id)).collect();
        let here = |id: &NodeId| self.stages[id.place()] == stage;
        let mut select = match step {
            0 => self.base(rank, ids.iter().copied().filter(here)),
            _ => self.crossed(stage, ids.iter().copied().filter(here)),
        };
        let crossed = Some(select.clone());
        let mut layers: Vec<Vec<NodeId>> = Vec::new();
        let mut layer_of: BTreeMap<NodeId, usize> = BTreeMap::new();
        for id in ids.iter().copied().filter(here) {
            let op = self.program.node(id).op;
            if matches!(
                op,
                Op::Fact(_) | Op::Field(..) | Op::Aggregate(_) | Op::Spread(..)
            ) {
                continue;
            }
            let below = op.operands().filter_map(|x| {
                let layer = layer_of.get(&x).copied()?;
                Some(layer + usize::from(!self.inlined[x.place()]))
            });
            let layer = below.max().unwrap_or(0);
            layer_of.insert(id, layer);
            if !self.inlined[id.place()] {
                layers.resize(layers.len().max(layer + 1), Vec::new());
                layers[layer].push(id);
            }
        }
        for layer in layers.iter().filter(|layer| !layer.is_empty()) {
            let made = layer.iter();
            let made: String = made
                .map(|id| format!(", {} AS {}", self.made(*id), name(*id)))
                .collect();
            select = format!("SELECT *{made} FROM ({select}) t");
        }
        let kept = ids.iter().filter(|id| {
            let place = id.place();
            let there = self.stages[place].1 == rank && self.stages[place].0 <= step;
            there && !self.inlined[place] && self.last_read[place].0 > step
        });
        let columns: String = kept.map(|id| format!(", {}", name(*id))).collect();
        let keys = self.keys(rank);
        let (letter, kind) = letter(rank);
        SqlStep {
            table: format!("{letter}{kind}_{step}"),
            select: format!("SELECT {keys}{columns} FROM ({select}) t"),
            crossed,
        }
    }

    fn keys(&self, rank: Rank) -> String {
        match rank {
            Rank::Scalar | Rank::Household => "h".to_owned(),
            Rank::Person => {
                let kinds = self.program.layout().kinds().iter();
                let answered = kinds.map(|kind| format!(", \"answered.{}\"", kind.id));
                format!("p, h{}", answered.collect::<String>())
            }
            Rank::Record(_) => "p".to_owned(),
        }
    }

    fn base(&self, rank: Rank, here: impl Iterator<Item = NodeId>) -> String {
        let layout = self.program.layout();
        let columns = here.filter_map(|id| match self.program.node(id).op {
            Op::Fact(place) => Some(format!(
                ", \"fact.{}\" AS {}",
                layout.facts()[place].id,
                name(id)
            )),
            Op::Field(kind, field) => Some(format!(
                ", \"{}\" AS {}",
                layout.kinds()[kind].fields[field].id,
                name(id)
            )),
            _ => None,
        });
        let table = match rank {
            Rank::Scalar | Rank::Household => "households".to_owned(),
            Rank::Person => "persons".to_owned(),
            Rank::Record(kind) => format!("\"records.{}\"", layout.kinds()[kind].id),
        };
        let columns: String = columns.collect();
        format!("SELECT {}{columns} FROM {table}", self.keys(rank))
    }

    /// The newest table of the rank, joined with what comes from others.
    fn crossed(&self, (_, rank): Stage, here: impl Iterator<Item = NodeId>) -> String {
        let mut columns = String::new();
        let mut gathered: BTreeMap<Rank, String> = BTreeMap::new();
        let mut spread: BTreeMap<Rank, String> = BTreeMap::new();
        for id in here {
            match self.program.node(id).op {
                Op::Aggregate(gather) => {
                    let parts = gathered.entry(gather.over).or_default();
                    parts.push_str(&self.parts(id, &gather));
                    columns.push_str(&format!(", {} AS {}", self.whole(id, &gather), name(id)));
                }
                Op::Spread(x, _) => {
                    let from = self.program.node(x).rank;
                    spread.entry(from).or_default().push_str(&format!(
                        ", s_{}.{} AS {}",
                        letter(from).0,
                        self.text(x),
                        name(id)
                    ));
                }
                _ => {}
            }
        }
        let mut joins = String::new();
        for (over, parts) in gathered {
            let key = if rank == Rank::Household { "h" } else { "p" };
            let (sort, kind) = letter(over);
            let alias = format!("a_{sort}{kind}");
            let table = &self.tables[&over];
            joins.push_str(&format!(
                " LEFT JOIN (SELECT {key}{parts} FROM {table} GROUP BY {key}) {alias} ON {alias}.{key} = l.{key}"
            ));
        }
        for (from, parts) in spread {
            let key = if from == Rank::Household { "h" } else { "p" };
            let alias = format!("s_{}", letter(from).0);
            let table = &self.tables[&from];
            columns.push_str(&parts);
            joins.push_str(&format!(" JOIN {table} {alias} ON {alias}.{key} = l.{key}"));
        }
        format!("SELECT l.*{columns} FROM {} l{joins}", self.tables[&rank])
    }

    /// What a group gives an aggregate: `_u` counts the unknown, the rest is by kind.
    fn parts(&self, id: NodeId, gather: &Gather) -> String {
        let n = name(id);
        let filter = gather.filter.map(|filter| self.text(filter));
        let value = gather
            .value
            .map_or("1".to_owned(), |value| self.text(value));
        let count = |when: &str| format!("SUM(CASE WHEN {when} THEN 1 ELSE 0 END)");
        match gather.op {
            AggregateOp::Any | AggregateOp::All => {
                let deciding = match gather.op {
                    AggregateOp::Any => value.clone(),
                    _ => format!("NOT {value}"),
                };
                let (some, open) = (count(&deciding), count(&format!("{value} IS NULL")));
                format!(", {some} AS {n}_d, {open} AS {n}_u")
            }
            AggregateOp::Count | AggregateOp::Sum => {
                let (sum, open) = match (&filter, gather.value) {
                    (None, None) => ("COUNT(*)".to_owned(), "0".to_owned()),
                    (Some(f), None) => (count(f), count(&format!("{f} IS NULL"))),
                    (None, Some(_)) => {
                        (format!("SUM({value})"), count(&format!("{value} IS NULL")))
                    }
                    (Some(f), Some(_)) => (
                        format!("SUM(CASE WHEN {f} THEN {value} ELSE 0 END)"),
                        count(&format!(
                            "({f} AND {value} IS NULL) OR ({f} IS NULL AND ({value} IS NULL OR {value} <> 0))"
                        )),
                    ),
                };
                format!(", CAST({sum} AS BIGINT) AS {n}_s, {open} AS {n}_u")
            }
            AggregateOp::Min | AggregateOp::Max => {
                let which = if gather.op == AggregateOp::Min {
                    "MIN"
                } else {
                    "MAX"
                };
                let (of, open) = match filter {
                    None => (value.clone(), format!("{value} IS NULL")),
                    Some(f) => (
                        format!("CASE WHEN {f} THEN {value} END"),
                        format!("{f} IS NULL OR ({f} AND {value} IS NULL)"),
                    ),
                };
                format!(", {which}({of}) AS {n}_m, {} AS {n}_u", count(&open))
            }
        }
    }

    /// An aggregate from its parts; of no rows there are no parts.
    fn whole(&self, id: NodeId, gather: &Gather) -> String {
        let n = name(id);
        let known = match gather.over {
            Rank::Record(kind) => {
                let kind = &self.program.layout().kinds()[kind].id;
                format!("l.\"answered.{kind}\" AND COALESCE({n}_u, 0) = 0")
            }
            _ => format!("COALESCE({n}_u, 0) = 0"),
        };
        match gather.op {
            AggregateOp::Any => {
                format!("CASE WHEN {n}_d > 0 THEN TRUE WHEN {known} THEN FALSE END")
            }
            AggregateOp::All => {
                format!("CASE WHEN {n}_d > 0 THEN FALSE WHEN {known} THEN TRUE END")
            }
            AggregateOp::Count | AggregateOp::Sum => {
                format!("CASE WHEN {known} THEN COALESCE({n}_s, 0) END")
            }
            AggregateOp::Min | AggregateOp::Max => format!("CASE WHEN {known} THEN {n}_m END"),
        }
    }
}

/// Its text holds each operand once, so that inlining cannot multiply.
fn mentions_once(node: &Node) -> bool {
    matches!(
        node.op,
        Op::Negate(_)
            | Op::Abs(_)
            | Op::Not(_)
            | Op::Rescale(..)
            | Op::Add(..)
            | Op::Subtract(..)
            | Op::Multiply(_, _, 0)
            | Op::Compare(..)
            | Op::And(..)
            | Op::Or(..)
    )
}

pub(super) fn name(id: NodeId) -> String {
    format!("n{}", id.place())
}

fn letter(rank: Rank) -> (&'static str, String) {
    match rank {
        Rank::Scalar | Rank::Household => ("h", String::new()),
        Rank::Person => ("p", String::new()),
        Rank::Record(kind) => ("r", kind.to_string()),
    }
}
