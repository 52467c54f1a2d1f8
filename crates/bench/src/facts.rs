//! 「合成事实」 Invented people as the lines `nuanxin facts` writes, spread over the
//! villages of a pack's county: a city of any size for the lake, without a database.

use crate::BenchError;
use crate::population::{Description, draw};
use crate::screen::{engine, sealed};
use engine_policy::{FactsHead, FactsLine, Judge};
use kernel::{RegionCode, RegionLevel};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::io::Write;
use std::path::Path;

/// Households drawn at a time.
const PEOPLE: usize = 20_000;

/// Writes facts of about `people` people of a pack's county; gives how many households
/// and people they are.
///
/// # Errors
/// [`BenchError`]: a faulty pack, or what writing says.
pub fn write_facts(
    pack: &Path,
    people: usize,
    out: &mut dyn Write,
) -> Result<(u64, u64), BenchError> {
    let loaded = packs::load(pack);
    let pack = loaded
        .pack
        .ok_or_else(|| BenchError::Pack(loaded.report.render()))?;
    let description = Description::read()?;
    let judge = Judge::new(pack.rules().clone());
    let villages = villages(&pack, description.on)?;
    let head = FactsHead {
        format: FactsHead::FORMAT.to_owned(),
        pack_hash: pack.hash().to_owned(),
        as_of: description.on,
    };
    let unwritten = |why| BenchError::Io("facts".to_owned(), why);
    let mut line = |text: Result<String, serde_json::Error>| {
        let text = text.map_err(engine)?;
        writeln!(out, "{text}").map_err(unwritten)
    };
    line(serde_json::to_string(&head))?;
    let sealed = sealed(judge.book());
    let mut dice = ChaCha8Rng::seed_from_u64(330_482);
    let mut frame = judge.frame();
    let (mut households, mut persons) = (0_u64, 0_u64);
    while persons < people as u64 {
        frame.clear();
        let wanted = PEOPLE.min(people - persons as usize);
        draw(&mut frame, &description, wanted, false, &sealed, &mut dice)?;
        for row in 0..frame.households() {
            let village = villages[(households as usize + row) % villages.len()];
            line(serde_json::to_string(&FactsLine::of_row(
                &frame, row, village,
            )))?;
        }
        households += frame.households() as u64;
        persons += frame.persons() as u64;
    }
    Ok((households, persons))
}

fn villages(pack: &packs::Pack, day: kernel::Date) -> Result<Vec<RegionCode>, BenchError> {
    let county = pack.region();
    let county = county.ok_or_else(|| BenchError::Pack("no region".to_owned()))?;
    let all = pack.regions().all(day).map(|region| region.code);
    let villages: Vec<RegionCode> = all
        .filter(|code| code.level() == RegionLevel::Village && county.contains(*code))
        .collect();
    match villages.is_empty() {
        // A province's pack knows no villages: everybody lives in the whole of it.
        true => Ok(vec![county]),
        false => Ok(villages),
    }
}
