//! The drop folder on both databases: what still grows waits, what came is taken once,
//! what is hostile is refused where it lies, and dying anywhere loses and doubles nothing.

use super::*;
use crate::Law;
use engine_pool::{Batch, Subject};
use kernel::{FixedClock, Now};
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use store::Tx;
use store::testing::both;

const HEAD: &str =
    "证件号码,记录编号,数据日期,号牌号码,车辆类型,品牌,注册日期,估值,使用性质,状态\n";

fn row(no: usize, id: &str) -> String {
    format!("{id},V{no},2026-08-30,合F·C{no},car,合成牌,2016-11-06,78616.00,private,normal\n")
}

/// Ten vehicles, `bad` of them of nobody.
fn vehicles(case: usize, bad: usize) -> String {
    let id = |at| match at < bad {
        true => "谁的",
        false => "990101199001010035",
    };
    let rows: String = (0..10).map(|at| row(case * 100 + at, id(at))).collect();
    HEAD.to_owned() + &rows
}

struct House {
    app: App,
    dir: tempfile::TempDir,
    folder: Option<DropFolder>,
}

impl House {
    fn new(db: store::Db, law: &Law) -> House {
        let now = Now {
            at: "2026-08-31T04:00:00Z".parse().unwrap(),
        };
        let dir = tempfile::tempdir().unwrap();
        let app = App::new(db, law.clone(), Arc::new(FixedClock(now)));
        let folder = Some(DropFolder::open(dir.path(), 2).unwrap());
        for name in ["psb", "vehicle", "elsewhere"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        House { app, dir, folder }
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.dir.path().join(name), bytes).unwrap();
    }

    async fn round(&mut self) -> DropRound {
        let folder = self.folder.as_mut().unwrap();
        self.app.drop_round(folder).await.unwrap()
    }

    /// Two looks: what lay still is taken.
    async fn rounds(&mut self) -> DropRound {
        let first = self.round().await;
        assert_eq!(first.dropped, []);
        self.round().await
    }

    fn dies(&mut self) {
        self.folder = None;
        self.folder = Some(DropFolder::open(self.dir.path(), 2).unwrap());
    }

    async fn batches(&self) -> Vec<Batch> {
        let all = self
            .app
            .db()
            .read(async |tx: &mut Tx| tx.deliveries().await);
        all.await.unwrap()
    }

    async fn records(&self) -> usize {
        let whose = Subject::Person("990101199001010035".parse().unwrap());
        let about = async move |tx: &mut Tx| tx.records_about(&whose).await;
        self.app.db().read(about).await.unwrap().len()
    }

    fn receipt(&self, one: &Dropped) -> String {
        fs::read_to_string(self.dir.path().join(&one.lies).join("回执.txt")).unwrap()
    }

    /// Everything that lies in the folder, by path.
    fn lies(&self, under: &str) -> usize {
        fn count(path: &Path) -> usize {
            let entries = fs::read_dir(path).unwrap().map(|one| one.unwrap().path());
            let count = |path: PathBuf| match path.symlink_metadata().unwrap().is_dir() {
                true => count(&path),
                false => usize::from(!path.ends_with(".lock")),
            };
            entries.map(count).sum()
        }
        count(&self.dir.path().join(under))
    }
}

fn law() -> Law {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/pinghu");
    Law::new(packs::load(&packs).pack.unwrap())
}

fn reason(one: &Dropped) -> String {
    match &one.outcome {
        ImportOutcome::Refused { reasons, .. } => reasons.join("；"),
        _ => String::new(),
    }
}

#[tokio::test]
async fn a02_a_dropped_file_is_taken_when_it_lies_still_and_once_only() {
    let law = law();
    both(async |db| {
        let mut house = House::new(db, &law);
        house.put("vehicle/2026-08-30.csv", HEAD);
        assert_eq!(house.round().await.waiting, 1);
        // It still grew: it waits again.
        house.put("vehicle/2026-08-30.csv", vehicles(1, 1));
        house.put("vehicle/late-2026-08-30.csv.part", vehicles(2, 0));
        assert_eq!(house.round().await.dropped, []);
        let round = house.round().await;
        assert_eq!((round.dropped.len(), round.waiting), (1, 1));
        let one = &round.dropped[0];
        assert!(one.lies.starts_with("done/vehicle"), "{one:?}");
        let told = house.receipt(one);
        let batch = one.batch.unwrap();
        for says in [
            "收下了",
            "一共 10 行，好的 9 行，退回 1 行",
            "第2行",
            &format!("nuanxin pool mend {batch}"),
        ] {
            assert!(told.contains(says), "no {says} in {told}");
        }
        assert!(!told.contains("990101199001010035") && !told.contains("谁的"));
        assert_eq!(house.batches().await[0].came, Some(Came::Drop));
        // In the department's own folder the same file is the same delivery.
        house.put("psb/vehicle_20260830.csv", vehicles(1, 1));
        let round = house.rounds().await;
        let again = &round.dropped[0];
        assert_eq!(
            (again.batch, &again.outcome),
            (Some(batch), &ImportOutcome::Repeated)
        );
        assert!(
            house
                .receipt(again)
                .contains(&format!("以前收过（第 {batch} 批）"))
        );
        assert_eq!(house.batches().await.len(), 1);
        // Under its final name it is taken.
        fs::rename(
            house.dir.path().join("vehicle/late-2026-08-30.csv.part"),
            house.dir.path().join("vehicle/late-2026-08-30.csv"),
        )
        .unwrap();
        let third = house.rounds().await;
        assert!(matches!(
            third.dropped[0].outcome,
            ImportOutcome::Accepted(_)
        ));
        assert_eq!((house.lies("vehicle"), house.lies("taking")), (0, 0));
        assert_eq!(house.lies("done"), 6);
    })
    .await;
}

#[tokio::test]
async fn a02_slips_encodings_and_formats_come_in_by_the_drop_folder() {
    let law = law();
    both(async |db| {
        let mut house = House::new(db, &law);
        let text = vehicles(1, 0);
        let (gb, _, _) = encoding_rs::GB18030.encode(&text);
        house.put("vehicle/2026-08-30.csv", &gb);
        let json = |no: usize| {
            format!(
                "{{\"id_no\":\"990101199001010035\",\"record_no\":\"J{no}\",\"as_of\":\"2026-08-30\",\"plate\":\"合F·J{no}\",\"type\":\"car\",\"register_date\":\"2016-11-06\",\"use\":\"private\",\"status\":\"normal\"}}\n"
            )
        };
        house.put("psb/vehicle-2026-08-29.jsonl", json(1) + &json(2));
        let slipped = vehicles(2, 0);
        house.put("psb/anything.csv", &slipped);
        let slip = serde_json::json!({
            "department": "psb", "category": "vehicle", "as_of": "2026-08-28", "rows": 10,
            "file": "anything.csv", "sha256": super::super::sha256_hex(slipped.as_bytes()),
            "encoding": "UTF-8",
        });
        house.put("psb/anything.csv.manifest.json", slip.to_string());
        let round = house.rounds().await;
        let said: Vec<String> = round.dropped.iter().map(|one| house.receipt(one)).collect();
        assert_eq!(round.dropped.len(), 3, "{said:?}");
        let batches = house.batches().await;
        let taken: Vec<_> = batches.iter().map(|one| (one.as_of.to_string(), one.rows)).collect();
        assert_eq!(
            taken,
            [
                ("2026-08-28".to_owned(), 10),
                ("2026-08-29".to_owned(), 2),
                ("2026-08-30".to_owned(), 10)
            ],
            "{said:?}"
        );
        assert!(batches.iter().all(|one| one.came == Some(Came::Drop)));
        // A slip of another folder, and one whose file is another.
        house.put("elsewhere/a.csv", vehicles(3, 0));
        house.put("elsewhere/a.csv.manifest.json", slip.to_string().replace("anything", "a"));
        house.put("psb/b.csv", vehicles(4, 0));
        house.put(
            "psb/b.csv.manifest.json",
            slip.to_string().replace("anything.csv", "../b.csv"),
        );
        house.put("psb/c.csv", vehicles(5, 0));
        house.put("psb/c.csv.manifest.json", slip.to_string().replace("anything", "c"));
        let round = house.rounds().await;
        let why: Vec<String> = round.dropped.iter().map(reason).collect();
        for says in ["放到对的文件夹", "文件名不能带目录", "内容摘要不同"] {
            assert!(why.iter().any(|why| why.contains(says)), "no {says} in {why:?}");
        }
        assert_eq!(house.lies("refused"), 9);
        assert_eq!(house.records().await, 22);
    })
    .await;
}

#[tokio::test]
async fn a02_hostile_names_and_things_are_refused_where_they_lie() {
    let law = law();
    both(async |db| {
        let mut house = House::new(db, &law);
        let at = |name: &str| house.dir.path().join(name);
        let outside = tempfile::tempdir().unwrap();
        let secret = outside.path().join("2026-08-30.csv");
        fs::write(&secret, vehicles(1, 0)).unwrap();
        symlink(&secret, at("vehicle/link-2026-08-30.csv")).unwrap();
        symlink(outside.path(), at("linked")).unwrap();
        symlink("/dev/zero", at("vehicle/zero-2026-08-30.csv")).unwrap();
        fs::hard_link(&secret, at("vehicle/hard-2026-08-30.csv")).unwrap();
        fs::create_dir(at("vehicle/deeper-2026-08-30.csv")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(at("vehicle/pipe-2026-08-30.csv"))
            .status();
        assert!(made.unwrap().success());
        let cases: [(&str, &str); 9] = [
            ("vehicle/turned\u{202e}-2026-08-30.csv", "不能用的字符"),
            ("vehicle/x..\\..\\x-2026-08-30.csv", "不能用的字符"),
            ("vehicle/a.exe", "只收"),
            ("vehicle/noday.csv", "看不出是哪天的数据"),
            ("vehicle/2026-02-31.csv", "真有这一天"),
            ("vehicle/2027-02-28.csv", "还没有到"),
            ("psb/2026-08-30.csv", "看不出是哪一类数据"),
            ("elsewhere/2026-08-30.csv", "没有这个文件夹名"),
            ("2026-08-30.csv", "没有这个文件夹名"),
        ];
        for (no, (name, _)) in cases.iter().enumerate() {
            fs::write(at(name), vehicles(10 + no, 0)).unwrap();
        }
        let long = format!("vehicle/{}-2026-08-30.csv", "长".repeat(70));
        fs::write(at(&long), vehicles(30, 0)).unwrap();
        let whole = house.dir.path().join("vehicle/whole-2026-08-30.csv");
        fs::write(&whole, vehicles(31, 0)).unwrap();
        let round = house.rounds().await;
        assert_eq!(
            (round.stuck.len(), round.waiting),
            (0, 0),
            "{:?}",
            round.stuck
        );
        let mut cases: Vec<(&str, &str)> = cases.to_vec();
        cases.extend([
            ("link-2026-08-30.csv", "链接"),
            ("linked", "链接"),
            ("zero-2026-08-30.csv", "链接"),
            ("hard-2026-08-30.csv", "硬链接"),
            ("deeper-2026-08-30.csv", "文件夹"),
            ("pipe-2026-08-30.csv", "管道"),
            (&long, "太长"),
        ]);
        for (name, says) in &cases {
            let name = name.split('/').next_back().unwrap();
            let mut own = round.dropped.iter().filter(|one| one.name == name);
            let one = own.find(|one| reason(one).contains(says));
            let one = one.unwrap_or_else(|| panic!("{name}: {:?}", round.dropped));
            assert!(one.lies.starts_with("refused"), "{name}");
            assert!(house.receipt(one).contains(says), "{name}");
        }
        assert_eq!(round.dropped.len(), cases.len() + 1);
        // What they led to is untouched, and the good one among them was taken.
        assert_eq!(fs::read_to_string(&secret).unwrap(), vehicles(1, 0));
        assert_eq!(house.records().await, 10);
        assert_eq!(house.round().await, DropRound::default());
    })
    .await;
}

/// Dying after a claim, after a taking, after the receipt: the next house ends it, as if
/// nobody had died. A refused file too stands once.
#[tokio::test]
async fn a02_dying_between_taking_and_moving_loses_and_doubles_nothing() {
    let law = law();
    both(async |db| {
        for (case, bad) in [(1, 1), (2, 10)] {
            for point in 0..3 {
                let mut house = House::new(db.clone(), &law);
                let before = (house.batches().await.len(), house.records().await);
                let no = case * 10 + point;
                house.put("vehicle/2026-08-30.csv", vehicles(no, bad));
                house.round().await;
                let folder = house.folder.as_mut().unwrap();
                let look = folder.look(house.app.now()).unwrap();
                let claim = look.ripe[0].clone();
                assert!(folder.claim(&claim).unwrap());
                let folder = house.folder.as_ref().unwrap();
                if point > 0 {
                    let read = house.app.read_drop(folder, &claim).await.unwrap().unwrap();
                    let request = format!("{}/{}", claim.folder, claim.key);
                    let taken = house.app.take_dropped(&dropping(&request), &read).await;
                    assert!(taken.unwrap().batch.is_some());
                }
                if point > 1 {
                    let place = house.dir.path().join("taking/vehicle").join(&claim.key);
                    fs::write(place.join("回执.txt"), "half a rec").unwrap();
                }
                house.dies();
                let round = house.round().await;
                assert_eq!(round.dropped.len(), 1, "case {case} point {point}");
                let one = &round.dropped[0];
                let refused = bad == 10;
                assert_eq!(one.lies.starts_with("refused"), refused);
                assert!(house.receipt(one).contains("一共 10 行"));
                let added = if refused { 0 } else { 9 };
                let now = (house.batches().await.len(), house.records().await);
                assert_eq!(
                    now,
                    (before.0 + 1, before.1 + added),
                    "case {case} point {point}"
                );
                assert_eq!((house.lies("taking"), house.lies("vehicle")), (0, 0));
                assert_eq!(house.round().await, DropRound::default());
            }
        }
        // A claim of which only the slip came across goes back to its file.
        let mut house = House::new(db.clone(), &law);
        let place = house.dir.path().join("taking/vehicle/20260831-x");
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("s.csv.manifest.json"), "{}").unwrap();
        house.round().await;
        assert!(
            house
                .dir
                .path()
                .join("vehicle/s.csv.manifest.json")
                .is_file()
        );
        // Two at once never have the same folder.
        let second = DropFolder::open(house.dir.path(), 2);
        assert!(second.unwrap_err().to_string().contains("另一个程序"));
    })
    .await;
}

#[tokio::test]
async fn a02_rows_are_outdated_where_their_whole_file_is_older_than_what_stands() {
    let law = law();
    both(async |db| {
        let mut house = House::new(db, &law);
        let of_before = |case| vehicles(case, 0).replace(",2026-08-30,", ",2026-08-01,");
        let files = [
            ("2026-08-30", vehicles(1, 0)),
            ("2026-08-29", of_before(2)),
            // A new file may speak of any day before.
            ("2026-08-31", of_before(3)),
        ];
        let mut outdated = Vec::new();
        for (day, rows) in files {
            house.put(&format!("vehicle/{day}.csv"), rows);
            let round = house.rounds().await;
            let ImportOutcome::Accepted(quality) = &round.dropped[0].outcome else {
                panic!("{:?}", round.dropped)
            };
            outdated.push((quality.outdated, quality.taken));
        }
        assert_eq!(outdated, [(0, 10), (10, 10), (0, 10)]);
    })
    .await;
}
