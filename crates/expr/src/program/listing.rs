//! 「清单」 A program as a list others can read: other engines compute the same from
//! it and check ours. Serialised; the order of operations is an order of computing.

use super::{Node, Program, Storage};
use crate::schema::FieldDecl;
use crate::types::{Level, Type};
use serde::Serialize;

/// Everything a program reads, does and hands out.
#[derive(Debug, Serialize)]
pub struct Listing<'p> {
    facts: Vec<Column<'p>>,
    kinds: Vec<Kind<'p>>,
    parameters: Vec<Column<'p>>,
    nodes: &'p [Node],
    outputs: Vec<Shown>,
}

/// A column by its id.
#[derive(Debug, Serialize)]
struct Column<'p> {
    id: &'p str,
    person: bool,
    storage: Storage,
    scale: u8,
}

#[derive(Debug, Serialize)]
struct Kind<'p> {
    id: &'p str,
    fields: Vec<Column<'p>>,
}

/// An output: which node, and whether its rows are persons.
#[derive(Debug, Serialize)]
struct Shown {
    node: usize,
    person: bool,
    storage: Storage,
    scale: u8,
}

impl<'p> Listing<'p> {
    pub(super) fn new(program: &'p Program) -> Listing<'p> {
        let layout = program.layout();
        let field = |field: &'p FieldDecl| column(field.id.as_str(), false, &field.ty);
        Listing {
            facts: layout
                .facts()
                .iter()
                .map(|fact| column(fact.id.as_str(), fact.level == Level::Person, &fact.ty))
                .collect(),
            kinds: layout
                .kinds()
                .iter()
                .map(|kind| Kind {
                    id: kind.id.as_str(),
                    fields: kind.fields.iter().map(field).collect(),
                })
                .collect(),
            parameters: program
                .parameters()
                .iter()
                .map(|one| column(one.id.as_str(), false, &one.ty))
                .collect(),
            nodes: &program.nodes,
            outputs: program
                .outputs
                .iter()
                .map(|output| Shown {
                    node: output.node.place(),
                    person: output.level == Level::Person,
                    storage: Storage::of(&output.ty),
                    scale: output.ty.scale().unwrap_or(0),
                })
                .collect(),
        }
    }
}

fn column<'p>(id: &'p str, person: bool, ty: &Type) -> Column<'p> {
    Column {
        id,
        person,
        storage: Storage::of(ty),
        scale: ty.scale().unwrap_or(0),
    }
}
