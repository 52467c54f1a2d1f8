//! 「案头」 What every reader has at hand: the texts, the fault list, the layers.
//! Here expressions and sentences are compiled and their faults brought back to
//! the words in the file.

use crate::diagnostic::{Fault, Faults};
use crate::model::LayerHead;
use crate::place::{At, Place, Sources};
use crate::tree::{Node, Table, Value as Written};
use engine_policy::{Part, Template};
use expr::{CodeSet, Decimal, ExprError, Level, Schema, Type, Typed, Unit, Value};
use kernel::{Date, RegionCode, RegionLevel, RegionTree};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

pub(crate) struct Desk<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) faults: &'a Faults,
    /// The chain's packs, base first; `None` where the head itself is wrong.
    pub(crate) layers: &'a [Option<LayerHead>],
    pub(crate) regions: &'a RegionTree,
    /// For every file, its layer in the chain.
    pub(crate) layer_of_file: &'a [usize],
    /// Names whose declaration is wrong: what uses them is not wrong again.
    pub(crate) broken: RefCell<BTreeSet<String>>,
    /// Every rule that could be read, for the linter.
    pub(crate) compiled: RefCell<Vec<Compiled>>,
}

/// A rule as written and as read.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) text: At<String>,
    pub(crate) typed: Typed,
    pub(crate) basis: Vec<String>,
    /// Whom it holds for is looked at more closely than others.
    pub(crate) suspects: bool,
}

/// A piece of a sentence, still with its place.
pub(crate) enum Piece {
    Words(String),
    Braces(At<String>),
}

impl Desk<'_> {
    pub(crate) fn fault(&self, fault: Fault) {
        self.faults.put(fault);
    }

    /// Notes a name whose declaration was just reported as wrong.
    pub(crate) fn breaks(&self, name: impl Into<String>) {
        self.broken.borrow_mut().insert(name.into());
    }

    pub(crate) fn is_broken(&self, name: &str) -> bool {
        self.broken.borrow().contains(name)
    }

    /// The place of bytes inside a text's value. Exact when the text stands in
    /// the file as it is; with escapes in it, the whole text.
    pub(crate) fn inside(&self, text: &At<String>, span: Range<usize>) -> Place {
        let raw = self.sources.text(text.place);
        let once = raw.matches(&text.value).count() == 1;
        match raw.find(&text.value) {
            Some(offset) if once => {
                let start = text.place.start as usize + offset;
                Place::new(text.place.file, start + span.start..start + span.end)
            }
            _ => text.place,
        }
    }

    fn expression_faults(&self, text: &At<String>, errors: Vec<ExprError>) {
        for error in errors {
            let words = text.value.get(error.span.clone()).unwrap_or("");
            if self.is_broken(words) {
                continue;
            }
            let place = self.inside(text, error.span);
            let fault = Fault::error("expression", place, error.message);
            self.fault(fault.maybe_help(error.help));
        }
    }

    /// Checks an expression; `want` is the type it must have.
    pub(crate) fn compile(
        &self,
        text: &At<String>,
        schema: &Schema,
        at: Level,
        want: Option<&Type>,
    ) -> Option<Typed> {
        let ast = match expr::parse(&text.value) {
            Ok(ast) => ast,
            Err(errors) => {
                self.expression_faults(text, errors);
                return None;
            }
        };
        let typed = match want {
            Some(want) => expr::check_as(&ast, schema, at, want),
            None => expr::check(&ast, schema, at),
        };
        typed
            .map_err(|errors| self.expression_faults(text, errors))
            .ok()
    }

    /// As [`Desk::compile`], and kept for the linter with the table's `basis`.
    pub(crate) fn law(
        &self,
        (text, table): (&At<String>, &Table),
        schema: &Schema,
        at: Level,
        want: Option<&Type>,
    ) -> Option<Typed> {
        self.kept((text, table), false, self.compile(text, schema, at, want))
    }

    /// Whom it holds for is asked, visited or reviewed more than others.
    pub(crate) fn suspicion(
        &self,
        (text, table): (&At<String>, &Table),
        schema: &Schema,
        at: Level,
    ) -> Option<Typed> {
        self.kept((text, table), true, self.rule(text, schema, at))
    }

    fn kept(
        &self,
        (text, table): (&At<String>, &Table),
        suspects: bool,
        typed: Option<Typed>,
    ) -> Option<Typed> {
        let typed = typed?;
        self.compiled.borrow_mut().push(Compiled {
            text: text.clone(),
            typed: typed.clone(),
            basis: table.sentences("basis"),
            suspects,
        });
        Some(typed)
    }

    /// A rule that holds or does not.
    pub(crate) fn rule(&self, text: &At<String>, schema: &Schema, at: Level) -> Option<Typed> {
        self.compile(text, schema, at, Some(&Type::Bool))
    }

    /// Splits `words {expression} words`; unpaired braces are faults.
    pub(crate) fn pieces(&self, text: &At<String>) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut from = 0;
        let value = &text.value;
        while let Some(open) = value[from..].find(['{', '}']).map(|at| at + from) {
            let close = value[open..].find('}').map(|at| at + open);
            let (true, Some(close)) = (value[open..].starts_with('{'), close) else {
                let place = self.inside(text, open..open + 1);
                self.fault(Fault::error("braces", place, "花括号没有成对"));
                return pieces;
            };
            pieces.push(Piece::Words(value[from..open].to_owned()));
            let place = self.inside(text, open + 1..close);
            let inner = At::new(value[open + 1..close].to_owned(), place);
            pieces.push(Piece::Braces(inner));
            from = close + 1;
        }
        pieces.push(Piece::Words(value[from..].to_owned()));
        pieces
    }

    /// A sentence with values in it.
    pub(crate) fn template(&self, text: &At<String>, schema: &Schema, at: Level) -> Template {
        let part = |piece| match piece {
            Piece::Words(words) if words.is_empty() => None,
            Piece::Words(words) => Some(Part::Words(words)),
            Piece::Braces(inner) => self.compile(&inner, schema, at, None).map(Part::Value),
        };
        Template {
            parts: self.pieces(text).into_iter().filter_map(part).collect(),
        }
    }

    /// The region of the pack a place is written in.
    pub(crate) fn layer_region(&self, place: Place) -> Option<RegionCode> {
        let layer = self.layer_of_file.get(place.file as usize)?;
        self.layers.get(*layer)?.as_ref().map(|layer| layer.region)
    }

    /// A region's code, inside the base pack's region and known on that day.
    pub(crate) fn region(&self, text: &At<String>, day: Date) -> Option<RegionCode> {
        let code: RegionCode = text.value.parse().ok()?;
        let base = self.layers.first()?.as_ref()?;
        let outside = (!base.region.contains(code)).then_some(base);
        if let Some(base) = outside {
            let message = format!("{} 不在“{}”的范围内", text.value, base.name);
            self.fault(Fault::error("region", text.place, message));
            return None;
        }
        // A base pack need not know every county; but where it knows the city, it
        // knows all that is in it.
        let knows = |code| self.regions.get(code, day).is_some();
        if code.within(RegionLevel::City).is_some_and(knows) && !knows(code) {
            let message = format!("区划表里没有 {}", text.value);
            self.fault(Fault::error("region", text.place, message));
        }
        Some(code)
    }

    /// The unit a text names.
    pub(crate) fn unit(&self, text: &At<String>) -> Option<Unit> {
        let unit = text.value.parse::<Unit>();
        unit.map_err(|error| {
            let fault = Fault::error("unknown_unit", text.place, error.to_string());
            self.fault(fault);
        })
        .ok()
    }

    /// A plain value of a type; `percent`: it is written in hundredths.
    pub(crate) fn value(&self, node: &Node, ty: &Type, percent: bool) -> Option<Value> {
        match plain(node, ty, percent) {
            Ok(value) => Some(value),
            Err((message, help)) => {
                let fault = Fault::error("wrong_value", node.place, message);
                self.fault(fault.maybe_help(help));
                None
            }
        }
    }
}

type Wrong = (String, Option<String>);

fn plain(node: &Node, ty: &Type, percent: bool) -> Result<Value, Wrong> {
    match (ty, &node.value) {
        (Type::Bool, Written::Bool(known)) => Ok(Value::Bool(*known)),
        (Type::Date, Written::Date(day)) => Ok(Value::Date(*day)),
        (Type::Number { scale, .. }, Written::Number(number)) => decimal(number, *scale, percent),
        (Type::Code(set), Written::Text(text)) => code(set, text),
        (ty, written) => {
            let wanted = match ty {
                Type::Bool => "true 或 false",
                Type::Date => "日期，例如 2026-07-01（不加引号）",
                Type::Number { .. } => "数",
                Type::Code(_) => "代码（文字）",
            };
            Err((format!("这里要写{wanted}，不是{}", written.kind()), None))
        }
    }
}

fn decimal(number: &str, scale: u8, percent: bool) -> Result<Value, Wrong> {
    let read: Decimal = number.parse().map_err(|error| (format!("{error}"), None))?;
    let read = match percent {
        true => read.percent(),
        false => Some(read),
    };
    let exact = read.and_then(|read| read.at_scale(scale));
    match exact {
        Some(mantissa) => Ok(Value::Number(Decimal { mantissa, scale })),
        None => Err((
            format!("{number} 写得太细或太大：这里最多 {scale} 位小数"),
            Some("要更多小数，请给事实写上 decimals".to_owned()),
        )),
    }
}

/// A member of a code set, by id or by the words people use.
fn code(set: &CodeSet, text: &str) -> Result<Value, Wrong> {
    let by_label = || {
        let member = set.members.iter().find(|member| member.label == text)?;
        set.number_of(member.id.as_str())
    };
    match set.number_of(text).or_else(by_label) {
        Some(number) => Ok(Value::Code(number)),
        None => {
            let known: Vec<&str> = set
                .members
                .iter()
                .flat_map(|member| [member.id.as_str(), member.label.as_str()])
                .collect();
            let help = crate::suggest::meant(text, known.iter().copied());
            Err((format!("“{}”里没有“{text}”", set.label), help))
        }
    }
}
