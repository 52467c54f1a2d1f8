//! What a person sees when a pack is broken: in ten ways (a snapshot), in fifty.

use super::{append, change, file, fixture, load};

const LIVING: &str = "base/aid/living.toml";

#[test]
fn a_pack_broken_in_ten_ways_tells_all_ten() {
    let mut folders = fixture("city");
    let changes = [
        // a key misspelt; a word misspelt; a name misspelt inside a Chinese sentence
        (LIVING, "says     =", "sasy     ="),
        (LIVING, "by   = \"town_officer\"", "by   = \"town_oficer\""),
        (LIVING, "，低于 {standard}", "，低于本市的标准 {standrad}"),
        // units that do not agree
        (
            LIVING,
            "sum(members, savings) <= 10000 元",
            "sum(members, savings) <= 10000 元/月",
        ),
        // a notice without reasons
        (LIVING, "起停发，原因是：{reasons}。", "起停发。"),
        // a type
        (LIVING, "people = 2", "people = \"两人\""),
        // a name in an example
        (LIVING, "{ savings = 20000.5 }", "{ saving = 20000.5 }"),
        // an authorisation not said
        ("base/facts.toml", "needs = \"authorisation\"\n", ""),
        // an overlay of what is not there
        ("city/living.toml", "id = \"decide\"", "id = \"decision\""),
    ];
    for (path, from, to) in changes {
        change(&mut folders, path, from, to);
    }
    // broken TOML
    append(
        &mut folders,
        "base/aid/together.toml",
        "\n[notice.granted\n",
    );
    let report = load(&folders).report;
    assert_eq!(report.errors(), 10, "{}", report.render());
    insta::assert_snapshot!(report.render());
}

#[test]
fn a_pack_with_fifty_mistakes_reports_fifty() {
    let mut folders = fixture("base");
    let mut rows = String::new();
    for at in 0..50 {
        rows.push_str(&match at % 5 {
            0 => format!("[fact.a{at}]\nlabel = \"甲\"\nof = \"person\"\nunit = \"趴\"\nlevel = \"L1\"\nasks = \"？\"\n"),
            1 => format!("[fact.a{at}]\nlabel = \"甲\"\nof = \"person\"\nunit = \"元\"\nasks = \"？\"\n"),
            2 => format!("[fact.a{at}]\nlabel = \"甲\"\nof = \"person\"\nunit = \"元\"\nis = \"wege + 1 元\"\n"),
            3 => format!("[parameter.a{at}]\nlabel = 3\nunit = \"元\"\n"),
            _ => format!("[fact.a{at}]\nlabel = \"甲\"\nof = \"person\"\ntype = \"date\"\nlevel = \"L1\"\nasks = \"？\"\nusual = \"昨天\"\n"),
        });
    }
    append(&mut folders, "base/facts.toml", &format!("\n{rows}"));
    let report = load(&folders).report;
    assert_eq!(report.errors(), 50, "{}", report.render());
    let lines: std::collections::BTreeSet<usize> =
        report.diagnostics().iter().map(|one| one.at.line).collect();
    assert_eq!(lines.len(), 50, "each at its own line");
}

#[test]
fn several_syntax_errors_of_one_file_come_together() {
    let mut folders = fixture("base");
    let broken = "[department]\nid = police\nname = \"公安局\nno = \n[category.x\n";
    *file(&mut folders, "base/data/police.toml") = broken.as_bytes().to_vec();
    let report = load(&folders).report;
    let syntax = report
        .faults
        .iter()
        .filter(|fault| fault.code == "syntax")
        .count();
    assert!(syntax >= 3, "{}", report.render());
}

#[test]
fn a_file_in_another_encoding_says_so() {
    let mut folders = fixture("base");
    // 中 in GB 18030
    *file(&mut folders, "base/facts.toml") = b"[vocabulary]\nname = \"\xd6\xd0\"\n".to_vec();
    let report = load(&folders).report;
    let told = report
        .faults
        .iter()
        .find(|fault| fault.code == "encoding")
        .unwrap();
    assert_eq!(
        report.sources.spot(told.place).to_string(),
        "base/facts.toml:2:9"
    );
}

#[test]
fn a_missing_folder_and_a_circle_are_diagnostics() {
    let nowhere = crate::load(std::path::Path::new("/nowhere/at/all"));
    assert_eq!(nowhere.report.errors(), 1);
    assert!(nowhere.pack.is_none());
    let dir = tempfile::tempdir().unwrap();
    let text = "[pack]\nid = \"a\"\nname = \"甲\"\nregion = \"990000\"\nextends = \".\"\n";
    std::fs::write(dir.path().join("pack.toml"), text).unwrap();
    let circle = crate::load(dir.path());
    assert!(
        circle.report.render().contains("不能成圈"),
        "{}",
        circle.report.render()
    );
}

#[test]
fn machines_get_the_same_with_stable_keys() {
    let mut folders = fixture("base");
    change(
        &mut folders,
        LIVING,
        "income_per_head < standard\"",
        "incme_per_head < standard\"",
    );
    let told = load(&folders).report.diagnostics();
    let json = serde_json::to_value(&told).unwrap();
    insta::assert_json_snapshot!(json);
}
