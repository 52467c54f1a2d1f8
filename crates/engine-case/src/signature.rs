//! 「签字」 A signature: a human being, in a role, at a moment. Its fields are
//! private and its one constructor refuses machines, so that whatever holds a
//! [`Signature`] was signed by a person (个人信息保护法 第二十四条).

use crate::refusal::Refusal;
use kernel::{Actor, Instant, PersonId, Role};
use serde::{Deserialize, Serialize};

/// Who signed, in which role, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Signature {
    person: PersonId,
    account: String,
    role: Role,
    at: Instant,
}

/// A signature as it is written down.
#[derive(Serialize, Deserialize)]
struct Written {
    person: PersonId,
    account: String,
    role: Role,
    at: Instant,
}

impl Signature {
    /// The actor signs. Refuses machines, the system, and accounts with no
    /// human being behind them.
    pub fn of(actor: &Actor, at: Instant) -> Result<Self, Refusal> {
        match actor.person {
            Some(person) if actor.role.is_human() => Ok(Signature {
                person,
                account: actor.account.clone(),
                role: actor.role,
                at,
            }),
            _ => Err(Refusal::NotAPerson),
        }
    }

    /// The human being.
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// The account used.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The moment.
    pub fn at(&self) -> Instant {
        self.at
    }
}

impl TryFrom<Written> for Signature {
    type Error = Refusal;

    fn try_from(written: Written) -> Result<Self, Refusal> {
        let actor = Actor {
            account: written.account,
            person: Some(written.person),
            role: written.role,
        };
        Signature::of(&actor, written.at)
    }
}

impl From<Signature> for Written {
    fn from(signature: Signature) -> Written {
        Written {
            person: signature.person,
            account: signature.account,
            role: signature.role,
            at: signature.at,
        }
    }
}
