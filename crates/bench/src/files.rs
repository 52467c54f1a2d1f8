//! 「交换」 The population and our answers as plain little-endian columns, one file
//! each, so that other engines can read exactly what we read and be held to our answers.

use crate::BenchError;
use expr::{ColumnView, Frame, OutputColumn, Results};
use std::fs;
use std::path::Path;

/// A folder columns are written into.
pub(crate) struct Folder<'f>(pub(crate) &'f Path);

impl Folder<'_> {
    pub(crate) fn text(&self, name: &str, text: &str) -> Result<(), BenchError> {
        self.bytes(name, text.as_bytes())
    }

    fn bytes(&self, name: &str, bytes: &[u8]) -> Result<(), BenchError> {
        let path = self.0.join(name);
        fs::write(&path, bytes).map_err(|why| BenchError::Io(path.display().to_string(), why))
    }

    fn numbers<T: Copy, const N: usize>(
        &self,
        name: &str,
        values: &[T],
        of: impl Fn(T) -> [u8; N],
    ) -> Result<(), BenchError> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| of(*value)).collect();
        self.bytes(name, &bytes)
    }

    fn column(&self, name: &str, column: ColumnView<'_>) -> Result<(), BenchError> {
        let gaps = match column {
            ColumnView::Truth(values) => return self.bytes(&format!("{name}.truth"), values),
            ColumnView::Number(values, gaps) => {
                self.numbers(&format!("{name}.i64"), values, i64::to_le_bytes)?;
                gaps
            }
            ColumnView::Date(values, gaps) => {
                self.numbers(&format!("{name}.i32"), values, i32::to_le_bytes)?;
                gaps
            }
            ColumnView::Code(values, gaps) => {
                self.numbers(&format!("{name}.u16"), values, u16::to_le_bytes)?;
                gaps
            }
        };
        self.bytes(&format!("{name}.gap"), gaps)
    }

    /// All facts, members and records.
    pub(crate) fn frame(&self, frame: &Frame) -> Result<(), BenchError> {
        let layout = frame.layout().clone();
        let ends = (0..frame.households()).map(|h| frame.members_of(h).end as u32);
        let members: Vec<u32> = std::iter::once(0).chain(ends).collect();
        self.numbers("members.u32", &members, u32::to_le_bytes)?;
        for fact in layout.facts() {
            let place = layout.fact(fact.id.as_str());
            if let Some(column) = place.and_then(|place| frame.column(place)) {
                self.column(&format!("fact.{}", fact.id), column)?;
            }
        }
        for kind in layout.kinds() {
            let place = layout.kind(kind.id.as_str());
            let Some((offsets, gaps, fields)) = place.and_then(|place| frame.records(place)) else {
                continue;
            };
            self.numbers(&format!("kind.{}.u32", kind.id), offsets, u32::to_le_bytes)?;
            self.bytes(&format!("kind.{}.gap", kind.id), gaps)?;
            for (decl, column) in kind.fields.iter().zip(fields) {
                self.column(&format!("field.{}.{}", kind.id, decl.id), column)?;
            }
        }
        Ok(())
    }

    /// Our answers, for the others to be held to.
    pub(crate) fn results(&self, results: &Results, outputs: usize) -> Result<(), BenchError> {
        for (place, output) in results.outputs().enumerate().take(outputs) {
            self.output(place, output)?;
        }
        Ok(())
    }

    fn output(&self, place: usize, output: &OutputColumn) -> Result<(), BenchError> {
        self.column(&format!("output.{place}"), output.view())
    }
}
