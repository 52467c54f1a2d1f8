//! 「给人看」 Diagnostics as a good compiler prints them. annotate-snippets
//! aligns the underline below Chinese words (they are two columns wide).

use crate::diagnostic::{Fault, Report, Severity};
use crate::place::{Place, Sources};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

/// Every fault, then one line that counts them.
pub(crate) fn report(report: &Report) -> String {
    let renderer = Renderer::plain();
    let mut out = String::new();
    for fault in &report.faults {
        out.push_str(&renderer.render(&groups(&report.sources, fault)));
        out.push_str("\n\n");
    }
    let line = match (report.errors(), report.warnings()) {
        (0, 0) => "没有发现问题".to_owned(),
        (0, warnings) => format!("可以使用；有 {warnings} 处提醒"),
        (errors, 0) => format!("{errors} 处错误"),
        (errors, warnings) => format!("{errors} 处错误，{warnings} 处提醒"),
    };
    out.push_str(&line);
    out.push('\n');
    out
}

fn groups<'a>(sources: &'a Sources, fault: &'a Fault) -> Vec<Group<'a>> {
    let level = match fault.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .with_name(fault.severity.label())
        .primary_title(&fault.message)
        .id(fault.code);
    let (near, far): (Vec<_>, Vec<_>) = fault
        .also
        .iter()
        .partition(|(place, _)| place.file == fault.place.file);
    let mut marks = vec![mark(sources, fault.place, AnnotationKind::Primary, None)];
    for (place, why) in near {
        marks.push(mark(sources, *place, AnnotationKind::Context, Some(why)));
    }
    let mut main = title.element(snippet(sources, fault.place.file, marks));
    for (place, why) in far {
        let marks = vec![mark(sources, *place, AnnotationKind::Context, Some(why))];
        main = main.element(snippet(sources, place.file, marks));
    }
    if let Some(help) = &fault.help {
        main = main.element(Level::HELP.with_name("建议").message(help));
    }
    vec![main]
}

fn snippet<'a>(
    sources: &'a Sources,
    file: u32,
    marks: Vec<Annotation<'a>>,
) -> Snippet<'a, Annotation<'a>> {
    let (name, text) = sources
        .get(file)
        .map_or(("", ""), |source| (&source.name, &source.text));
    Snippet::source(text).path(name).annotations(marks)
}

/// One underline; never over a line's end (a table header stands for its table).
fn mark<'a>(
    sources: &'a Sources,
    place: Place,
    kind: AnnotationKind,
    label: Option<&'a str>,
) -> Annotation<'a> {
    let range = sources.range(place);
    let words = sources.text(place);
    let first_line = words
        .split('\n')
        .next()
        .unwrap_or(words)
        .trim_end_matches('\r');
    let annotation = kind.span(range.start..range.start + first_line.len());
    match label {
        Some(label) => annotation.label(label),
        None => annotation,
    }
}
