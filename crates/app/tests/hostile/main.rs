//! 「坏字节」 Every parser over every seed of `fuzz/seeds` (where fuzzing begins, and
//! what it found), as it is and bent a few hundred times.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod parsers;

use parsers::{ALL, Parser};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

fn seeds(parser: &Parser) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let folder = fs::read_dir(folder.join(parser.name)).unwrap();
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no seeds of {}", parser.name);
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn every_seed_holds() {
    for parser in ALL {
        seeds(&parser).iter().for_each(|seed| (parser.holds)(seed));
    }
}

/// Bytes taken out, put in, or moved from elsewhere in the file.
#[derive(Clone, Debug)]
enum Slip {
    Cut(usize, usize),
    Put(usize, Vec<u8>),
    Copy(usize, usize, usize),
}

fn slip() -> impl Strategy<Value = Slip> {
    prop_oneof![
        (any::<usize>(), 1..40_usize).prop_map(|(at, count)| Slip::Cut(at, count)),
        (any::<usize>(), prop::collection::vec(any::<u8>(), 1..4))
            .prop_map(|(at, bytes)| Slip::Put(at, bytes)),
        (any::<usize>(), any::<usize>(), 1..60_usize)
            .prop_map(|(from, to, count)| Slip::Copy(from, to, count)),
    ]
}

fn bend(bytes: &mut Vec<u8>, slip: &Slip) {
    let within = |at: usize, length: usize| at % (length + 1);
    let (length, after) = (bytes.len(), |at: usize, count: usize| {
        let at = within(at, bytes.len());
        at..(at + count).min(bytes.len())
    });
    match slip {
        Slip::Cut(at, count) => drop(bytes.drain(after(*at, *count))),
        Slip::Put(at, words) => {
            let at = within(*at, length);
            drop(bytes.splice(at..at, words.iter().copied()));
        }
        Slip::Copy(from, to, count) => {
            let words = bytes[after(*from, *count)].to_vec();
            let to = within(*to, length);
            drop(bytes.splice(to..to, words));
        }
    }
}

fn bent(parser: &Parser, which: usize, slips: &[Slip]) {
    let seeds = seeds(parser);
    let mut bytes = seeds[which % seeds.len()].clone();
    slips.iter().for_each(|slip| bend(&mut bytes, slip));
    (parser.holds)(&bytes);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_frighten_a_parser(
        which in any::<usize>(),
        slips in prop::collection::vec(slip(), 1..6),
    ) {
        for parser in ALL {
            bent(&parser, which, &slips);
        }
    }
}

/// The seed of a believed head is believed as long as nobody touches it: what fuzzing
/// begins with reaches past the signature.
#[test]
fn the_seed_of_a_pushed_head_is_believed_and_any_other_is_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/push_head");
    let believed = fs::read_to_string(folder.join("believed")).unwrap();
    assert_eq!(parsers::head_of(&believed), Ok(()));
    for at in 0..believed.len() {
        let mut bytes = believed.clone().into_bytes();
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        let bent = String::from_utf8(bytes).unwrap();
        assert!(parsers::head_of(&bent).is_err(), "byte {at}");
    }
}
