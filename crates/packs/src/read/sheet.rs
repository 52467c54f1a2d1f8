//! 「评估表」 A sheet file becomes a [`Sheet`] that always grades: names resolved, what
//! [`engine_assessment::prove`] finds underlined, examples typed, each band and each
//! adjustment tried by some example.

use super::catalogue::word;
use super::sheet_example::examples;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::load::Rooted;
use crate::place::{At, Place};
use crate::sheet::SheetEntry;
use crate::suggest::meant;
use crate::tree::{Node, Table, Value as Written};
use engine_assessment::{
    About, Adjust, Atom, Band, Evidence, Grading, Matrix, Measure, Points, Question, Range,
    Section, Settle, Sheet, Shift, Sortition, Take, Test, Value, prove,
};
use kernel::{Provenance, Slug};
use std::collections::BTreeMap;

/// Every sheet of the documents. One that takes another's scores comes after it.
pub(crate) fn sheets(desk: &Desk<'_>, documents: &[Rooted]) -> Vec<SheetEntry> {
    let mut known: BTreeMap<Slug, Range<Points>> = BTreeMap::new();
    let mut waiting: Vec<&Rooted> = documents.iter().filter(|one| one.root == "sheet").collect();
    let ids: Vec<String> = waiting.iter().map(|one| one.id.value.clone()).collect();
    let mut entries = Vec::new();
    while !waiting.is_empty() {
        let ready = |one: &&Rooted| {
            let mut needed = earlier(&one.table);
            needed.all(|name| known.contains_key(name.value.as_str()))
        };
        // What waits for a sheet that is not there, or for itself, is read with a fault.
        let at = waiting.iter().position(ready).unwrap_or(0);
        let document = waiting.remove(at);
        for name in earlier(&document.table) {
            if !known.contains_key(name.value.as_str()) {
                let message = format!("没有叫“{}”的评估表，或者两张表互相要", name.value);
                let help = meant(name.value.as_str(), ids.iter().map(String::as_str));
                desk.fault(Fault::error("unknown_name", name.place, message).maybe_help(help));
            }
        }
        let reading = Reading {
            desk,
            table: &document.table,
            known: &known,
        };
        if let Some(entry) = reading.entry() {
            let range = spans(&entry.sheet);
            known.insert(entry.sheet.id.clone(), range);
            entries.push((document.file, entry));
        }
    }
    entries.sort_by_key(|(file, _)| *file);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn earlier(table: &Table) -> impl Iterator<Item = At<Slug>> {
    let measures = table.tables("measure").into_iter();
    measures.filter_map(|one| one.table("earlier")?.slug("sheet"))
}

/// What a proven sheet's score can be.
fn spans(sheet: &Sheet) -> Range<Points> {
    let levels = sheet.measure(sheet.grading.score().as_str());
    let levels = levels
        .into_iter()
        .flat_map(|one| one.levels.iter().copied());
    let bands = sheet.bands.iter().filter_map(|one| one.range);
    let all: Vec<Range<Points>> = bands.chain(levels).collect();
    Range {
        least: all.iter().map(|one| one.least).min().unwrap_or_default(),
        most: all.iter().map(|one| one.most).max().unwrap_or_default(),
    }
}

/// One sheet being read.
pub(super) struct Reading<'a, 'd> {
    pub(super) desk: &'a Desk<'d>,
    pub(super) table: &'a Table,
    /// Sheets read so far, with what they score.
    known: &'a BTreeMap<Slug, Range<Points>>,
}

impl Reading<'_, '_> {
    fn entry(&self) -> Option<SheetEntry> {
        let head = self.table.table("sheet")?;
        let bands = self.bands();
        let sheet = Sheet {
            id: head.slug("id")?.value,
            name: head.words("name"),
            version: head.words("version"),
            about: match head.table("body") {
                Some(body) => About::Body {
                    kind: body.slug("id")?.value,
                    name: body.words("name"),
                },
                None => About::Person,
            },
            assessors: u8::try_from(head.whole("assessors")?).ok()?,
            settle: match head.words("settle").as_str() {
                "third" => Settle::Third,
                "mean" => Settle::Mean,
                _ => Settle::Joint,
            },
            valid_months: head.months("valid"),
            appeal_days: head.whole("appeal_days")?,
            sections: self.sections(),
            questions: self.questions(),
            measures: self.measures(),
            grading: self.grading(&bands)?,
            adjusts: self.adjusts(&bands),
            bands,
            draw: self.draw(),
            basis: head.words("basis"),
            provenance: word(head, "provenance")?,
        };
        let found = prove(&sheet);
        for fault in &found {
            let place = fault.at.as_ref().and_then(|id| self.place_of(id));
            let place = place.unwrap_or(head.place);
            self.desk
                .fault(Fault::error("sheet", place, fault.says.clone()));
        }
        let examples = examples(self, &sheet, found.is_empty());
        Some(SheetEntry {
            at: self.desk.sources.spot(head.place_of("id")),
            sheet,
            examples,
        })
    }

    /// Where an id of the sheet is written.
    pub(super) fn place_of(&self, id: &Slug) -> Option<Place> {
        let kinds = ["section", "question", "measure", "band", "adjust"];
        let rows = kinds.iter().flat_map(|kind| self.table.tables(kind));
        // The last: of two alike it is the second that is wrong.
        let found = rows.filter_map(|row| row.slug("id"));
        let mut found: Vec<At<Slug>> = found.filter(|one| one.value == *id).collect();
        found.pop().map(|one| one.place)
    }

    fn sections(&self) -> Vec<Section> {
        let rows = self.table.tables("section").into_iter();
        rows.filter_map(|row| {
            Some(Section {
                id: row.slug("id")?.value,
                name: row.words("name"),
            })
        })
        .collect()
    }

    fn questions(&self) -> Vec<Question> {
        let rows = self.table.tables("question").into_iter();
        rows.filter_map(|row| self.question(row)).collect()
    }

    fn question(&self, row: &Table) -> Option<Question> {
        let only = row.tables("only");
        Some(Question {
            section: row.slug("section")?.value,
            id: row.slug("id")?.value,
            asks: row.words("asks"),
            help: row.maybe_words("help"),
            value: self.value(row)?,
            evidence: match row.words("evidence").as_str() {
                "below" => Evidence::Below,
                "always" => Evidence::Always,
                _ => Evidence::None,
            },
            only: (!only.is_empty()).then(|| test(&only)),
            skipped: number(row, "skipped"),
            mend_days: row.whole("mend_days"),
        })
    }

    /// Exactly one of `scores`, `scale`, `number`.
    fn value(&self, row: &Table) -> Option<Value> {
        let kinds = ["scores", "scale", "number"];
        let written = kinds.iter().filter(|kind| row.get(kind).is_some()).count();
        if written != 1 {
            let message = "scores、scale、number 写其中一个";
            self.desk.fault(Fault::error("type", row.place, message));
            return None;
        }
        if let Some(range) = row.table("number") {
            return Some(Value::Number(Range {
                least: number(range, "least")?,
                most: number(range, "most")?,
            }));
        }
        let options = match row.text("scale") {
            None => row.table("scores")?,
            Some(name) => {
                let scales = self.table.table("scale");
                let found = scales.and_then(|all| all.table(&name.value));
                if found.is_none() {
                    let message = format!("没有叫“{}”的选项组", name.value);
                    self.desk
                        .fault(Fault::error("unknown_name", name.place, message));
                }
                found?
            }
        };
        let mut all = Vec::new();
        for (points, says) in &options.entries {
            let read = points.value.parse::<i64>().ok().zip(says.as_text());
            match read {
                Some((points, says)) => all.push((points, says.value)),
                None => {
                    let message = "选项要写成 分 = \"意思\"，分是整数";
                    self.desk
                        .fault(Fault::error("wrong_value", points.place, message));
                }
            }
        }
        if all.len() < 2 {
            let message = "至少要两个选项";
            self.desk
                .fault(Fault::error("wrong_value", options.place, message));
        }
        all.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
        Some(Value::Choice(all))
    }

    fn measures(&self) -> Vec<Measure> {
        let rows = self.table.tables("measure").into_iter();
        rows.filter_map(|row| self.measure(row)).collect()
    }

    fn measure(&self, row: &Table) -> Option<Measure> {
        let take = match (row.get("sum"), row.table("earlier")) {
            (Some(_), None) => {
                Take::Sum(row.slugs("sum").into_iter().map(|one| one.value).collect())
            }
            (None, Some(earlier)) => {
                let sheet = earlier.slug("sheet")?.value;
                Take::Earlier {
                    // An unknown one was reported.
                    range: *self.known.get(&sheet)?,
                    months: earlier.months("within")?,
                    sheet,
                }
            }
            _ => {
                let message = "sum、earlier 写其中一个";
                self.desk.fault(Fault::error("type", row.place, message));
                return None;
            }
        };
        let levels = row.tables("levels").into_iter();
        Some(Measure {
            id: row.slug("id")?.value,
            name: row.words("name"),
            take,
            start: number(row, "start").unwrap_or(0),
            percent: row.whole("percent").unwrap_or(100),
            least: number(row, "least"),
            most: number(row, "most"),
            levels: levels.filter_map(|one| self.range(one)).collect(),
        })
    }

    fn range(&self, row: &Table) -> Option<Range<Points>> {
        Some(Range {
            least: self.points(row, "least")?,
            most: self.points(row, "most")?,
        })
    }

    fn bands(&self) -> Vec<Band> {
        let rows = self.table.tables("band").into_iter();
        rows.filter_map(|row| {
            Some(Band {
                id: row.slug("id")?.value,
                name: row.words("name"),
                range: self.range(row),
            })
        })
        .collect()
    }

    fn band(&self, bands: &[Band], name: &At<Slug>) -> Option<usize> {
        let at = bands.iter().position(|one| one.id == name.value);
        if at.is_none() {
            let message = format!("没有叫“{}”的等级", name.value);
            let help = meant(name.value.as_str(), bands.iter().map(|one| one.id.as_str()));
            let fault = Fault::error("unknown_name", name.place, message);
            self.desk.fault(fault.maybe_help(help));
        }
        at
    }

    fn grading(&self, bands: &[Band]) -> Option<Grading> {
        match (self.table.table("score"), self.table.table("matrix")) {
            (Some(score), None) => Some(Grading::Bands {
                of: score.slug("of")?.value,
            }),
            (None, Some(matrix)) => {
                let rows = matrix.get("table").map_or(&[][..], Node::items);
                let row = |node: &Node| {
                    let cells = node.items().iter().filter_map(Node::as_text);
                    let cells = cells.filter_map(|text| {
                        let id = At::new(text.value.parse().ok()?, text.place);
                        self.band(bands, &id)
                    });
                    cells.collect()
                };
                Some(Grading::Matrix(Matrix {
                    rows: matrix.slug("rows")?.value,
                    columns: matrix
                        .slugs("columns")
                        .into_iter()
                        .map(|one| one.value)
                        .collect(),
                    table: rows.iter().map(row).collect(),
                }))
            }
            _ => {
                let message = "[score]、[matrix] 写其中一个";
                let place = self.table.place_of("sheet");
                self.desk.fault(Fault::error("type", place, message));
                None
            }
        }
    }

    fn adjusts(&self, bands: &[Band]) -> Vec<Adjust> {
        let rows = self.table.tables("adjust").into_iter();
        rows.filter_map(|row| {
            let to = row.slug("to");
            let not_above = row.slug("not_above");
            let shift = match (&to, row.whole("worse"), &not_above) {
                (Some(to), None, None) => Shift::To(self.band(bands, to)?),
                (None, Some(by), None) => Shift::Worse(usize::try_from(by).ok()?),
                (None, None, Some(band)) => Shift::NotAbove(self.band(bands, band)?),
                _ => {
                    let message = "to、worse、not_above 写其中一个";
                    self.desk.fault(Fault::error("type", row.place, message));
                    return None;
                }
            };
            Some(Adjust {
                id: row.slug("id")?.value,
                when: test(&row.tables("when")),
                shift,
                says: row.words("says"),
                basis: row.words("basis"),
                provenance: word(row, "provenance")?,
            })
        })
        .collect()
    }

    fn draw(&self) -> Option<Sortition> {
        let row = self.table.table("draw")?;
        let provenance: Provenance = word(row, "provenance")?;
        let classes = row.named("class").into_iter();
        let classes = classes
            .filter_map(|(id, one)| Some((id.value, (one.words("name"), one.whole("percent")?))));
        Some(Sortition {
            classes: classes.collect(),
            inspectors: u8::try_from(row.whole("inspectors")?).ok()?,
            public_days: row.whole("public_days")?,
            basis: row.words("basis"),
            provenance,
        })
    }

    /// A decimal with at most two places, in hundredths.
    pub(super) fn points(&self, row: &Table, key: &str) -> Option<Points> {
        let node = row.get(key)?;
        let points = match &node.value {
            Written::Number(number) => hundredths(number),
            _ => return None,
        };
        if points.is_none() {
            let message = format!("`{key}` 最多写两位小数");
            self.desk
                .fault(Fault::error("wrong_value", node.place, message));
        }
        points
    }
}

fn hundredths(number: &str) -> Option<Points> {
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    if rest.len() > 2 {
        return None;
    }
    let scaled: i64 = format!("{whole}{rest:0<2}").parse().ok()?;
    Some(Points(scaled))
}

pub(super) fn number(row: &Table, key: &str) -> Option<i64> {
    match &row.get(key)?.value {
        Written::Number(number) => number.parse().ok(),
        _ => None,
    }
}

fn test(rows: &[&Table]) -> Test {
    let atoms = rows.iter().filter_map(|row| {
        let is = number(row, "is");
        Some(Atom {
            of: row.slug("of")?.value,
            least: is.or_else(|| number(row, "least")),
            most: is.or_else(|| number(row, "most")),
        })
    });
    Test(atoms.collect())
}
