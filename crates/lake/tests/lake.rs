//! 「湖的检验」 Invented people through the whole way: lines, Parquet, SQL, the oracle,
//! and a cluster of processes; and everything that must be refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use engine_policy::FactsLine;
use lake::compare::compare;
use lake::export::{Export, export};
use lake::{Lake, LakeError, plans};
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;

fn pack(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../packs")
        .join(name)
}

/// DataFusion plans nest deeply: on a stack as the binary has it.
fn on_a_large_stack(test: impl Future<Output = ()> + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(64 << 20)
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(async { tokio::spawn(test).await })
        .unwrap();
}

fn facts(folder: &Path, people: usize) -> (u64, u64) {
    fs::create_dir_all(folder).unwrap();
    let file = fs::File::create(folder.join("facts.jsonl")).unwrap();
    let mut file = BufWriter::new(file);
    bench::write_facts(&pack("pinghu"), people, &mut file).unwrap()
}

fn what(folder: &Path) -> Export {
    Export {
        from: folder.join("out"),
        pack: pack("pinghu"),
        out: folder.join("lake"),
        part: 300,
    }
}

fn made(folder: &Path, people: usize) -> Lake {
    let (households, persons) = facts(&folder.join("out"), people);
    let meta = export(&what(folder)).unwrap();
    assert_eq!((meta.households, meta.persons), (households, persons));
    Lake::open(&folder.join("lake"), &pack("pinghu")).unwrap()
}

#[test]
fn datafusion_computes_every_answer_of_the_rules_alike() {
    on_a_large_stack(async {
        let folder = tempfile::tempdir().unwrap();
        let lake = made(folder.path(), 1_500);
        let checked = lake.check(2).await.unwrap();
        assert_eq!(checked.households, lake.meta.households);
        // Conditions, amounts and present payments of 14 benefits over households or people.
        assert!(checked.answers > 20 * lake.meta.households, "{checked:?}");
    });
}

#[test]
fn the_function_judges_as_the_engine_does() {
    on_a_large_stack(async {
        let folder = tempfile::tempdir().unwrap();
        let lake = made(folder.path(), 1_500);
        let session = lake.session(2).await.unwrap();
        // By hand: the lines themselves, judged by the engine.
        let text = fs::read_to_string(folder.path().join("out/facts.jsonl")).unwrap();
        let lines = text.lines().skip(1);
        let lines: Vec<FactsLine> = lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let mut regions: Vec<_> = lines.iter().map(|line| line.region().unwrap()).collect();
        regions.sort();
        regions.dedup();
        let mut frame = lake.judge.frame();
        for line in &lines {
            let place = regions.binary_search(&line.region().unwrap()).unwrap();
            line.push(&mut frame, u32::try_from(place).unwrap())
                .unwrap();
        }
        let environment = lake.judge.environment(&regions, lake.meta.head.as_of);
        let mut sweep = engine_policy::Sweep::new(&lake.judge);
        let benefits = &lake.judge.book().benefits;
        let mut owed = vec![(0_i64, 0_i64); benefits.len()];
        let mut next = 0;
        while next < frame.households() {
            let swept = sweep.next(&frame, &environment, next, frame.households());
            next = swept.unwrap().end;
            for (place, (rows, fen)) in owed.iter_mut().enumerate() {
                let swept = sweep.of(place);
                *rows += swept.amounts.len() as i64;
                *fen += swept
                    .amounts
                    .iter()
                    .map(|(_, amount)| amount.fen())
                    .sum::<i64>();
            }
        }
        let mut someone = false;
        for (benefit, (rows, fen)) in benefits.iter().zip(owed) {
            let sql = format!(
                "SELECT count(a['amount_fen']), coalesce(sum(a['amount_fen']), 0) FROM \
                 (SELECT unnest(judged['{}']) AS a FROM judged)",
                benefit.id
            );
            let told = plans::ask(&session, &sql).await.unwrap();
            let cell = |column: usize| told[0].column(column).as_primitive::<Int64Type>().value(0);
            assert_eq!((cell(0), cell(1)), (rows, fen), "{}", benefit.id);
            someone |= fen > 0;
        }
        assert!(someone);
    });
}

#[test]
fn a_cluster_of_processes_answers_as_one_process_does() {
    on_a_large_stack(async {
        let folder = tempfile::tempdir().unwrap();
        let lake = made(folder.path(), 1_500);
        let done = tokio::task::spawn_blocking(move || {
            Command::new(env!("CARGO_BIN_EXE_nuanxin-lake"))
                .args(["cluster", "run", "--executors", "2", "--format", "json"])
                .arg("--lake")
                .arg(&lake.folder)
                .arg("--pack")
                .arg(pack("pinghu"))
                .output()
        });
        let done = done.await.unwrap().unwrap();
        let told = String::from_utf8_lossy(&done.stdout);
        let why = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{told}\n{why}");
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told.as_array().unwrap().len(), 16);
    });
}

#[test]
fn different_answers_are_found() {
    on_a_large_stack(async {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (one, other) = (made(one.path(), 400), made(other.path(), 380));
        let (one, other) = (
            one.session(1).await.unwrap(),
            other.session(1).await.unwrap(),
        );
        let told = compare(&one, &other, "SELECT count(*) FROM facts").await;
        assert!(matches!(told, Err(LakeError::No(_))), "{told:?}");
    });
}

#[test]
fn what_is_no_lake_or_another_packs_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let none = Lake::open(folder.path(), &pack("pinghu")).unwrap_err();
    assert!(none.to_string().contains("nuanxin-lake export"), "{none}");
    made(folder.path(), 100);
    let other = Lake::open(&folder.path().join("lake"), &pack("yiwu")).unwrap_err();
    assert!(other.to_string().contains("同一个政策包"), "{other}");
    let again = export(&what(folder.path())).unwrap_err();
    assert!(again.to_string().contains("不是空的"), "{again}");
}

#[test]
fn a_line_that_does_not_fit_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    facts(&folder.path().join("out"), 60);
    let path = folder.path().join("out/facts.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let third = text.lines().nth(2).unwrap();
    for (wrong, says) in [
        (
            third.replacen("\"facts\":{", "\"facts\":{\"no_such\":\"1\",", 1),
            "no_such",
        ),
        (third.replacen("\"born\":\"", "\"born\":\"x", 1), "born"),
        (third[..third.len() / 2].to_owned(), "第 3 行"),
    ] {
        fs::write(&path, text.replacen(third, &wrong, 1)).unwrap();
        let why = export(&what(folder.path())).unwrap_err();
        assert!(matches!(why, LakeError::BadInput(_)));
        assert!(why.to_string().contains("第 3 行"), "{why}");
        assert!(why.to_string().contains(says), "{why}");
        assert!(!folder.path().join("lake").exists());
    }
    // A file that broke off.
    fs::write(&path, &text[..text.len() - 20]).unwrap();
    assert!(export(&what(folder.path())).is_err());
    assert!(!folder.path().join("lake").exists());
}

#[test]
fn only_reading_is_understood() {
    on_a_large_stack(async {
        let folder = tempfile::tempdir().unwrap();
        let lake = made(folder.path(), 100);
        let session = lake.session(1).await.unwrap();
        for sql in [
            "DROP TABLE facts",
            "CREATE TABLE x AS SELECT 1",
            "COPY (SELECT 1) TO '/tmp/x.csv'",
            "SELECT nothing FROM facts",
        ] {
            let told = plans::ask(&session, sql).await;
            assert!(
                matches!(told, Err(LakeError::BadInput(_))),
                "{sql}: {told:?}"
            );
        }
        let told = plans::ask(&session, "SELECT count(*) FROM persons")
            .await
            .unwrap();
        let count = told[0].column(0).as_primitive::<Int64Type>().value(0);
        assert_eq!(count, lake.meta.persons.cast_signed());
    });
}

#[test]
fn departments_records_come_along_without_saying_whose_they_are() {
    on_a_large_stack(async {
        let folder = tempfile::tempdir().unwrap();
        facts(&folder.path().join("out"), 100);
        let loaded = packs::load(&pack("pinghu")).pack.unwrap();
        let catalogue = &loaded.data().catalogue;
        let money = catalogue.categories().find_map(|category| {
            let field = category
                .fields
                .iter()
                .find(|field| field.ty == engine_pool::FieldType::Money)?;
            Some((category.id.clone(), field.id.clone()))
        });
        let (category, field) = money.unwrap();
        let line = |person: u64, fen: &str| {
            format!(
                "{{\"person\":{person},\"category\":\"{category}\",\"delivery\":7,\"as_of\":\"2026-08-01\",\"values\":{{\"{field}\":{fen}}}}}\n"
            )
        };
        let path = folder.path().join("out/records.jsonl");
        fs::write(&path, line(1, "12345")).unwrap();
        let meta = export(&what(folder.path())).unwrap();
        assert_eq!(meta.records.get(&category), Some(&1));
        let lake = Lake::open(&folder.path().join("lake"), &pack("pinghu")).unwrap();
        let session = lake.session(1).await.unwrap();
        let sql = format!("SELECT sum(\"{field}\") FROM \"data.{category}\"");
        let told = plans::ask(&session, &sql).await.unwrap();
        assert_eq!(
            told[0].column(0).as_primitive::<Int64Type>().value(0),
            12_345
        );
        for wrong in [line(0, "1"), line(100_000, "1"), line(1, "\"many\"")] {
            let _ = fs::remove_dir_all(folder.path().join("lake"));
            fs::write(&path, wrong).unwrap();
            assert!(matches!(
                export(&what(folder.path())),
                Err(LakeError::BadInput(_))
            ));
        }
    });
}
