//! 「出处」 Where something is written: file and bytes. Every node of a pack
//! remembers it, through overlays too, so that any fault can be underlined and
//! any override can name both places. Absent on purpose: reading files.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// Bytes of one file of the pack's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// Index into [`Sources`].
    pub(crate) file: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Place {
    pub(crate) fn new(file: u32, span: Range<usize>) -> Self {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Place {
            file,
            start: clamp(span.start),
            end: clamp(span.end),
        }
    }

    /// The very beginning of a file, for what is missing from all of it.
    pub(crate) fn top(file: u32) -> Self {
        Place::new(file, 0..0)
    }

    pub(crate) fn span(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it is written.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

impl<T> At<T> {
    pub(crate) fn new(value: T, place: Place) -> Self {
        At { value, place }
    }
}

/// A place as people say it: `zhejiang/assistance/dibao.toml:14:9`. Lines and
/// columns count from 1; columns count characters, not bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    /// The file, from the folder that holds the chain's packs.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One file as read.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Every file of the chain, in reading order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(Vec<Source>);

impl Sources {
    pub(crate) fn add(&mut self, name: String, text: String) -> u32 {
        self.0.push(Source { name, text });
        u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX)
    }

    pub(crate) fn get(&self, file: u32) -> Option<&Source> {
        self.0.get(file as usize)
    }

    /// The bytes a place covers, kept inside the text and on character borders.
    pub(crate) fn range(&self, place: Place) -> Range<usize> {
        let Some(source) = self.get(place.file) else {
            return 0..0;
        };
        let text = &source.text;
        let floor = |at: usize| {
            let mut at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(place.span().start);
        start..floor(place.span().end).max(start)
    }

    /// The text a place covers.
    pub(crate) fn text(&self, place: Place) -> &str {
        self.get(place.file)
            .and_then(|source| source.text.get(self.range(place)))
            .unwrap_or("")
    }

    pub(crate) fn spot(&self, place: Place) -> Spot {
        self.spot_at(place.file, self.range(place).start)
    }

    /// Where a place ends (the column after its last character).
    pub(crate) fn end_spot(&self, place: Place) -> Spot {
        self.spot_at(place.file, self.range(place).end)
    }

    fn spot_at(&self, file: u32, at: usize) -> Spot {
        let Some(source) = self.get(file) else {
            return Spot {
                file: String::new(),
                line: 1,
                column: 1,
            };
        };
        let before = source.text.get(..at).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Spot {
            file: source.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}
