//! Nothing panics, whatever the bytes.

use super::{file, fixture, load};
use proptest::prelude::*;

const FILES: &[&str] = &[
    "base/aid/living.toml",
    "base/aid/bed.toml",
    "base/facts.toml",
    "base/data/police.toml",
    "base/pack.toml",
    "base/regions.csv",
    "city/living.toml",
];

/// One slip: bytes taken out, put in, or moved from elsewhere in the file.
#[derive(Clone, Debug)]
enum Slip {
    Cut(usize, usize),
    Put(usize, Vec<u8>),
    Copy(usize, usize, usize),
}

fn slip() -> impl Strategy<Value = Slip> {
    let words = prop::sample::select(vec![
        "\"",
        "{",
        "}",
        "[",
        "]]",
        "=",
        "\n",
        "'''",
        "元",
        "L9",
        "-1",
        "1e9",
        "0x1",
        "nan",
        "\\u",
        "records.bill",
        "verdict.",
        "99999999999999999999",
        "2026-02-30",
        "{{",
        "#",
        "é",
        "\u{0}",
    ]);
    prop_oneof![
        (any::<usize>(), 1..40_usize).prop_map(|(at, count)| Slip::Cut(at, count)),
        (any::<usize>(), prop::collection::vec(any::<u8>(), 1..4))
            .prop_map(|(at, bytes)| Slip::Put(at, bytes)),
        (any::<usize>(), words).prop_map(|(at, word)| Slip::Put(at, word.as_bytes().to_vec())),
        (any::<usize>(), any::<usize>(), 1..60_usize)
            .prop_map(|(from, to, count)| Slip::Copy(from, to, count)),
    ]
}

fn apply(bytes: &mut Vec<u8>, slip: &Slip) {
    let within = |at: usize, bytes: &[u8]| at % (bytes.len() + 1);
    match slip {
        Slip::Cut(at, count) => {
            let at = within(*at, bytes);
            let end = (at + count).min(bytes.len());
            bytes.drain(at..end);
        }
        Slip::Put(at, words) => {
            let at = within(*at, bytes);
            bytes.splice(at..at, words.iter().copied());
        }
        Slip::Copy(from, to, count) => {
            let from = within(*from, bytes);
            let end = (from + count).min(bytes.len());
            let words = bytes[from..end].to_vec();
            let to = within(*to, bytes);
            bytes.splice(to..to, words);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_loader_panic(
        which in 0..FILES.len(),
        slips in prop::collection::vec(slip(), 1..6),
    ) {
        let mut folders = fixture("city");
        let bytes = file(&mut folders, FILES[which]);
        slips.iter().for_each(|slip| apply(bytes, slip));
        let loaded = load(&folders);
        let report = loaded.report;
        prop_assert_eq!(loaded.pack.is_none(), report.errors() > 0);
        let told = report.diagnostics();
        prop_assert_eq!(told.len(), report.errors() + report.warnings());
        prop_assert!(told.iter().all(|one| one.at.line >= 1 && one.at.column >= 1));
        prop_assert!(report.render().lines().count() >= told.len());
    }
}
