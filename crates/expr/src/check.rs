//! 「检查」 Names, types, units and levels.

use crate::{Ast, ExprError, Level, Schema, Type, Typed};

/// Resolves names and checks types, units and levels; the value may depend on
/// nothing finer than `at` (Constant, Household or Person). All errors are
/// reported.
pub fn check(ast: &Ast, _schema: &Schema, _at: Level) -> Result<Typed, Vec<ExprError>> {
    Err(vec![ExprError::new(
        ast.root.span.clone(),
        "规则语言还在建设中",
    )])
}

/// Like [`check`], and the value must be of type `expected` (decimals aside; a
/// bare number takes the expected unit).
pub fn check_as(
    ast: &Ast,
    schema: &Schema,
    at: Level,
    _expected: &Type,
) -> Result<Typed, Vec<ExprError>> {
    check(ast, schema, at)
}

/// Brings derived facts into an order in which each uses only earlier ones.
/// `items` are (name, formula); the answer is their places. A cycle is told as
/// the names along it.
pub fn dependency_order(items: &[(String, Ast)]) -> Result<Vec<usize>, Vec<String>> {
    Ok((0..items.len()).collect())
}
