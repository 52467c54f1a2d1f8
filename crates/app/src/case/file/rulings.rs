//! 「能作的决定」 Granting, refusing, reducing, stopping…, each with the notice as it
//! would go out. What the law wants heard first is offered as an intended decision;
//! only after the hearing as a decision.

use super::aside::yes_no;
use super::offers::{AskKind, Asks, Offer, PROBE, Preview};
use super::{Reading, past};
use crate::case::ruling::{Adverse, Ruling};
use crate::{AppError, Result};
use engine_case::{
    Act, AdverseKind, Cause, EvidenceReference, Intent, Phase, Proposal, RuleReference,
};
use kernel::{DecisionId, Money, Role, Slug};
use store::Tx;

const KINDS: [AdverseKind; 5] = [
    AdverseKind::Refuse,
    AdverseKind::Reduce,
    AdverseKind::Stop,
    AdverseKind::Recover,
    AdverseKind::Terminate,
];

impl Reading<'_> {
    pub(super) async fn rulings(&self, tx: &mut Tx, offers: &mut Vec<Offer>) -> Result<()> {
        self.judging(tx, offers).await?;
        self.granting(tx, offers).await?;
        for kind in KINDS {
            self.against(tx, kind, offers).await?;
        }
        self.hearing(tx, offers).await?;
        self.asking_above(tx, offers).await?;
        self.serving(tx, offers).await
    }

    async fn judging(&self, tx: &mut Tx, offers: &mut Vec<Offer>) -> Result<()> {
        let judgement = engine_case::Judgement {
            verdict: kernel::Truth::True,
            certificate: PROBE.to_owned(),
            failed: Vec::new(),
            missing: Vec::new(),
            amount: None,
            gives_way: None,
            review_sooner: false,
        };
        let label = match self.case.judgement.is_some() {
            true => "再算一遍",
            false => "按规则算一遍",
        };
        let offer = Offer::new("judge", label, Vec::new());
        self.offer(tx, offers, Act::Judge(judgement), offer).await
    }

    async fn granting(&self, tx: &mut Tx, offers: &mut Vec<Offer>) -> Result<()> {
        let open = self.in_favour();
        let amount = (open && self.computed().is_none())
            .then(|| Asks::new("amount", "给多少元", AskKind::Line));
        let ruling = Ruling::Grant {
            from: None,
            amount: open.then_some(Money::ZERO),
            reasons: PROBE.to_owned(),
        };
        let mut asks = vec![Asks::words("reasons", "为什么这样定，群众能看到")];
        asks.extend(amount);
        let offer = Offer::new("grant", "同意", asks);
        self.ruled(tx, offers, &ruling, offer).await?;
        let keep = Ruling::Keep {
            reasons: PROBE.to_owned(),
        };
        let asks = vec![Asks::words("reasons", "为什么不变")];
        let offer = Offer::new("keep", "复核后不变", asks);
        match self.case.phase {
            Phase::Paying | Phase::ReviewDue => self.ruled(tx, offers, &keep, offer).await,
            _ => Ok(()),
        }
    }

    /// The amount the judgement on file gives.
    fn computed(&self) -> Option<Money> {
        self.case.judgement.as_ref().and_then(|one| one.amount)
    }

    fn in_favour(&self) -> bool {
        let escalation = self.case.escalation.as_ref();
        let settled = escalation.and_then(|one| one.settled.as_ref());
        settled.is_some_and(|one| one.in_favour)
    }

    async fn against(&self, tx: &mut Tx, kind: AdverseKind, offers: &mut Vec<Offer>) -> Result<()> {
        // Ending a case for not taking part begins with asking to take part.
        if kind == AdverseKind::Terminate && self.case.demand.is_none() {
            return Ok(());
        }
        // What the pack has no words for cannot be told, so it cannot be decided.
        if self.desk.notice_text(self.case, kind.notice()).is_none() {
            return Ok(());
        }
        let intent = self.case.intent.as_ref();
        let intended = intent.filter(|intent| intent.draft.kind == kind);
        let heard_first = self.flow()?.hears(kind);
        let word = past::adverse(kind);
        let (id, label, asks) = match (intended, heard_first) {
            (Some(_), _) => (
                word_id(kind).to_owned(),
                format!("决定{word}"),
                vec![Asks::words("reasons", "最后的理由，要答复本人说的")],
            ),
            (None, true) => (
                format!("intend.{}", word_id(kind)),
                format!("拟{word}，先听本人说"),
                self.adverse_asks(kind)?,
            ),
            (None, false) => (
                word_id(kind).to_owned(),
                match kind {
                    AdverseKind::Refuse => "不同意".to_owned(),
                    _ => format!("决定{word}"),
                },
                self.adverse_asks(kind)?,
            ),
        };
        let ruling = match intended {
            Some(intent) => again(intent, PROBE.to_owned()),
            None => Ruling::Adverse(probe(kind)),
        };
        self.ruled(tx, offers, &ruling, Offer::new(id, &label, asks))
            .await
    }

    fn adverse_asks(&self, kind: AdverseKind) -> Result<Vec<Asks>> {
        let mut asks = vec![Asks::words("reasons", "为什么，群众能看到")];
        if kind == AdverseKind::Stop
            && let Some(rule) = &self.flow()?.phase_out
        {
            let months = (0..=rule.months).map(|count| match count {
                0 => ("0".to_owned(), "不用渐退".to_owned()),
                count => (count.to_string(), format!("渐退 {count} 个月")),
            });
            let kind = AskKind::One(months.collect());
            asks.push(Asks::new("phase_out", "要不要渐退", kind).with("0"));
        }
        if by_conduct(kind) {
            if kind == AdverseKind::Recover {
                asks.push(Asks::new("amount", "追回多少元", AskKind::Line));
            }
            asks.extend([
                Asks::new("rule", "依据的内容", AskKind::Line),
                Asks::new("basis", "哪一部法的第几条", AskKind::Line),
                Asks::new("evidence", "证据是什么", AskKind::Line),
                Asks::new("source", "证据从哪里来", AskKind::Line),
                Asks::new("reference", "证据的编号", AskKind::Line),
            ]);
        }
        Ok(asks)
    }

    /// Tries a ruling with the words the house would draft beside it.
    async fn ruled(
        &self,
        tx: &mut Tx,
        offers: &mut Vec<Offer>,
        ruling: &Ruling,
        offer: Offer,
    ) -> Result<()> {
        let drafted = self.desk.proposal(tx, self.case, self.people, ruling).await;
        let proposal = match drafted {
            Ok(drafted) => drafted.proposal,
            Err(AppError::Refused(refused)) => {
                // Without a judgement there is no draft: offered only to who decides.
                let later = !self.case.standings().is_empty() && offer.id != "grant";
                if self.decides() && (self.is_deciding() || later) {
                    let hindrance = Some(refused);
                    offers.push(Offer { hindrance, ..offer });
                }
                return Ok(());
            }
            Err(other) => return Err(other),
        };
        let preview = preview(&proposal);
        let act = match (offer.id.starts_with("intend."), proposal) {
            (true, Proposal::Adverse(draft)) => Act::Intend(draft),
            (_, proposal) => Act::Decide {
                decision: DecisionId(i64::MAX),
                proposal,
            },
        };
        let offer = Offer { preview, ..offer };
        self.offer(tx, offers, act, offer).await
    }

    fn decides(&self) -> bool {
        let step = self.flow().ok();
        let step = step.and_then(|flow| flow.step_of(engine_case::StepKind::Decide));
        step.is_some_and(|step| step.by == self.desk.context.actor.role)
    }

    fn is_deciding(&self) -> bool {
        let flow = self.flow().ok();
        let step = flow.and_then(|flow| flow.step_of(engine_case::StepKind::Decide));
        step.is_some_and(|step| self.is_open(step))
    }

    async fn hearing(&self, tx: &mut Tx, offers: &mut Vec<Offer>) -> Result<()> {
        let Some(intent) = &self.case.intent else {
            return Ok(());
        };
        let today = self.today();
        let act = Act::ServeIntent {
            on: today,
            how: PROBE.to_owned(),
        };
        let asks = vec![
            Asks::new("on", "哪天送到的", AskKind::Day).with(today.to_string()),
            Asks::new("how", "怎样送的", AskKind::Line).with("当面送达"),
        ];
        let offer = Offer::new("serve_intent", "登记送达", asks);
        self.offer(tx, offers, act, offer).await?;
        let act = Act::Speak {
            points: vec![PROBE.to_owned()],
            finished: false,
        };
        let asks = vec![Asks::words("points", "本人说了什么，一点写一行")];
        let offer = Offer::new("speak", "记下本人说的", asks);
        self.offer(tx, offers, act, offer).await?;
        for (at, point) in intent.points.iter().enumerate() {
            let act = Act::AnswerPoint {
                point: at,
                text: PROBE.to_owned(),
                accepted: false,
            };
            let asks = vec![
                Asks::words("text", format!("“{}”，怎样答复", point.said)),
                yes_no("accepted", "采纳吗", ("采纳", "不采纳")),
            ];
            let offer = Offer::new(format!("answer_point.{at}"), "答复本人说的", asks);
            self.offer(tx, offers, act, offer).await?;
        }
        let reasons = PROBE.to_owned();
        let asks = vec![Asks::words("reasons", "为什么不这样决定了")];
        let offer = Offer::new("drop_intent", "不作这个决定了", asks);
        self.offer(tx, offers, Act::DropIntent { reasons }, offer)
            .await
    }

    async fn asking_above(&self, tx: &mut Tx, offers: &mut Vec<Offer>) -> Result<()> {
        let act = Act::Escalate {
            question: PROBE.to_owned(),
            to: Role::CountyApprover,
        };
        let asks = vec![Asks::words("question", "要请上级研究什么")];
        let offer = Offer::new("escalate", "请上级研究", asks);
        // Where the rules give an answer nothing needs to be asked.
        self.offer(tx, offers, act, offer).await?;
        let act = Act::SettleEscalation {
            in_favour: false,
            reasons: PROBE.to_owned(),
        };
        let question = self.case.escalation.as_ref().map(|one| &one.question);
        let asks = vec![
            Asks::words(
                "reasons",
                format!("“{}”，怎样答复", question.map_or("", String::as_str)),
            ),
            yes_no(
                "in_favour",
                "答复什么",
                ("先按有利于这家人的办", "先把事实弄清"),
            ),
        ];
        let offer = Offer::new("settle_escalation", "答复请示", asks);
        self.offer(tx, offers, act, offer).await
    }

    /// The notice of a decision reached the person.
    async fn serving(&self, tx: &mut Tx, offers: &mut Vec<Offer>) -> Result<()> {
        let Some(decision) = self.case.decision() else {
            return Ok(());
        };
        let today = self.today();
        let act = Act::ServeDecision {
            decision: decision.id,
            on: today,
        };
        let asks = vec![Asks::new("on", "哪天送到的", AskKind::Day).with(today.to_string())];
        let offer = Offer::new(format!("serve.{}", decision.id), "登记决定送达", asks);
        self.offer(tx, offers, act, offer).await
    }
}

/// Whether rules and evidence are the signer's to give.
pub(super) fn by_conduct(kind: AdverseKind) -> bool {
    matches!(kind, AdverseKind::Recover | AdverseKind::Terminate)
}

/// The intended decision, to be decided after the hearing.
pub(super) fn again(intent: &Intent, reasons: String) -> Ruling {
    let draft = &intent.draft;
    let conditions = draft.cause == Cause::Conditions;
    Ruling::Adverse(Adverse {
        kind: draft.kind,
        cause: draft.cause,
        reasons,
        from: draft.from,
        amount: draft.amount,
        phase_out_months: draft.phase_out_months,
        rules: match conditions {
            true => Vec::new(),
            false => draft.rules.clone(),
        },
        // The judgement's own evidence is drafted anew.
        evidence: match conditions {
            true => Vec::new(),
            false => draft.evidence.last().cloned().into_iter().collect(),
        },
    })
}

fn probe(kind: AdverseKind) -> Adverse {
    let conduct = by_conduct(kind);
    let words = || PROBE.to_owned();
    let rule = |rule: Slug| RuleReference {
        rule,
        says: words(),
        basis: words(),
    };
    let evidence = EvidenceReference {
        what: words(),
        source: words(),
        as_of: None,
        reference: words(),
    };
    Adverse {
        kind,
        cause: match conduct {
            true => Cause::Conduct,
            false => Cause::Conditions,
        },
        reasons: words(),
        from: None,
        amount: (kind == AdverseKind::Recover).then_some(Money::from_fen(1)),
        phase_out_months: 0,
        rules: match conduct {
            true => "conduct".parse().map(rule).into_iter().collect(),
            false => Vec::new(),
        },
        evidence: match conduct {
            true => vec![evidence],
            false => Vec::new(),
        },
    }
}

fn preview(proposal: &Proposal) -> Option<Preview> {
    let notice = match proposal {
        Proposal::Grant { notice, .. } => notice,
        Proposal::Adverse(draft) => &draft.notice,
        Proposal::Keep { .. } => return None,
    };
    let text = notice.text.clone();
    (!text.is_empty()).then(|| Preview {
        text,
        remedy: notice.remedy.clone(),
    })
}

pub(super) fn word_id(kind: AdverseKind) -> &'static str {
    match kind {
        AdverseKind::Refuse => "refuse",
        AdverseKind::Reduce => "reduce",
        AdverseKind::Stop => "stop",
        AdverseKind::Recover => "recover",
        AdverseKind::Terminate => "terminate",
    }
}

pub(super) fn kind_of(word: &str) -> Option<AdverseKind> {
    KINDS.into_iter().find(|kind| word_id(*kind) == word)
}
