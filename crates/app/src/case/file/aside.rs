//! 「还可以」 What can be done beside the next step: declare a near relative, establish
//! a fact the rules miss, ask the household to take part, more time.

use super::Reading;
use super::offers::{AskKind, Asks, Offer, PROBE};
use crate::Result;
use engine_case::{Act, AnswerSource, AnswerValue, Conflict, StepKind};
use store::Tx;

impl Reading<'_> {
    /// 认定 Differences between what was said and what was found, for a person to settle.
    pub(super) async fn differing(&self, tx: &mut Tx, offers: &mut Vec<Offer>) -> Result<()> {
        let Some(opened) = &self.case.opened else {
            return Ok(());
        };
        let Some(id) = tx.verifications_of(opened.case).await?.last().copied() else {
            return Ok(());
        };
        let Some(report) = engine_pool::report(&tx.verification(id).await?.state) else {
            return Ok(());
        };
        let record = engine_access::Record {
            region: Some(self.people.region),
            subjects: self.people.subjects.clone(),
            state: crate::case::record_state(self.case.phase),
            level: kernel::FieldLevel::L4,
        };
        let (context, relatives) = (&self.desk.context, &self.people.relatives);
        let verify = engine_access::Action::Verify;
        let permit = context
            .authorise(tx, verify, record, relatives, self.desk.now)
            .await;
        if permit.is_err() {
            return Ok(());
        }
        let open = report.differences.iter().enumerate();
        for (at, difference) in open.filter(|(_, one)| one.settled.is_none()) {
            let said = self.declared(&difference.category, &difference.declared);
            let found = self.found(difference);
            let name = self.name(difference.person);
            let answers = ("本人说得对，不按部门数据算", "按部门数据算");
            let asks = vec![
                Asks::words(
                    "words",
                    format!("查到{found}，{name}申报 {said}。本人怎么说"),
                ),
                yes_no("accepted", "您怎么认定", answers),
                Asks::words("reason", "为什么这样认定"),
            ];
            offers.push(Offer::new(format!("difference.{at}"), "认定不符", asks));
        }
        Ok(())
    }

    /// What can be done at any time: declare a near relative, ask the household to
    /// take part, more time.
    pub(super) async fn beside(&self, tx: &mut Tx, offers: &mut Vec<Offer>) -> Result<()> {
        self.establishing(tx, offers).await?;
        let found = PROBE.to_owned();
        if self.needs_visit()? {
            let asks = vec![Asks::words("found", "看到了什么")];
            let offer = Offer::new("visit", "决定前入户", asks);
            self.offer(tx, offers, Act::Visit { found }, offer).await?;
        }
        let within = engine_case::Span::Days(10);
        let asks = PROBE.to_owned();
        let offer = Offer::new(
            "demand",
            "请家里配合",
            vec![
                Asks::words("asks", "要家里做什么"),
                Asks::new("days", "给几天", AskKind::Line).with("10"),
            ],
        );
        self.offer(tx, offers, Act::Demand { asks, within }, offer)
            .await?;
        let offer = Offer::new("meet_demand", "家里已经配合", Vec::new());
        self.offer(tx, offers, Act::MeetDemand, offer).await?;
        let reasons = PROBE.to_owned();
        let asks = vec![Asks::words("reasons", "为什么要延长")];
        let offer = Offer::new("prolong", "延长办理", asks);
        self.offer(tx, offers, Act::Prolong { reasons }, offer)
            .await?;
        let (Some(me), Some(opened)) = (self.desk.context.actor.person, &self.case.opened) else {
            return Ok(());
        };
        let conflict = Conflict {
            official: me,
            relative_of: opened.applicant,
            relation: PROBE.to_owned(),
        };
        let members = opened.members.iter();
        let members = members.map(|one| (one.person.to_string(), self.name(one.person)));
        let asks = vec![
            Asks::new("of", "您是谁的亲属", AskKind::One(members.collect())),
            Asks::new("relation", "什么关系", AskKind::Line),
        ];
        let offer = Offer::new("conflict", "我要回避", asks);
        self.offer(tx, offers, Act::RegisterConflict(conflict), offer)
            .await
    }

    /// A visit of the deciding office is due and not made.
    fn needs_visit(&self) -> Result<bool> {
        let step = self.flow()?.step_of(StepKind::Decide);
        let cause = !self.case.conflicts.is_empty() || !self.case.objections.is_empty();
        let due = step.is_some_and(|step| step.visit_if_conflict);
        Ok(due && cause && self.case.visits.is_empty())
    }

    /// Facts the rules miss and a person can establish.
    async fn establishing(&self, tx: &mut Tx, offers: &mut Vec<Offer>) -> Result<()> {
        let Some(certificate) = self.certificate else {
            return Ok(());
        };
        for (at, missing) in certificate.judgement.missing.iter().take(4).enumerate() {
            let rules = self.desk.law.pack.rules();
            let Some(rule) = rules.fact(missing.fact.as_str()) else {
                continue;
            };
            let about = missing.member.and_then(|place| {
                let opened = self.case.opened.as_ref()?;
                opened.members.get(place).map(|member| member.person)
            });
            let whom = about.map_or_else(String::new, |person| self.name(person));
            let label = format!("{whom}{}", missing.label);
            let value = match &rule.decl.ty {
                expr::Type::Bool => yes_no("value", &label, ("是", "否")),
                expr::Type::Code(set) => {
                    let members = set.members.iter();
                    let choices = members.map(|one| (one.id.to_string(), one.label.clone()));
                    Asks::new("value", label.clone(), AskKind::One(choices.collect()))
                }
                expr::Type::Date => Asks::new("value", label.clone(), AskKind::Day),
                number => {
                    let unit = number.unit().map(|unit| unit.to_string());
                    let label = format!("{label}（{}）", unit.unwrap_or_default());
                    Asks::new("value", label, AskKind::Line)
                }
            };
            let answer = engine_case::Answer {
                field: missing.fact.clone(),
                about,
                value: AnswerValue::Unknown,
                source: AnswerSource::Officer {
                    how: PROBE.to_owned(),
                },
            };
            let asks = vec![value, Asks::words("how", "怎样核实的")];
            let offer = Offer::new(format!("establish.{at}"), &format!("查实：{label}"), asks);
            let answers = vec![answer];
            self.offer(tx, offers, Act::Establish { answers }, offer)
                .await?;
        }
        Ok(())
    }
}

/// Two answers.
pub(super) fn yes_no(name: &str, label: &str, (yes, no): (&str, &str)) -> Asks {
    let choice = |value: &str, words: &str| (value.to_owned(), words.to_owned());
    Asks::new(
        name,
        label,
        AskKind::One(vec![choice("yes", yes), choice("no", no)]),
    )
}
