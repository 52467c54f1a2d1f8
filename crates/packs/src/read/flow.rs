//! 「办理」 Form, documents, steps, deadlines, notices, review, phase-out: the flow
//! a case is pinned to, and the words around it.

use super::catalogue::{category_named, word};
use crate::desk::{Desk, Piece};
use crate::diagnostic::Fault;
use crate::model::{DocumentNeeded, Form, FormConsent, FormField, NoticePart, NoticeText};
use crate::place::{At, Place};
use crate::suggest::meant;
use crate::tree::Table;
use engine_case::{
    AppealRule, ConsentBy, ConsentRule, HearingRule, NoticeKind, NoticeRule, PartRule,
    PhaseOutRule, ReviewRule, ServiceFlow, Step, StepKind,
};
use engine_payment::PhaseOutStep;
use engine_pool::Catalogue;
use expr::{Level, Schema, Typed};
use kernel::{FieldLevel, Role, Slug};
use std::collections::BTreeMap;

/// What a notice may say of its case, `{word}`: the word and what it stands for.
pub const NOTICE_WORDS: &[(&str, &str)] = &[
    ("applicant", "申请人姓名"),
    ("service", "服务名称"),
    ("amount", "金额"),
    ("old_amount", "原来的金额"),
    ("new_amount", "现在的金额"),
    ("first_month", "从哪个月起"),
    ("last_month", "到哪个月止"),
    ("reasons", "理由"),
    ("basis", "依据"),
    ("next", "可以怎样做"),
    ("missing", "还缺什么"),
    ("documents", "还缺的材料"),
    ("deadline", "最晚哪天"),
    ("hearing_until", "陈述申辩到哪天止"),
    ("date", "当天日期"),
    ("case_no", "办件编号"),
    ("office", "经办单位"),
    ("phone", "联系电话"),
    ("months", "几个月"),
];

/// What publicity may show besides facts of level L0 and L1.
const PUBLIC_WORDS: &[&str] = &["applicant", "members_count", "amount", "service", "village"];

/// What a flow's readers need.
pub(crate) struct Ground<'a, 'd> {
    pub(crate) desk: &'a Desk<'d>,
    pub(crate) schema: &'a Schema,
    pub(crate) at: Level,
    pub(crate) catalogue: &'a Catalogue,
    /// Base facts by id, with their level.
    pub(crate) facts: &'a BTreeMap<Slug, (FieldLevel, String)>,
}

impl Ground<'_, '_> {
    fn when(&self, table: &Table) -> Option<Typed> {
        let text = table.text("when")?;
        self.desk.suspicion((&text, table), self.schema, self.at)
    }

    /// `[[form.field]]` and `[[form.consent]]`.
    pub(crate) fn form(&self, document: &Table) -> Form {
        let Some(form) = document.table("form") else {
            return Form::default();
        };
        self.twice(form, "field");
        self.twice(form, "consent");
        let fields = form.tables("field").into_iter();
        let consents = form.tables("consent").into_iter();
        Form {
            fields: fields.filter_map(|row| self.field(row)).collect(),
            consents: consents.filter_map(consent).collect(),
        }
    }

    fn field(&self, row: &Table) -> Option<FormField> {
        let fact = row.slug("fact").and_then(|name| self.fact(&name));
        let when = self.when(row);
        let kind = row.maybe_words("type");
        if kind.is_none() && row.get("fact").is_none() {
            let message = "要写 type（类型）或 fact（填的是哪个事实）";
            self.desk
                .fault(Fault::error("missing_key", row.place, message));
        }
        Some(FormField {
            id: row.slug("id")?.value,
            asks: row.words("asks"),
            kind: kind.unwrap_or_else(|| "fact".to_owned()),
            level: word(row, "level")?,
            fact,
            per_person: row.words("of") == "person",
            required: row.flag("required").unwrap_or(false),
            help: row.maybe_words("help"),
            when,
        })
    }

    fn fact(&self, name: &At<Slug>) -> Option<Slug> {
        if self.facts.contains_key(&name.value) {
            return Some(name.value.clone());
        }
        if self.desk.is_broken(name.value.as_str()) {
            return None;
        }
        let message = format!("没有基本事实“{}”", name.value);
        let help = meant(name.value.as_str(), self.facts.keys().map(Slug::as_str));
        let fault = Fault::error("unknown_name", name.place, message);
        self.desk.fault(fault.maybe_help(help));
        None
    }

    /// The same id twice in a list of tables.
    fn twice(&self, table: &Table, key: &str) {
        let mut seen: BTreeMap<Slug, Place> = BTreeMap::new();
        for row in table.tables(key) {
            let Some(id) = row.slug("id") else { continue };
            if let Some(first) = seen.insert(id.value.clone(), id.place) {
                let message = format!("`{}` 写了两次", id.value);
                let fault = Fault::error("duplicate", id.place, message);
                self.desk.fault(fault.also(first, "先在这里"));
            }
        }
    }

    /// `[[document_needed]]`.
    pub(crate) fn documents(&self, document: &Table) -> Vec<DocumentNeeded> {
        self.twice(document, "document_needed");
        let rows = document.tables("document_needed").into_iter();
        let one = |row: &Table| {
            let unless = row.slug("unless");
            let unless = unless.and_then(|name| category_named(self.desk, self.catalogue, &name));
            Some(DocumentNeeded {
                id: row.slug("id")?.value,
                name: row.words("name"),
                asks: row.maybe_words("asks"),
                when: self.when(row),
                unless: unless.map(|(_, category)| category.id.clone()),
                basis: row.maybe_words("basis"),
            })
        };
        rows.filter_map(one).collect()
    }

    /// Steps, deadlines, hearing, appeal, review, phase-out, notices: the flow.
    pub(crate) fn flow(
        &self,
        id: &At<Slug>,
        name: &str,
        needs: bool,
        document: &Table,
    ) -> ServiceFlow {
        let mut flow = ServiceFlow::new(id.value.clone(), name);
        flow.needs_application = needs;
        self.twice(document, "step");
        let consents = document.table("form").map(|form| form.tables("consent"));
        let consents = consents.unwrap_or_default().into_iter().filter_map(consent);
        flow.consents = consents
            .map(|one| ConsentRule {
                id: one.id,
                who: one.who,
            })
            .collect();
        for row in document.tables("step") {
            flow.steps.extend(self.step(row, document));
        }
        if let Some(deadline) = document.table("deadline") {
            flow.total = deadline.span("total");
            flow.special = deadline.span("special");
            flow.serve = deadline.span("serve");
            flow.escalation = deadline.span("escalation").unwrap_or(flow.escalation);
        }
        if let Some(hearing) = document.table("hearing") {
            flow.hearing = HearingRule {
                period: hearing.span("period").unwrap_or(flow.hearing.period),
                basis: hearing.words("basis"),
            };
        }
        if let Some(appeal) = document.table("appeal") {
            let usual = AppealRule::default();
            flow.appeal = AppealRule {
                reconsideration: appeal
                    .span("reconsideration")
                    .unwrap_or(usual.reconsideration),
                litigation: appeal.span("litigation").unwrap_or(usual.litigation),
                pauses_stop: appeal.flag("pauses_stop").unwrap_or(usual.pauses_stop),
            };
        }
        flow.review = document.table("review").and_then(|review| {
            Some(ReviewRule {
                every: review.span("every")?,
                otherwise: review.table("if").and_then(|table| table.span("every")),
            })
        });
        flow.phase_out = document.table("phase_out").and_then(|table| {
            Some(PhaseOutRule {
                months: table.whole("months")?,
                basis: joined(table, "basis"),
            })
        });
        for (kind, table) in notices_of(document) {
            let rule = NoticeRule {
                says: table.words("says"),
                after_hearing: table.words("after") == "hearing",
                remedy: table.sentences("remedy"),
            };
            flow.notices.insert(kind, rule);
        }
        flow
    }

    fn step(&self, row: &Table, document: &Table) -> Option<Step> {
        let id = row.slug("id")?.value;
        let kind: StepKind = word(row, "kind")?;
        let by: Role = word(row, "by")?;
        self.may_do(row, kind, by);
        let known: Vec<Slug> = document
            .tables("step")
            .iter()
            .filter_map(|step| Some(step.slug("id")?.value))
            .collect();
        for key in ["after", "not_same_as"] {
            for name in row.slugs(key) {
                if !known.contains(&name.value) {
                    let message = format!("没有叫“{}”的步骤", name.value);
                    let help = meant(name.value.as_str(), known.iter().map(Slug::as_str));
                    let fault = Fault::error("unknown_name", name.place, message);
                    self.desk.fault(fault.maybe_help(help));
                }
            }
        }
        let also = row.sentences("also").into_iter();
        let role = |text: String| serde_json::from_value(serde_json::Value::String(text)).ok();
        let signed = row.sentences("signed");
        let mut step = Step::new(id, row.words("name"), kind, by);
        step.also = also.filter_map(role).collect();
        step.after = row.get("after").map(|_| values(row.slugs("after")));
        step.within = row.span("within");
        step.lasts = row.span("lasts");
        step.people = row.whole("people").unwrap_or(step.people);
        if !signed.is_empty() {
            step.household_signs = signed.iter().any(|who| who == "household");
        }
        step.shows = self.shows(row);
        step.again = row.flag("again").unwrap_or(false);
        step.not_same_as = values(row.slugs("not_same_as"));
        step.visit_if_conflict = row.flag("visit_if_conflict").unwrap_or(false);
        step.parts = self.parts(row);
        step.basis = joined(row, "basis");
        Some(step)
    }

    /// Who may do what, whatever the city says: nobody decides on a level the law
    /// does not know, and finance alone pays.
    fn may_do(&self, row: &Table, kind: StepKind, by: Role) {
        use Role::{
            CountyApprover, DepartmentMachine, Finance, System, TownOfficer, VillageWorker,
        };
        let may: &[Role] = match kind {
            StepKind::Accept => &[VillageWorker, TownOfficer, CountyApprover],
            StepKind::Verify => &[TownOfficer, CountyApprover, System],
            StepKind::Survey | StepKind::Publicity => &[VillageWorker, TownOfficer, CountyApprover],
            StepKind::Review => &[TownOfficer, CountyApprover],
            StepKind::Decide => &[TownOfficer, CountyApprover],
            StepKind::Pay => &[Finance, System],
            StepKind::Joint => &[TownOfficer, CountyApprover, DepartmentMachine, System],
        };
        if !may.contains(&by) {
            let message = format!("这一步不能由 {} 来做", row.words("by"));
            let names: Vec<String> = may.iter().filter_map(role_id).collect();
            let fault = Fault::error("role", row.place_of("by"), message);
            self.desk
                .fault(fault.help(format!("可以写：{}", names.join("、"))));
        }
    }

    /// Publicity shows names and sums, never illness and never income.
    fn shows(&self, row: &Table) -> Vec<Slug> {
        for name in row.slugs("shows") {
            if PUBLIC_WORDS.contains(&name.value.as_str()) {
                continue;
            }
            let fault = match self.facts.get(&name.value) {
                Some((level, label)) if *level > FieldLevel::L1 => {
                    let message = format!("“{label}”是 {level:?} 级，不能公示");
                    Fault::error("level", name.place, message)
                }
                Some(_) => continue,
                None => {
                    let message = format!("公示里没有“{}”这一项", name.value);
                    let help = meant(name.value.as_str(), PUBLIC_WORDS.iter().copied());
                    Fault::error("unknown_name", name.place, message).maybe_help(help)
                }
            };
            self.desk.fault(fault);
        }
        values(row.slugs("shows"))
    }

    fn parts(&self, row: &Table) -> Vec<PartRule> {
        self.twice(row, "parts");
        let rows = row.tables("parts").into_iter();
        let one = |part: &Table| {
            let department = part.slug("department")?;
            if self.catalogue.department(&department.value).is_none() {
                let message = format!("没有部门“{}”", department.value);
                let known: Vec<&str> = self
                    .catalogue
                    .departments()
                    .map(|one| one.id.as_str())
                    .collect();
                let help = meant(department.value.as_str(), known.iter().copied());
                let fault = Fault::error("unknown_name", department.place, message);
                self.desk.fault(fault.maybe_help(help));
            }
            Some(PartRule {
                id: part.slug("id")?.value,
                name: part.words("name"),
                department: department.value,
                within: part.span("within"),
                basis: part.maybe_words("basis"),
            })
        };
        rows.filter_map(one).collect()
    }

    /// The words of every notice.
    pub(crate) fn notices(&self, document: &Table) -> BTreeMap<NoticeKind, NoticeText> {
        let mut all = BTreeMap::new();
        for (kind, table) in notices_of(document) {
            let Some(text) = table.text("says") else {
                let message = format!("notice.{} 少了 `says`（写给人的话）", kind.id());
                self.desk
                    .fault(Fault::error("missing_key", table.place, message));
                continue;
            };
            let parts = self.desk.pieces(&text).into_iter();
            let parts = parts.filter_map(|piece| self.notice_part(piece));
            let parts: Vec<NoticePart> = parts.collect();
            let reasons = |part: &NoticePart| matches!(part, NoticePart::Of("reasons"));
            if kind.is_adverse() && !parts.iter().any(reasons) {
                let message = format!("notice.{} 没有说理由：要写上 {{reasons}}", kind.id());
                self.desk
                    .fault(Fault::error("no_reasons", text.place, message));
            }
            if kind.is_adverse() && table.texts("remedy").is_empty() {
                let message = format!("notice.{} 没有写怎样申请复议或起诉（remedy）", kind.id());
                self.desk
                    .fault(Fault::error("no_remedy", table.place, message));
            }
            let remedy = table.sentences("remedy");
            all.insert(kind, NoticeText { parts, remedy });
        }
        all
    }

    fn notice_part(&self, piece: Piece) -> Option<NoticePart> {
        match piece {
            Piece::Words(words) if words.is_empty() => None,
            Piece::Words(words) => Some(NoticePart::Words(words)),
            Piece::Braces(inner) => {
                let known = NOTICE_WORDS.iter().find(|(word, _)| *word == inner.value);
                if let Some((word, _)) = known {
                    return Some(NoticePart::Of(word));
                }
                // What a case does not know cannot be said of it later: refuse now.
                let message = format!("告知里没有“{}”这一项", inner.value);
                let words = NOTICE_WORDS.iter().map(|(word, _)| *word);
                let help = meant(&inner.value, words);
                let fault = Fault::error("unknown_name", inner.place, message);
                self.desk.fault(fault.maybe_help(help));
                None
            }
        }
    }

    /// `[phase_out] when`.
    pub(crate) fn phase_out_when(&self, document: &Table) -> Option<Typed> {
        let table = document.table("phase_out")?;
        let text = table.text("when")?;
        let want = Some(&expr::Type::Bool);
        self.desk.law((&text, table), self.schema, self.at, want)
    }

    /// `[phase_out] pays`: one percentage for all months, or a list that shares
    /// the months evenly; everything, if not said.
    pub(crate) fn phase_out(&self, document: &Table) -> Vec<PhaseOutStep> {
        let Some(table) = document.table("phase_out") else {
            return Vec::new();
        };
        let months = table.whole("months").unwrap_or(0);
        let percents: Vec<u32> = table
            .texts("pays")
            .iter()
            .filter_map(|text| crate::form::percent(&text.value))
            .collect();
        let count = u32::try_from(percents.len()).unwrap_or(0).max(1);
        if !months.is_multiple_of(count) {
            let message = format!("{months} 个月分不成 {count} 段");
            let place = table.place_of("pays");
            self.desk.fault(Fault::error("wrong_value", place, message));
        }
        let months = months / count;
        match percents.is_empty() {
            true => vec![PhaseOutStep {
                months,
                percent: 100,
            }],
            false => percents
                .into_iter()
                .map(|percent| PhaseOutStep { months, percent })
                .collect(),
        }
    }
}

fn consent(row: &Table) -> Option<FormConsent> {
    Some(FormConsent {
        id: row.slug("id")?.value,
        asks: row.words("asks"),
        who: match row.words("who").as_str() {
            "applicant" => ConsentBy::Applicant,
            _ => ConsentBy::EveryAdult,
        },
    })
}

/// The notices a document has, by kind.
pub(crate) fn notices_of(document: &Table) -> Vec<(NoticeKind, &Table)> {
    let entries = document
        .table("notice")
        .map_or(&[][..], |table| &table.entries);
    entries
        .iter()
        .filter_map(|(key, node)| Some((kind_named(&key.value)?, node.as_table()?)))
        .collect()
}

fn kind_named(id: &str) -> Option<NoticeKind> {
    serde_json::from_value(serde_json::Value::String(id.to_owned())).ok()
}

fn role_id(role: &Role) -> Option<String> {
    let value = serde_json::to_value(role).ok()?;
    value.as_str().map(str::to_owned)
}

fn values<T>(all: Vec<At<T>>) -> Vec<T> {
    all.into_iter().map(|one| one.value).collect()
}

/// One text or several, as one.
fn joined(table: &Table, key: &str) -> Option<String> {
    let all = table.sentences(key);
    (!all.is_empty()).then(|| all.join("；"))
}
