//! 「验表」 What makes a sheet whole: every name is there, bands neither overlap nor
//! leave gaps over everything the answers can add up to, a skipped question says what
//! it counts, skipping hangs on earlier answers only. The packs room asks this of
//! every sheet it reads and underlines what is told.

use crate::config::{Atom, Grading, Matrix, Range, Sheet, Shift, Take};
use crate::points::Points;
use kernel::Slug;
use std::collections::{BTreeMap, BTreeSet};

/// A fault of a sheet: by which id (question, measure, band, adjustment) and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetFault {
    /// The id under whose lines it stands; `None`: the sheet itself.
    pub at: Option<Slug>,
    /// Why.
    pub says: String,
}

/// Every fault of a sheet; none: it always grades.
pub fn prove(sheet: &Sheet) -> Vec<SheetFault> {
    let mut proof = Proof {
        sheet,
        faults: Vec::new(),
        ranges: BTreeMap::new(),
    };
    proof.names();
    proof.questions();
    proof.measures();
    proof.grading();
    proof.adjusts();
    proof.faults
}

struct Proof<'a> {
    sheet: &'a Sheet,
    faults: Vec<SheetFault>,
    /// What measures can be.
    ranges: BTreeMap<Slug, Range<Points>>,
}

impl Proof<'_> {
    fn fault(&mut self, at: Option<&Slug>, says: impl Into<String>) {
        self.faults.push(SheetFault {
            at: at.cloned(),
            says: says.into(),
        });
    }

    fn names(&mut self) {
        let sheet = self.sheet;
        if sheet.version.trim().is_empty() {
            self.fault(None, "评估表要写版本");
        }
        if sheet.assessors == 0 {
            self.fault(None, "至少要一位评估人");
        }
        if sheet.bands.is_empty() {
            self.fault(None, "至少要一个等级");
        }
        let sections = sheet.sections.iter().map(|one| &one.id);
        let questions = sheet.questions.iter().map(|one| &one.id);
        let measures = sheet.measures.iter().map(|one| &one.id);
        let mut seen = BTreeSet::new();
        for id in sections.chain(questions).chain(measures) {
            if !seen.insert(id) {
                self.fault(Some(id), format!("`{id}` 写了两次"));
            }
        }
        let mut bands = BTreeSet::new();
        for band in &sheet.bands {
            if !bands.insert(&band.id) {
                self.fault(Some(&band.id), format!("等级 `{}` 写了两次", band.id));
            }
        }
    }

    fn questions(&mut self) {
        let sheet = self.sheet;
        let read = self.counted();
        for (at, question) in sheet.questions.iter().enumerate() {
            let id = Some(&question.id);
            if !sheet.sections.iter().any(|one| one.id == question.section) {
                self.fault(id, format!("没有叫 `{}` 的部分", question.section));
            }
            let range = question.value.range();
            if range.least > range.most {
                self.fault(id, "最小的数不能大于最大的数");
            }
            let Some(only) = &question.only else { continue };
            for atom in &only.0 {
                let before = sheet.questions.iter().take(at);
                if !before.into_iter().any(|one| one.id == atom.of) {
                    self.fault(id, format!("`only` 只能看前面的题，前面没有 `{}`", atom.of));
                }
                self.atom(&question.id, atom);
            }
            if question.skipped.is_none() && read.contains(&question.id) {
                self.fault(id, "这道题可能不问，又要计分，请写 `skipped`：不问时算几分");
            }
        }
    }

    /// Questions whose points something reads.
    fn counted(&self) -> BTreeSet<Slug> {
        let sheet = self.sheet;
        let mut named: BTreeSet<&Slug> = BTreeSet::new();
        for measure in &sheet.measures {
            if let Take::Sum(parts) = &measure.take {
                named.extend(parts);
            }
        }
        for adjust in &sheet.adjusts {
            named.extend(adjust.when.0.iter().map(|atom| &atom.of));
        }
        let counts = sheet.questions.iter();
        let counts = counts.filter(|one| named.contains(&one.id) || named.contains(&one.section));
        counts.map(|one| one.id.clone()).collect()
    }

    fn measures(&mut self) {
        let sheet = self.sheet;
        for measure in &sheet.measures {
            let id = Some(&measure.id);
            let sum = match &measure.take {
                Take::Earlier { range, .. } => *range,
                Take::Sum(parts) => {
                    let mut sum = Range {
                        least: Points::default(),
                        most: Points::default(),
                    };
                    for part in parts {
                        match self.range(part) {
                            Some(one) => {
                                sum.least = sum.least.plus(one.least);
                                sum.most = sum.most.plus(one.most);
                            }
                            None => {
                                self.fault(id, format!("没有叫 `{part}` 的部分、题或前面的计分"))
                            }
                        }
                    }
                    sum
                }
            };
            let start = Points::whole(measure.start);
            let bound = |points: Points| {
                let least = measure.least.map(Points::whole);
                let most = measure.most.map(Points::whole);
                let points = least.map_or(points, |least| points.max(least));
                most.map_or(points, |most| points.min(most))
            };
            let range = Range {
                least: bound(start.plus(sum.least.share(measure.percent))),
                most: bound(start.plus(sum.most.share(measure.percent))),
            };
            self.ranges.insert(measure.id.clone(), range);
            if !measure.levels.is_empty() {
                let levels: Vec<Range<Points>> = measure.levels.clone();
                self.cover(id, &levels, range, self.step(&measure.id));
            }
        }
    }

    fn range(&self, id: &Slug) -> Option<Range<Points>> {
        if let Some(range) = self.ranges.get(id) {
            return Some(*range);
        }
        let one = |question: &crate::config::Question| {
            let range = question.value.range();
            let skipped = question.skipped.filter(|_| question.only.is_some());
            Range {
                least: Points::whole(skipped.map_or(range.least, |s| s.min(range.least))),
                most: Points::whole(skipped.map_or(range.most, |s| s.max(range.most))),
            }
        };
        if let Some(question) = self.sheet.question(id.as_str()) {
            return Some(one(question));
        }
        if !self.sheet.sections.iter().any(|section| section.id == *id) {
            return None;
        }
        let inside = self.sheet.questions.iter().filter(|q| q.section == *id);
        let none = Range {
            least: Points::default(),
            most: Points::default(),
        };
        Some(inside.map(one).fold(none, |sum, range| Range {
            least: sum.least.plus(range.least),
            most: sum.most.plus(range.most),
        }))
    }

    /// The smallest step a measure moves in: whole points, or hundredths where shares
    /// or means are in it.
    fn step(&self, id: &Slug) -> i64 {
        if self.sheet.settle == crate::config::Settle::Mean && self.sheet.assessors > 1 {
            return 1;
        }
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let Some(measure) = self.sheet.measure(id.as_str()) else {
                continue;
            };
            match &measure.take {
                Take::Earlier { .. } => return 1,
                Take::Sum(parts) => open.extend(parts),
            }
            if measure.percent != 100 {
                return 1;
            }
        }
        100
    }

    /// Ranges, best (highest) first, that cover a span exactly.
    fn cover(
        &mut self,
        at: Option<&Slug>,
        ranges: &[Range<Points>],
        span: Range<Points>,
        step: i64,
    ) {
        let mut next = span.most;
        for range in ranges {
            if range.least > range.most {
                self.fault(at, format!("{} 到 {} 写反了", range.least, range.most));
                return;
            }
            if range.most != next {
                let says = match range.most < next {
                    true => format!("{} 和 {} 之间有空", range.most, next),
                    false if next == span.most => {
                        format!("最多 {next} 分，写到了 {}", range.most)
                    }
                    false => format!("{} 分写进了两档", range.most),
                };
                self.fault(at, says);
                return;
            }
            next = Points(range.least.0 - step);
        }
        let end = Points(next.0 + step);
        if end != span.least {
            self.fault(at, format!("最少 {} 分，只写到 {end}", span.least));
        }
    }

    fn grading(&mut self) {
        let sheet = self.sheet;
        match &sheet.grading {
            Grading::Bands { of } => {
                let Some(span) = self.ranges.get(of).copied() else {
                    self.fault(None, format!("没有叫 `{of}` 的计分"));
                    return;
                };
                let ranges: Vec<Range<Points>> =
                    sheet.bands.iter().filter_map(|one| one.range).collect();
                if ranges.len() != sheet.bands.len() {
                    self.fault(None, "每个等级都要写从几分到几分");
                    return;
                }
                let first = sheet.bands.first().map(|one| one.id.clone());
                self.cover(first.as_ref(), &ranges, span, self.step(of));
            }
            Grading::Matrix(matrix) => self.matrix(matrix),
        }
    }

    fn matrix(&mut self, matrix: &Matrix) {
        let sheet = self.sheet;
        let levels = |id: &Slug| sheet.measure(id.as_str()).map_or(0, |one| one.levels.len());
        let named = std::iter::once(&matrix.rows).chain(&matrix.columns);
        for id in named.filter(|id| levels(id) == 0) {
            self.fault(None, format!("`{id}` 没有写档次（levels），不能进对照表"));
        }
        let widths: BTreeSet<usize> = matrix.columns.iter().map(levels).collect();
        let (Some(width), 1) = (widths.first().copied(), widths.len()) else {
            self.fault(None, "对照表横向的几项，档次要一样多");
            return;
        };
        let square = matrix.table.len() == levels(&matrix.rows)
            && matrix.table.iter().all(|row| row.len() == width);
        if !square {
            self.fault(None, "对照表的行数、列数和档次对不上");
        }
        let known = matrix.table.iter().flatten();
        if known.into_iter().any(|band| *band >= sheet.bands.len()) {
            self.fault(None, "对照表里有没写的等级");
        }
        // Worse answers never give a better grade.
        let falls = matrix.table.iter().any(|row| !row.is_sorted());
        let columns = (0..width).any(|at| {
            let column = matrix.table.iter().filter_map(|row| row.get(at));
            !column.is_sorted()
        });
        if falls || columns {
            self.fault(None, "对照表里，档次变差时等级不能变好");
        }
    }

    fn adjusts(&mut self) {
        let sheet = self.sheet;
        let mut seen = BTreeSet::new();
        for adjust in &sheet.adjusts {
            let id = &adjust.id;
            if !seen.insert(id) {
                self.fault(Some(id), format!("`{id}` 写了两次"));
            }
            if adjust.basis.trim().is_empty() {
                self.fault(Some(id), "调整要写条款");
            }
            if adjust.when.0.is_empty() {
                self.fault(Some(id), "调整要写什么情况下");
            }
            for atom in &adjust.when.0 {
                self.atom(id, atom);
            }
            let band = match adjust.shift {
                Shift::To(band) | Shift::NotAbove(band) => band,
                Shift::Worse(by) => by.min(sheet.bands.len().saturating_sub(1)),
            };
            if band >= sheet.bands.len() {
                self.fault(Some(id), "调整到的等级没有写");
            }
        }
    }

    /// A comparison of something that is there and can go both ways.
    fn atom(&mut self, at: &Slug, atom: &Atom) {
        let Some(range) = self.range(&atom.of) else {
            self.fault(Some(at), format!("没有叫 `{}` 的题或计分", atom.of));
            return;
        };
        if atom.least.is_none() && atom.most.is_none() {
            self.fault(Some(at), "条件要写 `is`、`least` 或 `most`");
        }
        let never = atom
            .least
            .is_some_and(|least| Points::whole(least) > range.most)
            || atom
                .most
                .is_some_and(|most| Points::whole(most) < range.least);
        if never {
            self.fault(Some(at), format!("`{}` 不会有这样的值", atom.of));
        }
    }
}
