//! 「专线上来的字节」 What must hold of everything that is read from somebody else's
//! machine beside files: pages of a pull, a department's answer, a party's question, the
//! answer of an address that is told, what devices, lines, banks and the SMS centre say,
//! a proof, a photograph, every number people write. Absent: passkeys and multipart
//! forms, which other people's crates read.

use super::{CATEGORIES, Parser, push_now, push_signer};
use app::ask::{AskHead, AskKind, understood};
use app::hook::seconds_to_wait;
use app::order::{FromLine, Signal};
use app::payment::bank_wire::FileStanding;
use app::signing::SignedHeaders;
use app::verify::wire::{Found, PageQuery, PageReply, Query, Reply, Trouble};
use engine_pool::ask::Question;
use engine_pool::hook::{Consented, Heard, Hook, PAST_MAX, Then, Turn};
use engine_pool::validate_named;
use kernel::{
    BankCard, CitizenId, Date, ForeignerPermit, Mobile, Money, OrganisationCode, Period,
    PersonName, PersonNumber, Rate, RegionCode, Relation, ResidencePermit, Slug, Uscc,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::LazyLock;

pub(crate) const PULL_PAGE: Parser = Parser {
    name: "pull_page",
    holds: pull_page,
};
pub(crate) const DEPARTMENT_ANSWER: Parser = Parser {
    name: "department_answer",
    holds: department_answer,
};
pub(crate) const QUESTION: Parser = Parser {
    name: "question",
    holds: question,
};
pub(crate) const HOOK_REPLY: Parser = Parser {
    name: "hook_reply",
    holds: hook_reply,
};
pub(crate) const MACHINE: Parser = Parser {
    name: "machine",
    holds: machine,
};
pub(crate) const NUMBER: Parser = Parser {
    name: "number",
    holds: number,
};
pub(crate) const PICTURE: Parser = Parser {
    name: "picture",
    holds: picture,
};

fn today() -> Date {
    push_now().today()
}

/// What is read and written again reads the same.
fn same<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) -> Option<T> {
    let read: T = serde_json::from_slice(bytes).ok()?;
    let written = serde_json::to_vec(&read).unwrap();
    assert_eq!(serde_json::from_slice::<T>(&written).unwrap(), read);
    Some(read)
}

/// Named cells of any category: a typed record or every fault.
fn judged(which: usize, rows: &[BTreeMap<String, String>]) {
    let category = &CATEGORIES[which % CATEGORIES.len()];
    for (row, line) in rows.iter().zip(1..) {
        let cells = row
            .iter()
            .map(|(name, cell)| (name.as_str(), cell.as_str()));
        match validate_named(category, line, cells, today()) {
            Ok(record) => assert!(record.as_of <= today()),
            Err(faults) => assert!(!faults.is_empty()),
        }
    }
}

/// A page of a pull (the first byte says which category): rows are typed or faulty.
fn pull_page(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else {
        return;
    };
    drop(same::<PageQuery>(bytes));
    if let Some(page) = same::<PageReply>(bytes) {
        judged(usize::from(*which), &page.rows);
    }
}

/// A department's answer, our question to it, or its word why not.
fn department_answer(bytes: &[u8]) {
    drop(same::<Query>(bytes));
    drop(serde_json::from_slice::<Trouble>(bytes));
    let Some(reply) = same::<Reply>(bytes) else {
        return;
    };
    for one in &reply.answers {
        if let Found::Records(rows) = &one.found {
            let named = CATEGORIES.iter().position(|of| of.id == one.category);
            judged(named.unwrap_or_default(), rows);
        }
    }
}

static HEAD: LazyLock<SignedHeaders> =
    LazyLock::new(|| push_signer().sign_request("POST", "/api/v1/ask/records", b"", push_now()));

/// A party's question, the first byte says of which kind: what is understood is of the
/// kind that the address says, and about somebody where it must be.
fn question(bytes: &[u8]) {
    let Some((which, body)) = bytes.split_first() else {
        return;
    };
    let (kind, category) = match which % 4 {
        0 => (AskKind::Records, Some("resident")),
        1 => (AskKind::Records, None),
        2 => (AskKind::Receives, None),
        _ => (AskKind::Statistics, None),
    };
    let head = AskHead {
        signed: &HEAD,
        path: "/api/v1/ask/records",
        kind,
        category,
        body,
    };
    match understood(&head) {
        Ok((question, number)) => {
            assert_eq!(question.kind(), kind);
            let counts = matches!(question, Question::Statistics);
            assert_eq!(number.is_none(), counts);
        }
        Err(why) => assert!(!why.to_string().is_empty()),
    }
}

/// Lines: a status, how long to wait, an origin, a rate; three of them one after the
/// other. Whatever they say, nobody waits longer than a day, and nothing is sent faster
/// than we ever send.
fn hook_reply(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (now, lines) = (push_now(), text.split('\n').collect::<Vec<_>>());
    let mut hook = Hook::default();
    for said in lines.chunks(4).take(40) {
        let at = |place: usize| said.get(place).copied();
        hook.consented(Consented::of("nuanxin.example", at(2), at(3)), now);
        let status = at(0).and_then(|one| one.parse().ok()).unwrap_or_default();
        let wait = at(1).and_then(|one| seconds_to_wait(one, now));
        let then = hook.heard(&Heard::of(status, wait), now);
        let latest = now.at + chrono::TimeDelta::days(1);
        let until = match then {
            Then::PutBack(until) => Some(until),
            Then::Done | Then::Failed => None,
        };
        let waits = hook.wait_until.into_iter().chain(until);
        waits.for_each(|until| assert!(until >= now.at && until <= latest));
        assert!(hook.past.len() <= PAST_MAX);
        if let Turn::Send(most) = hook.turn(now) {
            assert!(most <= engine_pool::hook::PER_MINUTE);
        }
    }
}

/// What a device, another hotline, the bank or the SMS centre says.
fn machine(bytes: &[u8]) {
    drop(same::<Signal>(bytes));
    drop(same::<FromLine>(bytes));
    drop(same::<FileStanding>(bytes));
    drop(same::<app::sms::Taken>(bytes));
    drop(same::<app::sms::Receipt>(bytes));
}

/// What is a number, a name or an amount is the same one when it is written and read.
fn number(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    again(text, CitizenId::reveal);
    again(text, PersonNumber::reveal);
    again(text, BankCard::reveal);
    again(text, Mobile::reveal);
    again(text, ResidencePermit::reveal);
    again(text, Uscc::as_str);
    again(text, OrganisationCode::as_str);
    again(text, PersonName::as_str);
    again(text, Slug::as_str);
    drop(text.parse::<ForeignerPermit>());
    printed::<Money>(text);
    printed::<Rate>(text);
    printed::<Period>(text);
    printed::<RegionCode>(text);
    printed::<Relation>(text);
}

fn again<T: FromStr + PartialEq + Debug>(text: &str, whole: fn(&T) -> &str) {
    if let Ok(one) = text.parse::<T>() {
        let second = whole(&one).parse::<T>().ok();
        assert_eq!(second.as_ref(), Some(&one));
    }
}

fn printed<T: FromStr + ToString + PartialEq + Debug>(text: &str) {
    if let Ok(one) = text.parse::<T>() {
        assert_eq!(one.to_string().parse::<T>().ok().as_ref(), Some(&one));
    }
}

/// A photograph's bytes and, before the first line's end, its name: a picture with a
/// harmless name, or a sentence.
fn picture(bytes: &[u8]) {
    let at = bytes.iter().position(|byte| *byte == b'\n');
    let (name, body) = bytes.split_at(at.unwrap_or_default());
    let name = String::from_utf8_lossy(name);
    match app::attachment::picture(&name, body.get(1..).unwrap_or_default().to_vec()) {
        Ok((name, media, body)) => {
            assert!(media.starts_with("image/") && !body.is_empty());
            assert!(!name.contains(['/', '\\', '\0', '\n', '"']));
            assert!(!name.starts_with('.') && name.chars().count() <= 70);
        }
        Err(why) => assert!(!why.to_string().is_empty()),
    }
}
