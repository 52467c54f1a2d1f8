//! Bad packs, households, certificates and words on the command line: told whole,
//! nothing written anywhere.

use super::{check, root, run};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).unwrap()),
        }
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn a_pack_with_fifty_mistakes_reports_all_fifty() {
    let home = tempfile::tempdir().unwrap();
    copy(&root().join("crates/packs/fixtures"), home.path());
    let facts = home.path().join("base/facts.toml");
    let mut text = fs::read_to_string(&facts).unwrap();
    for at in 0..50 {
        text.push_str(&format!(
            "\n[fact.wrong{at}]\nlabel = \"甲\"\nof = \"person\"\nunit = \"趴\"\nlevel = \"L1\"\nasks = \"？\"\n"
        ));
    }
    fs::write(&facts, text).unwrap();
    let pack = home.path().join("city").display().to_string();
    let people = run(home.path(), &words(&["pack", "check", &pack]));
    check("fifty mistakes", &people, 1, &["base/facts.toml", "趴"]);
    assert_eq!(
        people.said.matches("base/facts.toml:").count(),
        50,
        "{}",
        people.said
    );
    let machine = run(
        home.path(),
        &words(&["pack", "check", &pack, "--format", "json"]),
    );
    let told: Vec<Value> = serde_json::from_str(&machine.said).unwrap();
    assert_eq!((machine.code, told.len()), (1, 50));
    for use_of_it in [&["pack", "test", &pack][..], &["pack", "show", &pack]] {
        check(
            "its use",
            &run(home.path(), &words(use_of_it)),
            2,
            &["有错，改好再来"],
        );
    }
}

#[test]
fn bad_words_and_files_are_bad_input() {
    let home = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let household =
        |member: &str| format!("[[example]]\nmembers = [{{ relation = \"本人\", {member} }}]\n");
    let good = put("good.toml", &household("born = 1941-01-15"));
    let unknown = put("unknown.toml", &household("shoe_size = 43"));
    let decimals = put("decimals.toml", &household("wage_income = 1000.005"));
    let february = put("february.toml", &household("born = 1941-02-31"));
    let nul = put(
        "nul.toml",
        "[[example]]\nmembers = [{ relation = \"\0\" }]\n",
    );
    let empty = put("empty.toml", "");
    let json = put("half.json", "{\"example\": [");
    let gb = home.path().join("gb.toml");
    fs::write(&gb, encoding_rs::GB18030.encode("title = \"合成\"").0).unwrap();
    let gb = gb.display().to_string();
    let broken = put("broken.json", "{\"certificate\": 1}");
    let none = home.path().join("none").display().to_string();
    for (case, said, code, says) in [
        (
            "unknown fact",
            &["policy", "eval", &unknown][..],
            2,
            &["shoe_size", "unknown.toml:2"][..],
        ),
        (
            "three decimals",
            &["policy", "eval", &decimals],
            2,
            &["decimals.toml:2"],
        ),
        (
            "31 February",
            &["policy", "eval", &february],
            2,
            &["february.toml:2"],
        ),
        ("a NUL", &["policy", "eval", &nul], 2, &["nul.toml:2"]),
        (
            "no household",
            &["policy", "eval", &empty],
            2,
            &["empty.toml", "example"],
        ),
        ("half a JSON", &["policy", "eval", &json], 2, &["half.json"]),
        (
            "GB18030",
            &["policy", "eval", &gb],
            2,
            &["gb.toml", "UTF-8"],
        ),
        (
            "no file",
            &["policy", "eval", &none],
            2,
            &["打不开", "请检查路径"],
        ),
        (
            "no benefit",
            &["policy", "eval", "--benefit", "gold", &good],
            2,
            &["没有“gold”这项待遇"],
        ),
        (
            "31 February said",
            &["policy", "eval", "--as-of", "2026-02-31", &good],
            2,
            &["没有“2026-02-31”这一天"],
        ),
        (
            "no certificate",
            &["policy", "replay", &none],
            2,
            &["打不开"],
        ),
        (
            "a broken certificate",
            &["policy", "replay", &broken],
            2,
            &["broken.json 不是证书", "--format json"],
        ),
        ("no pack", &["pack", "check", &none], 1, &["none"]),
        ("no pack to show", &["pack", "show", &none], 2, &["none"]),
        (
            "no service",
            &["pack", "show", "packs/pinghu", "gold"],
            2,
            &["没有“gold”这项服务"],
        ),
        ("no command", &["fly"], 2, &["fly"]),
        ("no department", &["import"], 2, &["PATHS"]),
        (
            "no benefit screened",
            &[
                "screen",
                "--benefit",
                "gold",
                "--db",
                &format!("sqlite:{none}/x.db"),
                "--keys",
                &none,
            ],
            2,
            &["没有“gold”这项待遇"],
        ),
        (
            "a doctor of no database we know",
            &["doctor", "--db", "mysql://x/y", "--keys", &none],
            1,
            &["看不懂数据库地址“mysql://x/y”", "请写成 sqlite:"],
        ),
        (
            "no database we know",
            &["screen", "--db", "mysql://x/y", "--keys", &none],
            2,
            &["看不懂数据库地址“mysql://x/y”", "请写成 sqlite:"],
        ),
    ] {
        check(case, &run(home.path(), &words(said)), code, says);
    }
}

#[test]
fn a_certificate_that_was_touched_says_where() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("family.toml");
    fs::write(&file, "[[example]]\non = 2026-09-01\nrest = \"usual\"\nmembers = [{ relation = \"本人\", born = 1941-01-15 }]\n").unwrap();
    let file = file.display().to_string();
    let benefit = "age_allowance";
    let judged = run(
        home.path(),
        &words(&[
            "policy",
            "eval",
            "--benefit",
            benefit,
            &file,
            "--format",
            "json",
        ]),
    );
    assert_eq!(judged.code, 0, "{}", judged.said);
    let path = home.path().join("certificate.json");
    fs::write(&path, &judged.said).unwrap();
    let name = path.display().to_string();
    check(
        "untouched",
        &run(home.path(), &words(&["policy", "replay", &name])),
        0,
        &["一字不差"],
    );
    let mut told: Value = serde_json::from_str(&judged.said).unwrap();
    let verdict = told[0]["certificate"]["judgement"]["verdict"].take();
    assert!(!verdict.is_null());
    told[0]["certificate"]["judgement"]["verdict"] = match verdict == "eligible" {
        true => "ineligible".into(),
        false => "eligible".into(),
    };
    fs::write(&path, told.to_string()).unwrap();
    check(
        "touched",
        &run(home.path(), &words(&["policy", "replay", &name])),
        1,
        &["不同"],
    );
    let half = &judged.said[..judged.said.len() / 2];
    fs::write(&path, half).unwrap();
    check(
        "cut",
        &run(home.path(), &words(&["policy", "replay", &name])),
        2,
        &["不是证书"],
    );
}
