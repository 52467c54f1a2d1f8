//! 「告知」 What follows of itself from an act: the notice as a document, the message
//! to the applicant, the work of sending it. All in the act's own transaction.

use super::desk::{Desk, case_id};
use super::notice::Words;
use super::people::People;
use crate::{AppError, Result};
use engine_case::{AdverseDraft, Case, Channel, Event, Notice, NoticeKind, Outcome, What};
use engine_notify::{Command, Config, Message, Recipient, State, Template, Value};
use kernel::{Actor, DocumentId, FieldLevel, MessageId, Now, Slug, Truth};
use serde::{Deserialize, Serialize};
use store::{Document, Tx};

/// Work for whoever sends messages. Body: [`ToSend`].
pub const SEND: &str = "message.send";

/// An attempt to send: the message and which attempt of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToSend {
    /// The message.
    pub message: MessageId,
    /// Counted from 0.
    pub attempt: usize,
}

/// A short message names the service and nothing else; the rest is read after
/// logging in, or told on the phone.
const SMS: &str = "{name}，您的{service}申请有了新的进展。请登录查看，也可以到村社区或镇街窗口问。";

/// Writes, keeps and queues every notice the events call for.
pub(super) async fn follow(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    people: &People,
    events: &[Event],
) -> Result<Vec<DocumentId>> {
    let mut written = Vec::new();
    for event in events {
        if let Some(notice) = notice_of(desk, case, people, &event.what)? {
            written.push(tell(desk, tx, case, people, &notice).await?);
        }
    }
    Ok(written)
}

fn notice_of(desk: &Desk, case: &Case, people: &People, what: &What) -> Result<Option<Notice>> {
    let words = Words {
        applicant: people.name(),
        ..Words::default()
    };
    let named = |kind, words: &Words| match desk.notice_text(case, kind) {
        // A pack need not speak at every step; where the law wants words, packs
        // are refused without them.
        None => Ok(None),
        Some(_) => desk.notice(case, kind, words).map(Some),
    };
    match what {
        What::Submitted { .. } => named(NoticeKind::Received, &words),
        What::Returned { missing } => {
            let names: Vec<&str> = missing.iter().map(|paper| paper.name.as_str()).collect();
            let missing = names.join("、");
            let plain = format!("{}，还缺这几样：{missing}。请一次补齐。", words.applicant);
            let said = named(NoticeKind::OneTime, &Words { missing, ..words })?;
            // What is missing must be told, whether the pack has words for it or not.
            Ok(said.or(Some(Notice {
                kind: NoticeKind::OneTime,
                text: plain,
                remedy: Vec::new(),
            })))
        }
        What::Judged(judgement) if judgement.verdict == Truth::Undetermined => {
            let facts = judgement.missing.iter();
            let labels: Vec<String> = facts.map(|fact| label(desk, fact)).collect();
            let missing = labels.join("、");
            named(NoticeKind::Undetermined, &Words { missing, ..words })
        }
        What::Intended { draft, .. } => intended(desk, case, draft, words).map(Some),
        What::Decided(decision) => Ok(match &decision.outcome {
            Outcome::Granted(grant) => Some(grant.notice.clone()),
            Outcome::Adverse(adverse) => Some(adverse.draft().notice.clone()),
            Outcome::Kept { .. } => None,
        }),
        _ => Ok(None),
    }
}

/// The notice of an intended decision: in the pack's words, or in plain ones. It
/// must go out: without it nobody was heard.
fn intended(desk: &Desk, case: &Case, draft: &AdverseDraft, words: Words) -> Result<Notice> {
    let says: Vec<&str> = draft.rules.iter().map(|rule| rule.says.as_str()).collect();
    let basis: Vec<&str> = draft.rules.iter().map(|rule| rule.basis.as_str()).collect();
    let flow = desk.flow(case, &engine_case::Act::Waive)?;
    let calendar = desk.app.law().pack.calendar();
    // Counted anew from the day it is served; never earlier than this.
    let until = flow.hearing.period.last_day(desk.now.today(), calendar);
    let words = Words {
        amount: draft.amount,
        old_amount: case.latest().and_then(|standing| standing.amount),
        from: draft.from,
        reasons: says.join("；"),
        basis: basis.join("；"),
        until: until.ok(),
        ..words
    };
    if desk.notice_text(case, NoticeKind::Intended).is_some() {
        return desk.notice(case, NoticeKind::Intended, &words);
    }
    Ok(Notice {
        kind: NoticeKind::Intended,
        text: format!(
            "{}，我们打算作出对您不利的决定，先听您说。原因：{}。依据：{}。",
            words.applicant, words.reasons, words.basis
        ),
        remedy: vec!["您可以当面、电话或网上说明情况，也可以请人代您说".to_owned()],
    })
}

fn label(desk: &Desk, fact: &Slug) -> String {
    let rule = desk.law.pack.rules().fact(fact.as_str());
    rule.map_or_else(|| fact.to_string(), |rule| rule.decl.label.clone())
}

/// Keeps the notice as a document and queues the message.
async fn tell(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    people: &People,
    notice: &Notice,
) -> Result<DocumentId> {
    let id = DocumentId(tx.next_id("document").await?);
    let text = whole(notice);
    let document = Document {
        id,
        case: Some(case_id(case)?),
        kind: format!("notice.{}", notice.kind.id()),
        media: "text/plain; charset=utf-8".to_owned(),
        body: text.clone().into_bytes(),
    };
    tx.keep_document(&document, desk.now).await?;
    let message = message(desk, tx, case, people, notice, text).await?;
    queue(tx, message, &desk.context.actor, desk.now).await?;
    Ok(id)
}

fn whole(notice: &Notice) -> String {
    let mut text = notice.text.clone();
    for remedy in &notice.remedy {
        text.push('\n');
        text.push_str(remedy);
    }
    text
}

async fn message(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    people: &People,
    notice: &Notice,
    text: String,
) -> Result<Message> {
    let opened = case.opened.as_ref();
    let opened = opened.ok_or_else(|| AppError::Fault("a case that was never opened".into()))?;
    let fault = |why: String| AppError::Fault(why);
    let slug = |text: &str| text.parse::<Slug>().map_err(|why| fault(why.to_string()));
    let flow = desk.law.pack.flow(opened.service.as_str());
    let service = flow.map(|flow| flow.name.clone()).unwrap_or_default();
    let value = |name: &str, text: String, level| {
        Ok::<_, AppError>(Value {
            name: slug(name)?,
            text,
            level,
        })
    };
    let values = [
        value("name", people.name(), FieldLevel::L2)?,
        value("service", service, FieldLevel::L0)?,
    ];
    let template = Template::parse(SMS).map_err(|why| fault(why.to_string()))?;
    let sms = template
        .sms(&values)
        .map_err(|why| fault(why.to_string()))?;
    Ok(Message {
        id: MessageId(tx.next_id("message").await?),
        occasion: slug(&format!("case_{}", notice.kind.id()))?,
        to: Recipient {
            person: opened.applicant,
            mobile: people.has_mobile(),
            // Whoever applied online looks there; the others are told by phone.
            inbox: opened.channel == Channel::Online,
        },
        case: Some(opened.case),
        text,
        sms: Some(sms),
        proof_wanted: notice.kind.is_adverse() || notice.kind == NoticeKind::Intended,
    })
}

/// Starts a message: its state, its events and the work of sending it.
pub(crate) async fn queue(tx: &mut Tx, message: Message, actor: &Actor, now: Now) -> Result<()> {
    let id = message.id;
    let mut state = State::default();
    let command = Command::Queue(message);
    let events = engine_notify::decide(&state, actor, command, &Config::default(), now);
    let events = events.map_err(AppError::refused)?;
    events.iter().for_each(|event| state.apply(event));
    tx.save_message(0, &state, &events, actor, now).await?;
    let to_send = ToSend {
        message: id,
        attempt: 0,
    };
    tx.publish(SEND, &format!("{id}/0"), &to_send, now, now.at)
        .await?;
    Ok(())
}
