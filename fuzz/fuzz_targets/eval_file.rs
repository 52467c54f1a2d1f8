//! 「家庭文件」 Any text as a file of households, TOML and JSON, judged when it can
//! be: no panic, errors in words.
#![no_main]

use engine_policy::Judge;
use kernel::Date;
use libfuzzer_sys::fuzz_target;
use packs::Pack;
use std::path::Path;
use std::sync::LazyLock;

static PACK: LazyLock<Pack> = LazyLock::new(|| {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/packs/fixtures/city");
    packs::load(&pack).pack.unwrap()
});

static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::new(PACK.rules().clone()));

fuzz_target!(|text: &str| {
    let today: Date = "2026-08-31".parse().unwrap();
    for name in ["family.toml", "family.json"] {
        match packs::households(&PACK, name, text, today) {
            Ok(all) => {
                for one in all {
                    let day = one.on.unwrap_or(today);
                    drop(JUDGE.judge_all(&one.household, day));
                }
            }
            Err(report) => {
                assert!(report.errors() > 0);
                assert!(!report.render().is_empty());
            }
        }
    }
});
