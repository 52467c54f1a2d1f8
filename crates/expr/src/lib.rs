//! 「规则语言」 The only language we write ourselves: total, typed, with units,
//! exact numbers and three-valued truth. Text → tree ([`parse`]) → checked tree
//! ([`check`]) → columnar [`Program`], which judges one household or millions
//! with the same code. Absent on purpose: IO, the clock (the day of judgement is
//! a parameter), loops, assignment, user functions, floating point, defaults for
//! what is missing.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use expr::*;
//! let mut schema = Schema::new();
//! let wage = FactDecl { id: "wage".parse()?, label: "工资".into(), level: Level::Person,
//!     ty: Type::number("元/月".parse()?) };
//! schema.add_fact("wage", wage)?;
//! let standard = ParameterDecl { id: "standard".parse()?, label: "低保标准".into(),
//!     ty: Type::number("元/人·月".parse()?) };
//! schema.add_parameter("standard", standard)?;
//! let text = "sum(members, wage) / count(members) < standard";
//! let typed = check(&parse(text).unwrap(), &schema, Level::Household).unwrap();
//! let mut builder = ProgramBuilder::new();
//! let poor = builder.add(&typed);
//! let program = builder.finish();
//! let mut environment = program.environment("2021-09-01".parse()?, 1);
//! environment.set("standard", 0, Value::Number("860".parse()?))?;
//! let mut frame = Frame::new(program.layout().clone());
//! let wage = frame.layout().fact("wage").unwrap();
//! frame.push_household(0); // in the first region
//! frame.push_member()?;
//! frame.set(wage, Value::Number("900.50".parse()?))?;
//! frame.push_member()?; // his wage is not known
//! let results = program.run(&frame, &environment)?;
//! assert_eq!(results.truth(poor, 0), kernel::Truth::Undetermined);
//! let why = program.trace(&frame, &environment)?.missing_leaves(poor, 0);
//! assert_eq!(why[0].row, Row::Person(1));
//! # Ok(())
//! # }
//! ```

mod ast;
mod check;
mod column;
mod environment;
mod error;
mod eval;
mod few;
mod frame;
mod lexer;
mod number;
mod parser;
mod print;
mod program;
mod results;
mod schema;
mod suggest;
mod trace;
mod typed;
mod types;
mod unit;
mod value;

pub use ast::*;
pub use check::{check, check_as, dependency_order};
pub use column::ColumnView;
pub use environment::{Environment, EnvironmentError};
pub use error::{ExprError, Span};
pub use eval::{Runner, wide};
pub use frame::{FactPlace, Frame, FrameError, KindPlace, Layout};
pub use parser::parse;
pub use program::{
    Listing, Output, Program, ProgramBuilder, RunError, Sql, SqlDialect, SqlError, SqlStep,
};
pub use results::{OutputColumn, Results};
pub use schema::{
    DerivedDecl, FactDecl, FieldDecl, ParameterDecl, RecordKind, Schema, SchemaError,
};
pub use trace::{Missing, MissingLeaf, NameKind, Row, Trace, Used};
pub use typed::{DateFunction, Rounding, Typed, TypedAggregate, TypedKind, TypedNode, TypedOver};
pub use types::{CodeMember, CodeSet, Level, SCALE_MAX, Type};
pub use unit::{Unit, UnitError};
pub use value::{Cell, Decimal, DecimalError, Value};
