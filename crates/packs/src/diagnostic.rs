//! 「诊断」 What is wrong with a pack, where, and what was probably meant. All of
//! it at once: the loader never stops at the first fault.

use crate::place::{Place, Sources, Spot};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 错误 The pack cannot be used.
    Error,
    /// 提醒 The pack can be used; a person should look.
    Warning,
}

impl Severity {
    /// The word a person sees.
    pub fn label(self) -> &'static str {
        match self {
            Severity::Error => "错误",
            Severity::Warning => "提醒",
        }
    }
}

/// One fault, with its words still as bytes.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) severity: Severity,
    /// Stable, for machines: `unknown_key`, `wrong_type`…
    pub(crate) code: &'static str,
    pub(crate) place: Place,
    pub(crate) message: String,
    /// What to do; `是不是想写 …`.
    pub(crate) help: Option<String>,
    /// Other places that matter, each with a word on why.
    pub(crate) also: Vec<(Place, String)>,
}

impl Fault {
    pub(crate) fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Fault {
            severity: Severity::Error,
            code,
            place,
            message: message.into(),
            help: None,
            also: Vec::new(),
        }
    }

    pub(crate) fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Fault {
            severity: Severity::Warning,
            ..Fault::error(code, place, message)
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    pub(crate) fn also(mut self, place: Place, why: impl Into<String>) -> Self {
        self.also.push((place, why.into()));
        self
    }
}

/// Where faults are put while walking. Shared by reference: readers, resolver
/// and proofs all write into the same one.
#[derive(Debug, Default)]
pub(crate) struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    pub(crate) fn put(&self, fault: Fault) {
        self.0.borrow_mut().push(fault);
    }

    /// Whether an error was put so far.
    pub(crate) fn any_error(&self) -> bool {
        let faults = self.0.borrow();
        faults.iter().any(|fault| fault.severity == Severity::Error)
    }

    pub(crate) fn into_vec(self) -> Vec<Fault> {
        self.0.into_inner()
    }
}

/// One fault as machines read it (`--format json`). Keys are stable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// `error` or `warning`.
    pub severity: Severity,
    /// A stable code, e.g. `unknown_key`.
    pub code: String,
    /// The sentence.
    pub message: String,
    /// Where the underlined words begin.
    #[serde(flatten)]
    pub at: Spot,
    /// Line on which the underlined words end.
    pub end_line: usize,
    /// Column after their last character.
    pub end_column: usize,
    /// What was probably meant, or what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Other places that matter.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub also: Vec<Related>,
}

/// Another place that matters to a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// Where.
    #[serde(flatten)]
    pub at: Spot,
    /// Why it matters.
    pub why: String,
}

/// Everything found in one loading, in the order of the files, with the texts
/// needed to show it.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub(crate) sources: Sources,
    pub(crate) faults: Vec<Fault>,
}

impl Report {
    /// Sorts by place and drops exact repetitions.
    pub(crate) fn new(sources: Sources, mut faults: Vec<Fault>) -> Self {
        faults.sort_by(|a, b| {
            (a.place, a.severity, a.code, &a.message)
                .cmp(&(b.place, b.severity, b.code, &b.message))
        });
        faults.dedup_by(|a, b| a.place == b.place && a.message == b.message);
        // What stands where the syntax is broken only echoes the break.
        let line = |fault: &Fault| (fault.place.file, sources.spot(fault.place).line);
        let syntax = faults.iter().filter(|fault| fault.code == "syntax");
        let broken: BTreeSet<(u32, usize)> = syntax.map(line).collect();
        if !broken.is_empty() {
            faults.retain(|fault| fault.code == "syntax" || !broken.contains(&line(fault)));
        }
        Report { sources, faults }
    }

    /// How many errors.
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// How many warnings.
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    fn count(&self, severity: Severity) -> usize {
        let of = |fault: &&Fault| fault.severity == severity;
        self.faults.iter().filter(of).count()
    }

    /// Whether nothing was found, not even a warning.
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// For machines.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let spot = |place| self.sources.spot(place);
        let of = |fault: &Fault| {
            let end = self.sources.end_spot(fault.place);
            Diagnostic {
                severity: fault.severity,
                code: fault.code.to_owned(),
                message: fault.message.clone(),
                at: spot(fault.place),
                end_line: end.line,
                end_column: end.column,
                help: fault.help.clone(),
                also: fault
                    .also
                    .iter()
                    .map(|(place, why)| Related {
                        at: spot(*place),
                        why: why.clone(),
                    })
                    .collect(),
            }
        };
        self.faults.iter().map(of).collect()
    }

    /// For people: the line, the underlined words, what was meant.
    pub fn render(&self) -> String {
        crate::render::report(self)
    }
}
