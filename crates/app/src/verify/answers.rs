//! 「采信」 A department's cells become typed answers through the same gate as its
//! files. One faulty row, and the whole category of that person counts as not
//! answered: half of the truth is none.

use super::wire;
use engine_pool::verification::{Answered, Member};
use engine_pool::{Answer, Catalogue, Category, Held, NoAnswer, validate_named};
use kernel::{Date, Slug};
use std::collections::BTreeMap;

/// The answers of one reply. Entries about people or categories that were not
/// asked make the whole reply untrusted.
pub(crate) fn answers(
    reply: wire::Reply,
    query: &wire::Query,
    members: &[Member],
    catalogue: &Catalogue,
    today: Date,
) -> Result<Vec<Answered>, NoAnswer> {
    let untrusted = |why: &str| Err(NoAnswer::Untrusted(why.to_owned()));
    if reply.verification != query.verification {
        return untrusted("答的是另一次核对");
    }
    let mut answered = Vec::new();
    for one in reply.answers {
        let member = members.iter().find(|m| m.number.reveal() == one.id_no);
        let category = catalogue.category(&one.category);
        let (Some(member), Some(category)) = (member, category) else {
            return untrusted("答复里有没有问到的人或数据");
        };
        if !query.categories.contains(&one.category) {
            return untrusted("答复里有没有问到的数据");
        }
        let answer = match one.found {
            wire::Found::NoRecord { as_of } if as_of > today => Answer::NoAnswer {
                why: NoAnswer::Untrusted("数据日期还没有到".to_owned()),
            },
            wire::Found::NoRecord { as_of } => Answer::NoRecord { as_of },
            wire::Found::Declined { why } => Answer::NoAnswer {
                why: NoAnswer::Declined(why.chars().take(200).collect()),
            },
            wire::Found::Records(rows) => records(category, &one.id_no, &rows, today),
        };
        answered.push(Answered {
            person: member.person,
            category: one.category,
            answer,
        });
    }
    Ok(answered)
}

fn records(
    category: &Category,
    id_no: &str,
    rows: &[BTreeMap<String, String>],
    today: Date,
) -> Answer {
    let untrusted = |why: String| Answer::NoAnswer {
        why: NoAnswer::Untrusted(why),
    };
    let mut held = Vec::new();
    for (row, line) in rows.iter().zip(1..) {
        let cells = row
            .iter()
            .map(|(name, cell)| (name.as_str(), cell.as_str()));
        match validate_named(category, line, cells, today) {
            Ok(record) => held.push(Held {
                record,
                batch: None,
            }),
            Err(faults) => {
                let first = faults.first().map(ToString::to_string);
                return untrusted(first.unwrap_or_default());
            }
        }
        if row.get("id_no").is_none_or(|cell| cell.trim() != id_no) {
            return untrusted("记录是别人的".to_owned());
        }
    }
    match held.is_empty() {
        true => untrusted("说有记录，却一条也没有".to_owned()),
        false => Answer::Records(held),
    }
}

/// The question to one department.
pub(crate) fn query(
    ids: (i64, i64, i64),
    members: &[Member],
    categories: impl IntoIterator<Item = Slug>,
) -> wire::Query {
    let (verification, case, authorisation) = ids;
    wire::Query {
        verification,
        case,
        authorisation,
        persons: members
            .iter()
            .map(|m| m.number.reveal().to_owned())
            .collect(),
        categories: categories.into_iter().collect(),
    }
}
