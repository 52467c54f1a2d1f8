//! 「合成城市」 `nuanxin city build`.

use super::load;
use crate::clock::WallClock;
use crate::ending::{Ending, Failure, Outcome};
use crate::options::CityCommand;
use crate::say;
use kernel::{Clock, Date};
use packs::Pack;
use std::path::Path;
use testkit::city::{City, Written, write_department_files};

pub(crate) fn run(command: CityCommand) -> Outcome {
    let CityCommand::Build {
        residents,
        seed,
        out,
        as_of,
        pack,
    } = command;
    let pack = load(&pack)?;
    let as_of = as_of.unwrap_or_else(|| WallClock.now().today());
    let city = build(&pack, seed, residents, as_of)?;
    let written = write(&pack, &city, &out, as_of)?;
    tell(&city, &written);
    say!("写在 {}，数据截至 {as_of}", out.display());
    Ok(Ending::Yes)
}

/// The same seed and size, the same city.
pub(crate) fn build(pack: &Pack, seed: u64, residents: u32, as_of: Date) -> Result<City, Failure> {
    let region = pack.region();
    let region = region.ok_or_else(|| Failure::BadInput("政策包没有地区".to_owned()))?;
    City::build(seed, residents as usize, pack.regions(), region, as_of)
        .map_err(|why| Failure::BadInput(why.to_string()))
}

pub(crate) fn write(pack: &Pack, city: &City, out: &Path, today: Date) -> Result<Written, Failure> {
    write_department_files(city, &pack.data().catalogue, out, today)
        .map_err(|why| Failure::Broken(why.to_string()))
}

pub(crate) fn tell(city: &City, written: &Written) {
    say!(
        "■ 合成城市：{} 位居民，{} 户；26 个部门写出 {} 份文件，{} 行，{:.1} MB",
        city.residents(),
        city.households.len(),
        written.manifests.len(),
        written.rows,
        written.bytes as f64 / 1e6
    );
    say!(
        "    故意的：写错 {} 行，互相矛盾 {} 处，晚到 {} 类，没来 {} 类，重发 {} 份",
        written.truth.faulty.len(),
        written.truth.contradictions.len(),
        written.truth.late.len(),
        written.truth.missing.len(),
        written.truth.repeated.len()
    );
}
