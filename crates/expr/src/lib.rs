//! 「规则语言」 The only language we write ourselves: total, typed, with units,
//! exact numbers and three-valued truth. Text → tree ([`parse`]) → checked tree
//! ([`check`]) → columnar [`Program`], which judges one household or millions
//! with the same code. Absent on purpose: IO, the clock (the day of judgement is
//! a parameter), loops, assignment, user functions, floating point, defaults for
//! what is missing.

mod ast;
mod check;
mod column;
mod environment;
mod error;
mod eval;
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
pub use environment::{Environment, EnvironmentError};
pub use error::{ExprError, Span};
pub use eval::Runner;
pub use frame::{FactPlace, Frame, FrameError, KindPlace, Layout};
pub use parser::parse;
pub use program::{Output, Program, ProgramBuilder, RunError};
pub use results::{OutputColumn, Results};
pub use schema::{
    DerivedDecl, FactDecl, FieldDecl, ParameterDecl, RecordKind, Schema, SchemaError,
};
pub use trace::{Missing, MissingLeaf, NameKind, Row, Trace, Used};
pub use typed::{DateFunction, Rounding, Typed, TypedAggregate, TypedKind, TypedNode, TypedOver};
pub use types::{CodeMember, CodeSet, Level, SCALE_MAX, Type};
pub use unit::{Unit, UnitError};
pub use value::{Cell, Decimal, DecimalError, Value};
