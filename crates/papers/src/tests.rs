//! What papers are held to: the same bytes, every word on them, no empty boxes.

use crate::*;
use std::io::Write as _;
use std::process::{Command, Stdio};

fn head(title: &str) -> Head {
    Head {
        title: title.to_owned(),
        office: "九九县民政局".to_owned(),
        number: "办件号 17".to_owned(),
        day: (2026, 11, 25),
        code: "7KQM-2X9D-HTRW".to_owned(),
        check: "nuanxin.test/papers".to_owned(),
        square: "https://nuanxin.test/papers/7KQM-2X9D-HTRW".to_owned(),
        digest: "0f1e 2d3c 4b5a 6978".to_owned(),
    }
}

fn row(one: &str, other: &str) -> Row {
    (one.to_owned(), other.to_owned())
}

fn check() -> Check {
    Check {
        facts: vec![row("事项", "最低生活保障")],
        conclusion: vec!["不完整：问了 6 项，答了 4 项".to_owned()],
        stages: vec![row("受理", "9月7日，两人签了字")],
        silent: vec![row("银行业金融机构", "部门系统连不上")],
        differences: vec![row("沈岚的机动车", "说没有，查到 1 辆")],
        found: vec![row("工资每月 900 元", "税务局，8月31日")],
        departments: vec![[
            "公安局".into(),
            "4".into(),
            "3".into(),
            "1 项用数据池".into(),
        ]],
        closing: vec!["报告只写查到什么。".to_owned()],
    }
}

fn papers() -> [Paper; 5] {
    let notice = Notice {
        text: "沈岚，您的申请收到了。\n我们 20 个工作日内答复您。".to_owned(),
        missing: vec![row("住院发票", "算支出用")],
        remedy: vec!["打 96345 问".to_owned()],
        ..Notice::default()
    };
    let decision = Decision {
        facts: vec![row("申请人", "沈岚"), row("金额", "每月 2,411 元")],
        text: "经审核，批准。".to_owned(),
        rules: vec![row("人均收入低于标准", "办法第六条")],
        evidence: vec![row("失业登记", "人社部门，11月1日")],
        sum: vec!["1,206 × 3 − 1,207 = 2,411".to_owned()],
        reasons: "情况属实".to_owned(),
        remedy: vec!["60 日内可以申请行政复议".to_owned()],
        ..Decision::default()
    };
    let form = Form {
        facts: vec![row("申请事项", "最低生活保障")],
        groups: vec![Group {
            name: "沈岚".to_owned(),
            rows: vec![row("做什么工作", "没有工作")],
        }],
        closing: vec!["以上都是真的。".to_owned()],
    };
    let line = |month: &str| {
        [
            "2026 年 ".to_owned() + month,
            "低保".into(),
            "2,411".into(),
            "到账".into(),
        ]
    };
    let statement = Statement {
        facts: vec![row("谁家", "沈岚一家")],
        lines: vec![line("9 月"), line("10 月")],
        none: "这几个月没有。".to_owned(),
        total: "4,822".to_owned(),
        closing: vec!["钱不对，打 96345。".to_owned()],
        ..Statement::default()
    };
    [
        Paper {
            head: head("受理告知书"),
            body: Body::Notice(notice),
        },
        Paper {
            head: head("决定书"),
            body: Body::Decision(decision),
        },
        Paper {
            head: head("申请表"),
            body: Body::Form(form),
        },
        Paper {
            head: head("幸福清单"),
            body: Body::Statement(statement),
        },
        Paper {
            head: head("核对报告"),
            body: Body::Check(check()),
        },
    ]
}

/// The words of a PDF as a stranger's program reads them.
fn words(pdf: &[u8]) -> String {
    let mut reader = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext (poppler-utils) is needed for this test");
    reader.stdin.take().unwrap().write_all(pdf).unwrap();
    let told = reader.wait_with_output().unwrap();
    String::from_utf8(told.stdout).unwrap()
}

/// Every text of a value, deep.
fn texts(value: &serde_json::Value, out: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => out.extend(text.lines().map(str::to_owned)),
        serde_json::Value::Array(all) => all.iter().for_each(|one| texts(one, out)),
        serde_json::Value::Object(all) => all.values().for_each(|one| texts(one, out)),
        _ => {}
    }
}

#[test]
fn every_word_given_stands_on_the_paper() {
    let letters = Letters::default();
    for paper in papers() {
        let pdf = print(&paper, &letters).unwrap();
        if let Ok(dir) = std::env::var("PAPERS_OUT") {
            std::fs::write(format!("{dir}/{}.pdf", paper.head.title), &pdf).unwrap();
        }
        let printed: String = words(&pdf).split_whitespace().collect();
        let mut wanted = Vec::new();
        texts(&serde_json::to_value(&paper).unwrap(), &mut wanted);
        for text in wanted {
            // The square is a drawing; a statement with lines has no sentence for none.
            let text: String = text.split_whitespace().collect();
            if text.starts_with("https://") || text == "这几个月没有。" {
                continue;
            }
            assert!(
                printed.contains(&text),
                "{text} is not on {}: {printed}",
                paper.head.title
            );
        }
    }
}

#[test]
fn the_same_paper_is_the_same_bytes() {
    for paper in papers() {
        let once = print(&paper, &Letters::default()).unwrap();
        assert_eq!(once, print(&paper, &Letters::default()).unwrap());
        let mut other = paper.clone();
        other.head.code = "7KQM-2X9D-HTRX".to_owned();
        assert_ne!(once, print(&other, &Letters::default()).unwrap());
    }
}

#[test]
fn a_character_without_letters_is_named_and_nothing_is_printed() {
    let [mut paper, ..] = papers();
    paper.head.number = "给𬀩𠀀".to_owned();
    let fault = print(&paper, &Letters::default()).unwrap_err();
    assert_eq!(
        fault,
        Fault::Letters(vec!['𠀀']),
        "the first is in the standard list"
    );
    assert!(fault.to_string().contains("“𠀀”（U+20000）"));
}

#[test]
fn words_of_people_are_words_and_not_instructions() {
    let [mut paper, ..] = papers();
    let Body::Notice(notice) = &mut paper.body else {
        unreachable!()
    };
    notice.text = "#panic() $x$ *粗* _斜_ = 题 \\ // <a> @b `c` \"引\"".to_owned();
    let printed = words(&print(&paper, &Letters::default()).unwrap());
    for one in ["#panic()", "$x$", "*粗*", "_斜_", "<a>", "@b", "`c`"] {
        assert!(printed.contains(one), "{one}: {printed}");
    }
}

#[test]
fn a_square_is_square_and_says_another_thing_for_another_text() {
    let one = square("https://nuanxin.test/papers/A").unwrap();
    assert!(one.iter().all(|row| row.len() == one.len()));
    assert_ne!(one, square("https://nuanxin.test/papers/B").unwrap());
    assert!(square(&"x".repeat(10_000)).is_err());
}
