//! 「看一条规则」 One rule looked at: what never holds or always does, bands that overlap
//! or leave a gap. Absent on purpose: which values its parameters have (`Reader`).

use super::reach::{Form, Reader, possible};
use super::span::{Span, spoken, step};
use crate::desk::{Compiled, Desk};
use crate::diagnostic::Fault;
use expr::{Type, TypedKind, TypedNode};
use std::cell::RefCell;

/// One expression looked at.
struct Look<'l> {
    desk: &'l Desk<'l>,
    reader: &'l Reader<'l>,
    one: &'l Compiled,
    found: RefCell<Vec<Fault>>,
}

/// What is wrong with one expression, its parameters being what the reader has them be.
pub(super) fn look(desk: &Desk<'_>, reader: &Reader<'_>, one: &Compiled) -> Vec<Fault> {
    let look = Look {
        desk,
        reader,
        one,
        found: RefCell::default(),
    };
    look.node(one.typed.root());
    look.found.into_inner()
}

impl Look<'_> {
    fn fault(&self, code: &'static str, node: &TypedNode, message: &str, help: &str) {
        let place = self.desk.inside(&self.one.text, node.span.clone());
        let fault = Fault::error(code, place, message).help(help);
        self.found.borrow_mut().push(fault);
    }

    /// Told at the narrowest words it is true of; whether anything was told.
    fn node(&self, node: &TypedNode) -> bool {
        let below = match &node.kind {
            TypedKind::If(..) => self.ladder(node),
            _ => self.each(&node.children()),
        };
        if below || !matches!(node.ty, Type::Bool) {
            return below;
        }
        if !possible(&[self.reader.form(node, true)]) {
            let message = "这一句永远不成立，谁来都是“否”";
            let help = "看看上下限、单位或代码是不是写反了；真不要它，就删掉";
            self.fault("never", node, message, help);
            return true;
        }
        if !possible(&[self.reader.form(node, false)]) {
            let message = "这一句永远成立，等于没有写";
            let help = "看看是不是漏了一个上限或下限；真不要它，就删掉";
            self.fault("always", node, message, help);
            return true;
        }
        false
    }

    fn each(&self, nodes: &[&TypedNode]) -> bool {
        let told = nodes.iter().filter(|node| self.node(node));
        told.count() > 0
    }

    /// `if … then … else if … then … else …`: bands one after another.
    fn ladder(&self, top: &TypedNode) -> bool {
        let mut rungs: Vec<&TypedNode> = Vec::new();
        let mut values: Vec<&TypedNode> = Vec::new();
        let mut rest = top;
        while let TypedKind::If(condition, yes, no) = &rest.kind {
            rungs.push(condition);
            values.push(yes);
            rest = no;
        }
        values.push(rest);
        if self.each(&rungs) | self.each(&values) {
            return true;
        }
        let mut before: Vec<Form> = Vec::new();
        for (at, rung) in rungs.iter().enumerate() {
            let mut all = before.clone();
            all.push(self.reader.form(rung, true));
            if possible(&all) {
                self.overlaps(rung, &rungs[..at]);
            } else {
                let message = "这一档永远轮不到：前面的档已经把它包进去了";
                let help = "把窄的一档写在前面，或者改它的上下限";
                self.fault("overlap", rung, message, help);
            }
            before.push(self.reader.form(rung, false));
        }
        self.gaps(&rungs);
        false
    }

    /// Two bands, both with an end on each side, that share a stretch.
    fn overlaps(&self, rung: &TypedNode, earlier: &[&TypedNode]) {
        let closed = |node: &TypedNode| {
            let band = self.reader.band(node)?;
            (band.1.low.is_some() && band.1.high.is_some()).then_some(band)
        };
        let Some((key, span)) = closed(rung) else {
            return;
        };
        let ty = compared_type(rung);
        for other in earlier {
            let Some((_, shared)) = closed(other)
                .filter(|(same, _)| *same == key)
                .map(|(same, other)| (same, other.meet(span)))
                .filter(|(_, shared)| !shared.is_empty())
            else {
                continue;
            };
            let message = format!("这一档和前面的一档重叠：{}", told(shared, &ty));
            self.fault("overlap", rung, &message, "两档的上下限要接上，不要交叉");
        }
    }

    /// A hole between bands, where the last `else` is not itself the band in it.
    fn gaps(&self, rungs: &[&TypedNode]) {
        let bands: Option<Vec<_>> = rungs.iter().map(|rung| self.reader.band(rung)).collect();
        let Some(mut bands) = bands.filter(|bands| bands.len() > 1) else {
            return;
        };
        let ty = compared_type(rungs[0]);
        let one_key = bands.iter().all(|(key, _)| *key == bands[0].0);
        bands.sort_by_key(|(_, span)| (span.low.is_some(), span.low));
        let open_below = bands
            .iter()
            .any(|(_, span)| span.low.is_none_or(|low| low <= 0));
        let open_above = bands.iter().any(|(_, span)| span.high.is_none());
        if !one_key || (open_below && open_above) {
            return;
        }
        let fine = step(&ty);
        let mut end = bands[0].1.high;
        for (_, span) in &bands[1..] {
            let (Some(before), Some(low)) = (end, span.low) else {
                break;
            };
            if low > before + fine {
                let hole = Span::of(Some(before + fine), Some(low - fine));
                let message = format!("几档之间空了一段：{}", told(hole, &ty));
                let help = "空出来的会落到最后的 else 里。把上下限接上";
                self.fault("gap", rungs[0], &message, help);
            }
            end = end.max(span.high).filter(|_| span.high.is_some());
        }
    }
}

/// The type of the number a band is about.
pub(super) fn compared_type(node: &TypedNode) -> Type {
    let children = node.children();
    match (&node.ty, children.first()) {
        (Type::Bool, Some(first)) => compared_type(first),
        (ty, _) => ty.clone(),
    }
}

/// A stretch as people read it.
pub(super) fn told(span: Span, ty: &Type) -> String {
    let (low, high) = (span.low.unwrap_or(0), span.high.unwrap_or(0));
    match low == high {
        true => spoken(low, ty),
        false => format!("{} 到 {}", spoken(low, ty), spoken(high, ty)),
    }
}
