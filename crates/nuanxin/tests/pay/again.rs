//! What does not go straight: a line held and resumed, a list sent back, an account
//! changed by two, a line returned by the bank and paid in another batch, and the
//! family's statement that says all of it once.

use crate::home::*;
use engine_payment::*;
use serde_json::{Value, json};
use std::fs;

const FIRST: &str = "6217009900000001";
const OTHER: &str = "6217009900000091";

fn accounts(home: &Home) {
    let fund = ["fund", "dibao", "10000", "--reference", "2026-12"];
    home.pay(MAKER, &fund);
    for (n, number) in [("1", FIRST), ("2", "6217009900000002")] {
        home.pay(MAKER, &["account", n, number, "--name", "合成户名"]);
    }
}

/// Where the only line of a state is.
fn line_of(batch: &Value, state: &str) -> String {
    batch["items"][state].to_string()
}

fn signed(home: &Home, batch: &str, made: &Value) {
    let seen = made["hash"].as_str().unwrap();
    for (who, verb) in [
        (CHECKER, "check"),
        (APPROVER, "approve"),
        (RELEASER, "release"),
    ] {
        home.pay(who, &[verb, "--batch", batch, "--seen", seen]);
    }
}

/// The bank's reply to a released file; the accounts named come back.
fn answered(home: &Home, batch: &str, returned: &[&str]) {
    let out = home.path("out.txt").display().to_string();
    home.pay(RELEASER, &["file", "--batch", batch, "--out", &out]);
    let mut reply = reply_to(&read_bank_file(&fs::read(&out).unwrap()).unwrap());
    for line in &mut reply.lines {
        if returned.contains(&line.account.digits()) {
            line.outcome = LineOutcome::Returned {
                code: "R01".to_owned(),
                on: "2026-12-10".parse().unwrap(),
            };
        }
    }
    let path = home.path("reply.txt");
    fs::write(&path, write_reply(&reply)).unwrap();
    home.pay(RELEASER, &["return", &path.display().to_string()]);
}

fn held_and_sent_back(home: &Home) -> String {
    let run = ["run", "--period", "2026-12"];
    let made = home.pay(MAKER, &run);
    let batch = made["batch"].to_string();
    let hold = ["hold", "--batch", batch.as_str(), "--line", "1"];
    let (_, said) = home.pay_fails(MAKER, &[&hold[..], &["--reason", " "]].concat(), 1);
    assert!(said.contains("写"), "{said}");
    let after = home.pay(MAKER, &[&hold[..], &["--reason", "账户存疑"]].concat());
    assert_eq!(after["state"], "draft");
    assert_eq!(line_of(&home.pay(MAKER, &run), "held"), "1");
    home.pay(MAKER, &["resume", "--batch", &batch, "--line", "1"]);
    assert_eq!(line_of(&home.pay(MAKER, &run), "ready"), "2");
    let reject = ["reject", "--batch", batch.as_str(), "--reason", "漏了一户"];
    assert_eq!(home.pay(CHECKER, &reject)["state"], "draft");
    batch
}

fn account_changed_by_two(home: &Home) {
    let change = ["account", "1", OTHER, "--name", "合成户名"];
    let confirm = [&change[..], &["--confirm"]].concat();
    let waiting = home.pay(MAKER, &change);
    assert_eq!(waiting["current"]["number"], FIRST);
    home.pay_fails(MAKER, &confirm, 1);
    assert_eq!(home.pay(CHECKER, &confirm)["current"]["number"], OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a35_what_comes_back_is_paid_once_and_stated_once() {
    for place in store::testing::places() {
        let home = Home {
            dir: tempfile::tempdir().unwrap(),
            db: place.url.clone(),
        };
        hire(&home);
        entitle(&home).await;
        accounts(&home);
        let first = held_and_sent_back(&home);
        let run = ["run", "--period", "2026-12"];
        signed(&home, &first, &home.pay(MAKER, &run));
        answered(&home, &first, &[FIRST]);

        let again = ["reissue", "--batch", first.as_str(), "--period", "2026-12"];
        let line = |n: &'static str| [&again[..], &["--line", n]].concat();
        home.pay_fails(MAKER, &line("2"), 1);
        account_changed_by_two(&home);
        home.pay(MAKER, &line("1"));
        home.pay_fails(MAKER, &line("1"), 1);
        let status = home.pay(MAKER, &["status", "--period", "2026-12"]);
        let draft = status.as_array().unwrap().iter();
        let draft = draft.filter(|batch| batch["state"] == "draft");
        let [second] = &draft.collect::<Vec<_>>()[..] else {
            panic!("{status}")
        };
        let second = second["batch"].to_string();
        let _ = home.pay_fails(MAKER, &line("9"), 1);
        let made = home.pay(MAKER, &run);
        assert_eq!(
            (&made["batch"].to_string(), &made["total"]),
            (&second, &json!(100_001))
        );
        signed(&home, &second, &made);
        answered(&home, &second, &[]);

        let months = ["--from", "2026-12", "--through", "2026-12"];
        let told = home.pay("1", &[&["statement", "1"], &months[..]].concat());
        let lines = told["lines"].as_array().unwrap();
        assert_eq!(lines.len(), 1, "{told}");
        assert_eq!(
            (&lines[0]["amount"], &lines[0]["state"]),
            (&json!(100_001), &json!("paid"))
        );
        home.pay_fails("2", &[&["statement", "1"], &months[..]].concat(), 1);
        home.well(&["ledger", "verify"]);
        home.well(&["audit", "verify"]);
    }
}
