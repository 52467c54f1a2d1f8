//! A home with hired people and two families, and the binary that speaks there.

use crate::keys;
use engine_payment::*;
use engine_registry::{Event, Membership, Origin, State};
use kernel::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command as Program, Stdio};
use store::{Db, StoreError};

pub(crate) const MAKER: &str = "9000000041";
pub(crate) const CHECKER: &str = "9000000042";
pub(crate) const APPROVER: &str = "9000000030";
pub(crate) const RELEASER: &str = "9000000043";

pub(crate) struct Home {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) db: String,
}

impl Home {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What the binary says, and how it ends.
    pub(crate) fn say(&self, words: &[&str]) -> (i32, Value, String) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut program = Program::new(env!("CARGO_BIN_EXE_nuanxin"));
        program
            .args(words)
            .args(["--format", "json", "--db", &self.db])
            .arg("--pack")
            .arg(root.join("packs/pinghu"))
            .arg("--keys")
            .arg(self.path("keys"))
            .env("NUANXIN_PAYER", "9900000000000000001")
            .stdin(Stdio::null());
        let done = program.output().unwrap();
        let out = serde_json::from_slice(&done.stdout).unwrap_or(Value::Null);
        let err = String::from_utf8_lossy(&done.stderr).into_owned();
        (done.status.code().unwrap(), out, err)
    }

    pub(crate) fn well(&self, words: &[&str]) -> Value {
        let (code, out, err) = self.say(words);
        assert_eq!(code, 0, "{words:?}: {out} {err}");
        out
    }

    pub(crate) fn pay(&self, who: &str, words: &[&str]) -> Value {
        self.well(&[&["pay"], words, &["--as", who]].concat())
    }

    pub(crate) fn pay_fails(&self, who: &str, words: &[&str], code: i32) -> (Value, String) {
        let (got, out, err) = self.say(&[&["pay"], words, &["--as", who]].concat());
        assert_eq!(got, code, "{words:?}: {out} {err}");
        (out, err)
    }
}

/// Two households of one programme, as a decision would have left them.
pub(crate) async fn entitle(home: &Home) {
    let settings = keys::settings(&home.path("keys"));
    let db = Db::open(&home.db, settings).await.unwrap();
    let now = Now {
        at: Instant::from_timestamp(1_796_000_000, 0).unwrap(),
    };
    let by = Actor {
        account: "test".into(),
        person: None,
        role: Role::System,
    };
    let write = async move |tx: &mut store::Tx| {
        let (state, events) = register(now, &by);
        tx.load_register(&state, &events, &by, now).await?;
        for n in 1..=2 {
            let entitlement = Entitlement {
                id: EntitlementId(tx.next_id("entitlement").await?),
                programme: "dibao".parse().unwrap(),
                component: "base".parse().unwrap(),
                beneficiary: Beneficiary::Household(HouseholdId(n)),
                payee: PersonId(n),
                amount: Money::from_fen(100_000 + n),
                every: Every::Month,
                from: "2026-12".parse().unwrap(),
                to: None,
                decision: DecisionId(n),
                stop: None,
            };
            tx.save_entitlement(0, &entitlement, &by, now).await?;
        }
        Ok::<_, StoreError>(())
    };
    db.write(write).await.unwrap();
    db.close().await;
}

/// Households 1 and 2, each of one person of the same number.
fn register(now: Now, by: &Actor) -> (State, Vec<Event>) {
    let from: Date = "2020-01-01".parse().unwrap();
    let mut events = Vec::new();
    for n in 1..=2 {
        let (person, household) = (PersonId(n), HouseholdId(n));
        let origin = Origin::Declared {
            case: None,
            by: by.clone(),
            as_of: from,
        };
        let membership = Membership {
            person,
            relation: "01".parse().unwrap(),
            from,
            until: None,
            origin,
        };
        events.extend([
            Event::PersonRegistered {
                id: person,
                at: now.at,
            },
            Event::HouseholdFormed {
                id: household,
                region: "330482001001".parse().unwrap(),
                from,
                within: None,
                at: now.at,
            },
            Event::Joined {
                household,
                membership,
                at: now.at,
            },
        ]);
    }
    let mut state = State::default();
    events.iter().for_each(|event| state.apply(event));
    (state, events)
}

pub(crate) fn hire(home: &Home) {
    home.well(&["staff", "found", "9000000001", "9000000002"]);
    for (who, role) in [
        (MAKER, "finance"),
        (CHECKER, "finance"),
        (RELEASER, "finance"),
        (APPROVER, "county_approver"),
    ] {
        home.well(&["staff", "propose", who, role, "--as", "9000000001"]);
        let (code, ..) = home.say(&["staff", "approve", who, "--as", "9000000001"]);
        assert_eq!(code, 1, "the proposer may not approve");
        home.well(&["staff", "approve", who, "--as", "9000000002"]);
    }
}

pub(crate) fn reply_to(file: &PayFile) -> Reply {
    let lines = file.lines.iter().map(|line| ReplyLine {
        line: line.line,
        reference: line.reference.clone(),
        account: line.account.clone(),
        amount: line.amount,
        outcome: LineOutcome::Paid {
            reference: format!("BK{}", line.reference),
            on: "2026-12-10".parse().unwrap(),
        },
    });
    Reply {
        file_reference: file.reference.clone(),
        file_digest: file.digest.clone(),
        number: 1,
        lines: lines.collect(),
    }
}
