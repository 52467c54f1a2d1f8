//! 「量事件」 `nuanxin bench watch`: from a department's file of one row to what changed in
//! what is found, on each database given, beside the same rows changed by hand in one
//! synced transaction: without a gate, without judging, without an audit.

use super::{open_empty, settings};
use crate::ending::{Ending, Failure, Outcome};
use crate::options::BenchWatchOptions;
use crate::say;
use app::{App, Context, Law};
use engine_access::Purpose;
use engine_pool::{Category, FieldType};
use kernel::{Date, Now, PersonId, Slug};
use packs::RegisterSays;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Db, FindingChange, RegisterSlice, StoreError};
use testkit::city::{City, write_department_files};

/// The seed of the city.
const SEED: u64 = 330_482;

/// Somebody an event is about.
struct Whom {
    person: PersonId,
    number: String,
}

pub(crate) async fn watch(options: BenchWatchOptions) -> Outcome {
    let folder = std::env::temp_dir().join(format!("nuanxin-watch-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut done = Ok(Ending::Yes);
    let urls = super::urls(&options.db, &folder);
    for url in urls {
        done = one(&options, &folder, &url).await;
        if done.is_err() {
            break;
        }
    }
    std::fs::remove_dir_all(&folder)?;
    done
}

async fn one(options: &BenchWatchOptions, folder: &Path, url: &str) -> Outcome {
    let law = Law::new(super::super::load(&options.pack)?);
    let day = options.day;
    let clock = kernel::FixedClock(noon(day)?);
    let db = open_empty(url, &settings()?).await?;
    let house = App::new(db.clone(), law.clone(), Arc::new(clock));
    let files = folder.join("city");
    let region = law.pack.region();
    let region = region.ok_or_else(|| Failure::BadInput("政策包没有区划".to_owned()))?;
    if !files.exists() {
        let city = City::build(SEED, options.residents, law.pack.regions(), region, day);
        let city = city.map_err(|why| Failure::BadInput(why.to_string()))?;
        let catalogue = &law.pack.data().catalogue;
        write_department_files(&city, catalogue, &files, day)
            .map_err(|why| Failure::Broken(why.to_string()))?;
    }
    house
        .import(&acts(Purpose::Collection), &files, None, |_| {})
        .await?;
    let screened = house.screen(&acts(Purpose::Discovery), day, |_| {}).await?;
    let kind = super::kind(url);
    say!("{kind}：{} 户 {} 人", screened.households, screened.persons);
    let category = deaths(&law)?;
    let whom = of_leads(&db, region.span(), 2 * options.events).await?;
    if whom.len() < 2 * options.events {
        let says = format!("只找到 {} 个有线索的人，事件要少一点", whom.len());
        return Err(Failure::BadInput(says));
    }
    let (first, second) = whom.split_at(options.events);
    let mut whole = Vec::new();
    let mut again = Vec::new();
    let mut changes = 0;
    for (nth, who) in first.iter().enumerate() {
        let brought = folder.join(format!("event-{nth}"));
        write_event(&law, category, &brought, who, (day, nth))?;
        let begun = Instant::now();
        let report = house
            .import(&acts(Purpose::Collection), &brought, None, |_| {})
            .await?;
        whole.push(begun.elapsed());
        changes += report
            .deliveries
            .iter()
            .map(|one| one.watched.changes.len())
            .sum::<usize>();
        std::fs::remove_dir_all(&brought)?;
        // The same household judged again: what the following itself costs.
        let people = BTreeSet::from([who.person]);
        let begun = Instant::now();
        house
            .watch(&acts(Purpose::Discovery), &people, &category.id, day)
            .await?;
        again.push(begun.elapsed());
    }
    say!(
        "  一份一行的文件，收进来到线索变了（{changes} 处变了）：{}",
        told(&mut whole)
    );
    say!("  其中这一户重算：{}", told(&mut again));
    let mut by_hand = Vec::new();
    for who in second {
        let begun = Instant::now();
        change_by_hand(&db, who.person, category.id.clone(), noon(day)?).await?;
        by_hand.push(begun.elapsed());
    }
    say!(
        "  手写语句改同样的行（不核对、不判断、不留痕）：{}",
        told(&mut by_hand)
    );
    db.close().await;
    Ok(Ending::Yes)
}

fn acts(purpose: Purpose) -> Context {
    super::super::pool::itself(purpose, "bench watch")
}

fn noon(day: Date) -> Result<Now, Failure> {
    let at = format!("{day}T04:00:00Z").parse();
    let at = at.map_err(|_| Failure::BadInput(format!("没有 {day} 这一天")))?;
    Ok(Now { at })
}

/// The category by which the register learns that somebody died.
fn deaths(law: &Law) -> Result<&Category, Failure> {
    let mut sources = law.pack.register().iter();
    let source = sources.find(|one| matches!(one.says, RegisterSays::Deaths { .. }));
    let category = source.and_then(|one| law.pack.data().catalogue.category(&one.category));
    category.ok_or_else(|| Failure::BadInput("这个政策包没有说死亡从哪里来".to_owned()))
}

/// People of different households about whom something was found.
async fn of_leads(
    db: &Db,
    within: (kernel::RegionCode, kernel::RegionCode),
    most: usize,
) -> Result<Vec<Whom>, Failure> {
    let found = db.read(async move |tx| {
        let Some(run) = tx.latest_screening().await? else {
            return Ok(Vec::new());
        };
        let kinds = [
            engine_policy::Finding::FoundNotReceiving,
            engine_policy::Finding::ConsentWouldTell,
            engine_policy::Finding::Undetermined,
        ];
        let mut people = BTreeSet::new();
        let mut homes = BTreeSet::new();
        for kind in kinds {
            for line in tx.finding_lines(run.id, kind, within).await? {
                if let Some(person) = line.person
                    && people.len() < most
                    && homes.insert(line.household)
                {
                    people.insert(person);
                }
            }
        }
        let slice = RegisterSlice {
            people,
            ..RegisterSlice::default()
        };
        let config = engine_registry::Config::default();
        let register = tx.register(&slice).await?.state;
        let numbered = register.people.values().filter_map(|one| {
            let number = one.number(&config)?;
            Some(Whom {
                person: one.id,
                number: number.reveal().to_string(),
            })
        });
        Ok::<_, StoreError>(numbered.collect::<Vec<_>>())
    });
    found.await.map_err(|why| Failure::Broken(why.to_string()))
}

/// One row of a category and its slip.
fn write_event(
    law: &Law,
    category: &Category,
    folder: &Path,
    who: &Whom,
    (day, nth): (Date, usize),
) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let mut head = vec!["id_no", "record_no", "as_of"];
    let mut row = vec![who.number.clone(), format!("E{nth}"), day.to_string()];
    for field in &category.fields {
        let value = match &field.ty {
            FieldType::Date => day.to_string(),
            FieldType::Code(codes) => {
                let code = codes.keys().next();
                code.map_or_else(String::new, ToString::to_string)
            }
            FieldType::Text => "合成".to_owned(),
            _ => String::new(),
        };
        head.push(field.id.as_str());
        row.push(value);
    }
    let text = format!("{}\n{}\n", head.join(","), row.join(","));
    let digest = Sha256::digest(text.as_bytes());
    let sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let owner = law.pack.data().catalogue.owner(&category.id);
    let slip = serde_json::json!({
        "department": owner.map(|one| &one.id), "category": category.id, "as_of": day,
        "rows": 1, "file": "event.csv", "sha256": sha256, "encoding": "UTF-8",
    });
    std::fs::write(folder.join("event.csv"), text)?;
    std::fs::write(folder.join("event.csv.manifest.json"), slip.to_string())?;
    Ok(())
}

/// What a program without a law would do: find the household, drop what is found about
/// whoever died, note it.
async fn change_by_hand(
    db: &Db,
    person: PersonId,
    cause: Slug,
    now: Now,
) -> Result<(), StoreError> {
    db.write(async move |tx| {
        let Some(run) = tx.latest_screening().await? else {
            return Ok(());
        };
        for home in tx.homes_of_people(&BTreeSet::from([person])).await? {
            for (id, found) in tx.findings_of(home, run.id).await? {
                if found.person != Some(person) {
                    continue;
                }
                tx.turn_finding(run.id, Some(id), None).await?;
                tx.note_change(&FindingChange {
                    id: 0,
                    benefit: found.benefit,
                    household: home,
                    person: found.person,
                    before: Some(found.finding),
                    after: None,
                    cause: cause.clone(),
                    at: now.at,
                    lead: None,
                    facts: Vec::new(),
                })
                .await?;
            }
        }
        Ok::<_, StoreError>(())
    })
    .await
}

/// The middle and the worst but one in a hundred, milliseconds.
fn told(times: &mut [Duration]) -> String {
    times.sort();
    let at = |part: usize| {
        let place = (times.len().saturating_sub(1)) * part / 100;
        let micros = times.get(place).map_or(0, Duration::as_micros);
        format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
    };
    format!(
        "{} 次，p50 {} 毫秒，p99 {} 毫秒",
        times.len(),
        at(50),
        at(99)
    )
}
