//! 「一个月，凭文件」 A month paid through the real binary with files only, on both
//! databases: three persons and more, the same reply twice, a line never sent, a
//! truncated reply, a maker who would check, a second run that doubles nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod again;
mod home;
#[path = "../keys/mod.rs"]
mod keys;

use engine_payment::*;
use home::*;
use serde_json::{Value, json};
use std::fs;

fn month(home: &Home) {
    let fund = ["fund", "dibao", "10000", "--reference", "2026-12"];
    home.pay(MAKER, &fund);
    for n in ["1", "2"] {
        let number = format!("621700990000000{n}");
        home.pay(MAKER, &["account", n, &number, "--name", "合成户名"]);
    }
    let run = ["run", "--period", "2026-12"];
    let made = home.pay(MAKER, &run);
    assert_eq!(
        (&made["items"]["ready"], &made["total"]),
        (&json!(2), &json!(200_003))
    );
    assert_eq!(home.pay(MAKER, &run), made, "a second run doubles nothing");
    assert_eq!(home.pay(CHECKER, &run), made, "nor another person's");
    let (batch, seen) = (made["batch"].to_string(), made["hash"].as_str().unwrap());
    let signing = |verb| [verb, "--batch", batch.as_str(), "--seen", seen];
    home.pay_fails(MAKER, &signing("check"), 1);
    home.pay_fails("9000000099", &signing("check"), 1);
    home.pay(CHECKER, &signing("check"));
    home.pay(APPROVER, &signing("approve"));
    home.pay_fails(CHECKER, &signing("release"), 1);
    home.pay(RELEASER, &signing("release"));

    let out = home.path("pay.txt").display().to_string();
    let file = ["file", "--batch", batch.as_str(), "--out", out.as_str()];
    home.pay(RELEASER, &file);
    let bytes = fs::read(&out).unwrap();
    home.pay(RELEASER, &file);
    assert_eq!(fs::read(&out).unwrap(), bytes);

    let honest = reply_to(&read_bank_file(&bytes).unwrap());
    let mut strange = honest.clone();
    let mut stranger = honest.lines[0].clone();
    (stranger.line, stranger.reference) = (99, "XX99".to_owned());
    strange.lines.push(stranger);
    let whole = write_reply(&strange);
    let paper = |name: &str, bytes: &[u8]| {
        fs::write(home.path(name), bytes).unwrap();
        home.path(name).display().to_string()
    };
    let cut = paper("cut.txt", &whole[..whole.len() * 2 / 3]);
    let (_, said) = home.pay_fails(RELEASER, &["return", &cut], 2);
    assert!(said.contains("cut.txt"), "{said}");
    let good = paper("reply.txt", &whole);
    let (told, _) = home.pay_fails(RELEASER, &["return", &good], 1);
    assert_eq!(told[0]["exceptions"][0]["reference"], "XX99");
    assert_eq!(told[0]["progress"]["paid"], 200_003);
    let (again, _) = home.pay_fails(RELEASER, &["return", &good], 1);
    assert_eq!(
        again[0]["progress"], told[0]["progress"],
        "read twice, counted once"
    );

    let lines: Vec<Value> = honest
        .lines
        .iter()
        .map(|line| json!({ "reference": line.reference, "amount": line.amount }))
        .collect();
    let bank = paper(
        "bank.json",
        json!({ "lines": lines }).to_string().as_bytes(),
    );
    let right = json!({ "debited": 200_003, "refunded": 0 }).to_string();
    let right = paper("treasury.json", right.as_bytes());
    let wrong = json!({ "debited": 200_004, "refunded": 0 }).to_string();
    let wrong = paper("wrong.json", wrong.as_bytes());
    let explain = [
        "explain",
        "--batch",
        batch.as_str(),
        "--no",
        "1",
        "--words",
        "银行错发",
    ];
    home.pay(RELEASER, &explain);
    let reconcile = |treasury| {
        let at = [
            "reconcile",
            "--batch",
            batch.as_str(),
            "--bank",
            bank.as_str(),
        ];
        [&at[..], &["--treasury", treasury]].concat()
    };
    let (off, _) = home.pay_fails(RELEASER, &reconcile(&wrong), 1);
    assert_eq!(off["difference_fen"], 1);
    let even = home.pay(RELEASER, &reconcile(&right));
    assert_eq!(even["difference_fen"], 0);
    let close = ["close", "--batch", batch.as_str()];
    home.pay_fails(MAKER, &close, 1);
    assert_eq!(home.pay(RELEASER, &close)["state"], "closed");
    home.pay_fails(MAKER, &run, 1);
    let status = home.pay(MAKER, &["status", "--period", "2026-12"]);
    assert_eq!(
        status.as_array().unwrap().len(),
        1,
        "nothing was left behind"
    );
    assert_eq!(status[0]["paid"], 200_003);
    home.well(&["ledger", "verify"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_a_month_is_paid_by_files_through_the_binary() {
    for place in store::testing::places() {
        let home = Home {
            dir: tempfile::tempdir().unwrap(),
            db: place.url.clone(),
        };
        hire(&home);
        entitle(&home).await;
        month(&home);
    }
}
