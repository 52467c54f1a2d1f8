//! 「念给人听」 A service as a person reads it: what it is, who has a right to it,
//! how much, how it goes, what people are told, what is tried out; and what the
//! city says otherwise, with both places. What is assumed or unchecked says so.

use crate::model::{Derived, Form, Joint, NoticePart, NoticeText, Pack, Service};
use crate::overlay::Override;
use crate::read::flow::NOTICE_WORDS;
use engine_case::{NoticeKind, ServiceFlow, Span, Step, StepKind};
use engine_policy::{
    AmountRule, Beneficiary, Benefit, Condition, Every, Parameter, ParameterValue, Part, Starts,
    Template,
};
use kernel::{Provenance, Slug};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A piece of what is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShownLine {
    /// A line of its own.
    Plain(String),
    /// The beginning of a section.
    Title(String),
    /// One thing in it.
    Item(String),
    /// Something about the thing above.
    Note(String),
}

/// The service or joint service as a person reads it; `None` when the pack has
/// none of that id.
pub fn show(pack: &Pack, id: &str) -> Option<String> {
    let mut text = String::new();
    for line in shown(pack, id)? {
        let _ = match line {
            ShownLine::Plain(words) => writeln!(text, "{words}"),
            ShownLine::Title(words) => writeln!(text, "\n■ {words}"),
            ShownLine::Item(words) => writeln!(text, "  · {words}"),
            ShownLine::Note(words) => writeln!(text, "      {words}"),
        };
    }
    Some(text)
}

/// The same, piece by piece, for pages.
pub fn shown(pack: &Pack, id: &str) -> Option<Vec<ShownLine>> {
    let mut page = Page::default();
    if let Some(service) = pack.service(id) {
        page.service(pack, service);
    } else {
        page.joint(pack, pack.joint(id)?);
    }
    Some(page.0)
}

/// The page as it grows.
#[derive(Default)]
struct Page(Vec<ShownLine>);

impl Page {
    fn line(&mut self, words: &str) {
        self.0.push(ShownLine::Plain(words.to_owned()));
    }

    fn title(&mut self, words: &str) {
        self.0.push(ShownLine::Title(words.to_owned()));
    }

    fn item(&mut self, words: &str) {
        self.0.push(ShownLine::Item(words.to_owned()));
    }

    fn note(&mut self, words: &str) {
        self.0.push(ShownLine::Note(words.to_owned()));
    }

    fn service(&mut self, pack: &Pack, service: &Service) {
        self.head(&service.name, service.brand.as_deref(), &service.says);
        let whom = match service.beneficiary {
            Beneficiary::Household => "按户",
            Beneficiary::Person => "按人",
        };
        let asked = match service.needs_application {
            true => "要本人申请",
            false => "不用申请，系统主动发现",
        };
        self.line(&format!(
            "{whom}判断；{asked}。依据：{}",
            service.basis.join("；")
        ));
        let benefit = pack.rules().benefit(service.id.as_str());
        if let Some(benefit) = benefit {
            self.benefit(pack, service, benefit);
        }
        self.form(&service.form);
        self.papers(
            service
                .documents
                .iter()
                .map(|one| (&one.name, one.asks.as_deref())),
        );
        self.flow(&service.flow);
        self.notices(&service.notices);
        self.title("试过的例子");
        for example in &service.examples {
            let amount = example.expect.amount;
            let amount = amount.map_or(String::new(), |amount| format!("，{amount} 元"));
            let verdict = example.expect.verdict.label();
            self.item(&format!(
                "{}（{}）→ {verdict}{amount}",
                example.title, example.on
            ));
        }
        self.overrides(pack, &service.id);
        self.line(&format!("\n写在 {}", service.at));
    }

    fn joint(&mut self, pack: &Pack, joint: &Joint) {
        self.head(&joint.name, joint.brand.as_deref(), &joint.says);
        self.line(&format!("依据：{}", joint.basis.join("；")));
        self.title("一次申请这些");
        for id in &joint.services {
            let name = pack
                .service(id.as_str())
                .map_or(id.as_str(), |one| &one.name);
            self.item(name);
        }
        self.form(&joint.form);
        self.papers(
            joint
                .documents
                .iter()
                .map(|one| (&one.name, one.asks.as_deref())),
        );
        self.flow(&joint.flow);
        self.notices(&joint.notices);
        self.overrides(pack, &joint.id);
        self.line(&format!("\n写在 {}", joint.at));
    }

    fn head(&mut self, name: &str, brand: Option<&str>, says: &str) {
        let brand = brand.map_or(String::new(), |brand| format!("（{brand}）"));
        self.line(&format!("{name}{brand}"));
        self.line(says);
    }

    fn benefit(&mut self, pack: &Pack, service: &Service, benefit: &Benefit) {
        self.title("谁可以享受（下面每一条都要符合）");
        for condition in &benefit.conditions {
            self.condition(condition);
        }
        if let Some(amount) = &benefit.amount {
            self.amount(amount);
        }
        if !benefit.excludes.is_empty() {
            let names: Vec<&str> = benefit
                .excludes
                .iter()
                .map(|id| {
                    pack.service(id.as_str())
                        .map_or(id.as_str(), |one| &one.name)
                })
                .collect();
            self.item(&format!("不能和这些同时享受：{}", names.join("、")));
        }
        self.parameters(pack, benefit);
        self.derived(&service.derived);
    }

    fn condition(&mut self, condition: &Condition) {
        self.item(&format!("{}：{}", condition.id, spoken(&condition.yes)));
        self.note(&format!("不符合时：{}", spoken(&condition.no)));
        if let Some(unknown) = &condition.unknown {
            self.note(&format!("还不知道时：{}", spoken(unknown)));
        }
        if !condition.gives_way.is_empty() {
            let to: Vec<&str> = condition.gives_way.iter().map(Slug::as_str).collect();
            self.note(&format!(
                "让位给：{}；还不知道时不耽误这一项",
                to.join("、")
            ));
        }
        self.note(&format!("规则：{}", condition.text));
        self.note(&format!(
            "依据：{}{}",
            condition.basis,
            label(condition.provenance)
        ));
    }

    fn amount(&mut self, amount: &AmountRule) {
        let every = match amount.every {
            Every::Month => "每月",
            Every::Year => "每年",
            Every::Once => "一次",
        };
        let starts = match amount.starts {
            Starts::MonthAfterDecision => "从决定的下个月起",
            Starts::MonthOfApplication => "从申请的当月起",
            Starts::MonthOfEligibility => "从符合条件的当月起",
            Starts::AtOnce => "马上",
        };
        self.title(&format!("给多少（{every}，{starts}）"));
        for line in &amount.sum {
            self.item(&spoken(line));
        }
        self.note(&format!("算式：{}", amount.text));
    }

    /// The numbers the benefit's rules read, with every value there is.
    fn parameters(&mut self, pack: &Pack, benefit: &Benefit) {
        let reads = reads(benefit);
        let used = |one: &&Parameter| reads.parameters.contains(&one.decl.id);
        let used: Vec<&Parameter> = pack.rules().parameters.iter().filter(used).collect();
        if used.is_empty() {
            return;
        }
        self.title("用到的数");
        for parameter in used {
            self.item(&parameter.decl.label);
            for value in &parameter.values {
                self.note(&valued(pack, parameter, value));
            }
            if parameter.values.is_empty() {
                self.note("由各地定，这里没有值");
            }
        }
    }

    fn derived(&mut self, derived: &[Derived]) {
        if derived.is_empty() {
            return;
        }
        self.title("怎么算");
        for one in derived {
            self.item(&format!("{} = {}", one.label, one.text));
        }
    }

    fn form(&mut self, form: &Form) {
        if form.fields.is_empty() && form.consents.is_empty() {
            return;
        }
        self.title("要问您的");
        for field in &form.fields {
            self.item(&field.asks);
        }
        for consent in &form.consents {
            self.item(&format!("请您同意：{}", consent.asks));
        }
    }

    fn papers<'a>(&mut self, papers: impl Iterator<Item = (&'a String, Option<&'a str>)>) {
        for (at, (name, asks)) in papers.enumerate() {
            if at == 0 {
                self.title("要带的材料");
            }
            let asks = asks.map_or(String::new(), |asks| format!("：{asks}"));
            self.item(&format!("{name}{asks}"));
        }
    }

    fn flow(&mut self, flow: &ServiceFlow) {
        if flow.steps.is_empty() {
            return;
        }
        self.title("怎么办");
        for (at, step) in flow.steps.iter().enumerate() {
            self.line(&format!("  {}. {}", at + 1, step_words(step)));
            for part in &step.parts {
                let within = part
                    .within
                    .map_or(String::new(), |one| format!("，{}", long(one)));
                self.note(&format!("{}（{}{within}）", part.name, part.department));
            }
        }
        if let Some(total) = flow.total {
            let special = flow.special.map(long);
            let special = special.map_or(String::new(), |one| format!("，情况特殊的 {one}"));
            self.line(&format!("  从受理到决定：{}{special}", long(total)));
        }
        if let Some(review) = &flow.review {
            let more = review.otherwise.map(long);
            let more = more.map_or(String::new(), |one| format!("，有变数的每 {one}"));
            self.line(&format!("  复核：每 {}{more}", long(review.every)));
        }
        if let Some(phase_out) = &flow.phase_out {
            self.line(&format!("  渐退：最多 {} 个月", phase_out.months));
        }
    }

    fn notices(&mut self, notices: &BTreeMap<NoticeKind, NoticeText>) {
        if notices.is_empty() {
            return;
        }
        self.title("会怎样告诉您");
        for (kind, text) in notices {
            self.item(&format!("{}：{}", occasion(*kind), notice(text)));
            for remedy in &text.remedy {
                self.note(remedy);
            }
        }
    }

    fn overrides(&mut self, pack: &Pack, id: &Slug) {
        let start = format!("{id}.");
        let benefit = pack.rules().benefit(id.as_str());
        let shared = benefit.map(shared_parameters).unwrap_or_default();
        let concerns = |one: &&Override| {
            let (_, of) = one.what.split_once('.').unwrap_or_default();
            one.what.starts_with(&start) || shared.iter().any(|shared| shared == of)
        };
        let mine: Vec<&Override> = pack.overrides().iter().filter(concerns).collect();
        if mine.is_empty() {
            return;
        }
        self.title("本地和上级不同的地方");
        for one in mine {
            let what = one.what.strip_prefix(&start).unwrap_or(&one.what);
            self.item(&format!("{what}：{}", one.now));
            self.note(&format!("原来：{}（{}）", one.was, one.base));
            self.note(&format!("现在：{}", one.by));
        }
    }
}

/// The vocabulary's parameters a benefit reads, as overrides name them.
fn shared_parameters(benefit: &Benefit) -> Vec<String> {
    let reads = reads(benefit);
    let parameters = reads.parameters.iter();
    parameters.map(|id| format!("parameter.{id}")).collect()
}

fn reads(benefit: &Benefit) -> crate::walk::Reads {
    let mut reads = crate::walk::Reads::default();
    let rules = benefit.conditions.iter().map(|one| &one.holds);
    let amount = benefit.amount.iter().map(|amount| &amount.value);
    rules.chain(amount).for_each(|rule| reads.add(rule));
    reads
}

fn label(provenance: Option<Provenance>) -> String {
    let unfounded = provenance.filter(|one| !one.is_founded());
    unfounded.map_or(String::new(), |one| format!("［{}］", one.label()))
}

fn valued(pack: &Pack, parameter: &Parameter, value: &ParameterValue) -> String {
    let place = pack.regions().full_name(value.region, value.from);
    let place = if place.is_empty() {
        value.region.to_string()
    } else {
        place
    };
    let to = value.to.map_or("起".to_owned(), |to| format!("到 {to}"));
    let article = value
        .article
        .as_ref()
        .map_or(String::new(), |one| format!(" {one}"));
    format!(
        "{place} {} {to}：{}　{}{article}{}",
        value.from,
        with_unit(value.value.spoken(&parameter.decl.ty), parameter),
        value.source,
        label(Some(value.provenance)),
    )
}

/// A number of the law with its whole unit: `860 元/人·月`, not only `860 元`.
fn with_unit(spoken: String, parameter: &Parameter) -> String {
    match (parameter.decl.ty.unit(), spoken.split_once(' ')) {
        (Some(unit), Some((number, _))) if !unit.is_none() => format!("{number} {unit}"),
        _ => spoken,
    }
}

/// A sentence with its values as their words in braces.
fn spoken(template: &Template) -> String {
    let part = |part: &Part| match part {
        Part::Words(words) => words.clone(),
        Part::Value(value) => format!("【{}】", crate::walk::named(value)),
    };
    template.parts.iter().map(part).collect()
}

fn notice(text: &NoticeText) -> String {
    let word = |word: &str| {
        let known = NOTICE_WORDS.iter().find(|(known, _)| *known == word);
        known.map_or(word.to_owned(), |(_, says)| (*says).to_owned())
    };
    let part = |part: &NoticePart| match part {
        NoticePart::Words(words) => words.clone(),
        NoticePart::Of(of) => format!("【{}】", word(of)),
    };
    text.parts.iter().map(part).collect()
}

fn step_words(step: &Step) -> String {
    let mut words = format!("{}（{}）", step.name, step.by.label());
    if step.kind == StepKind::Survey {
        let _ = write!(words, "，{} 人一起", step.people);
    }
    if let Some(within) = step.within {
        let _ = write!(words, "，{}内", long(within));
    }
    if let Some(lasts) = step.lasts {
        let _ = write!(words, "，{}", long(lasts));
    }
    if let Some(basis) = &step.basis {
        let _ = write!(words, "　依据：{basis}");
    }
    words
}

fn long(span: Span) -> String {
    match span {
        Span::WorkingDays(count) => format!("{count} 个工作日"),
        Span::Days(count) => format!("{count} 天"),
        Span::Months(count) => format!("{count} 个月"),
    }
}

fn occasion(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Received => "收到申请",
        NoticeKind::OneTime => "缺材料，一次说全",
        NoticeKind::Undetermined => "还不知道",
        NoticeKind::Intended => "拟作决定，请您说明",
        NoticeKind::Granted => "给予",
        NoticeKind::Refused => "不予",
        NoticeKind::Reduced => "减少",
        NoticeKind::Stopped => "停止",
        NoticeKind::Recovered => "追回",
        NoticeKind::Terminated => "终止办理",
    }
}
