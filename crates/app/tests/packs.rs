//! 「各地的包」 Every pack of the repository loads without an error, and every one
//! of its examples comes out as it says.

use engine_policy::Judge;
use std::path::{Path, PathBuf};

const PACKS: [&str; 5] = ["zhejiang", "jiaxing", "pinghu", "huzhou", "yiwu"];

fn folder(pack: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("../../packs").join(pack)
}

#[test]
fn a30_a31_a32_a36_a37_a38_b01_b02_c01_c02_d29_d31_d39_every_example_holds() {
    for name in PACKS {
        let loaded = packs::load(&folder(name));
        assert_eq!(loaded.report.errors(), 0, "{}", loaded.report.render());
        let pack = loaded.pack.expect("a pack without errors");
        let tried = app::try_examples(&pack, &Judge::new(pack.rules().clone()));
        let wrong: Vec<String> = tried
            .iter()
            .filter(|one| !one.faults.is_empty())
            .map(|one| format!("{} {}: {}", one.at, one.title, one.faults.join("; ")))
            .collect();
        assert!(wrong.is_empty(), "{name}: {}", wrong.join("\n"));
        for entry in pack.sheets() {
            let sheet = &entry.sheet;
            let examples = tried.iter().filter(|one| one.service == sheet.id);
            assert!(
                examples.count() >= sheet.bands.len(),
                "{name}: {}",
                sheet.id
            );
        }
        for service in pack.services() {
            let examples = tried.iter().filter(|one| one.service == service.id);
            assert!(examples.count() >= 6, "{name}: {}", service.id);
        }
    }
}
