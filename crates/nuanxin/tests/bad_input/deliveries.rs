//! Every way a delivery can be bad: refused whole, or its good rows taken and the
//! bad ones named; nothing half-done, and one memory for all.

use super::files::*;
use super::{GROWTH_MAX_KB, Ran, TIME_MAX, check, command, root, run};
use serde_json::json;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;
use store::testing::{AUDIT_KEY, places};
use store::{Db, Settings, StoreError};

/// One bad delivery.
struct Case {
    name: &'static str,
    /// Puts files into a folder; gives further words for `import`, after the folder.
    put: fn(usize, &Path) -> Vec<String>,
    code: i32,
    says: &'static [&'static str],
    /// Records it adds.
    records: usize,
    /// People it adds.
    people: usize,
}

const fn refused(
    name: &'static str,
    code: i32,
    says: &'static [&'static str],
    put: fn(usize, &Path) -> Vec<String>,
) -> Case {
    taken(name, code, says, 0, put)
}

const fn taken(
    name: &'static str,
    code: i32,
    says: &'static [&'static str],
    records: usize,
    put: fn(usize, &Path) -> Vec<String>,
) -> Case {
    Case {
        name,
        put,
        code,
        says,
        records,
        people: 0,
    }
}

fn put(delivery: Delivery, folder: &Path) -> Vec<String> {
    delivery.put(folder);
    Vec::new()
}

/// Vehicles with one cell of the third row changed.
fn cell(case: usize, column: &str, text: &str) -> Delivery {
    let mut table = vehicles(case);
    let at = table[0].iter().position(|name| name == column).unwrap();
    table[3][at] = text.to_owned();
    Delivery::vehicles(gb(&csv(&table)))
}

/// A file of this length whose end is a hole, after a true beginning.
fn endless(delivery: Delivery, folder: &Path) -> Vec<String> {
    let path = delivery.put(folder);
    let file = File::options().append(true).open(path).unwrap();
    file.set_len(2 << 30).unwrap();
    Vec::new()
}

fn cases() -> Vec<Case> {
    let mut all = encodings();
    all.extend(shapes());
    all.extend(cells());
    all.extend(workbooks());
    all.extend(slips());
    all
}

fn encodings() -> Vec<Case> {
    vec![
        refused(
            "GB18030 under a slip of UTF-8",
            1,
            &["整份退回", "不是 UTF-8 编码", "看起来是 GB18030"],
            |n, at| {
                put(
                    Delivery::vehicles(gb(&csv(&vehicles(n)))).slip(json!({"encoding": "UTF-8"})),
                    at,
                )
            },
        ),
        refused(
            "UTF-8 under a slip of GB18030",
            1,
            &["整份退回", "UTF-8"],
            |n, at| put(Delivery::vehicles(csv(&vehicles(n)).into_bytes()), at),
        ),
        refused(
            "cut inside a character",
            1,
            &["整份退回", "不是 GB18030 编码"],
            |n, at| {
                let mut bytes = gb(&csv(&vehicles(n)));
                bytes.extend(gb("合"));
                bytes.pop();
                put(Delivery::vehicles(bytes), at)
            },
        ),
        taken(
            "a byte order mark",
            0,
            &["10 行，收下 10 行"],
            ROWS,
            |n, at| {
                let text = format!("\u{feff}{}", csv(&vehicles(n)));
                put(
                    Delivery::vehicles(text.into_bytes()).slip(json!({"encoding": "UTF-8"})),
                    at,
                )
            },
        ),
        taken(
            "a NUL in a cell",
            0,
            &["第4行“品牌”", "乱码或控制字符"],
            ROWS - 1,
            |n, at| put(cell(n, "品牌", "合\0成"), at),
        ),
        refused("a file of NULs", 1, &["整份退回"], |_, at| {
            put(Delivery::vehicles(vec![0; 5000]), at)
        }),
        refused(
            "an empty file",
            1,
            &["是空的", "重新导出"],
            |_, at| put(Delivery::vehicles(Vec::new()), at),
        ),
    ]
}

fn shapes() -> Vec<Case> {
    vec![
        taken(
            "a shifted row",
            0,
            &["第4行", "错位了一列"],
            ROWS - 1,
            |n, at| {
                let mut table = vehicles(n);
                table[3].rotate_right(1);
                put(Delivery::vehicles(gb(&csv(&table))), at)
            },
        ),
        refused(
            "every row shifted",
            1,
            &["整批退回", "10行中有10行有错"],
            |n, at| {
                let mut table = vehicles(n);
                table[1..].iter_mut().for_each(|row| row.rotate_left(1));
                put(Delivery::vehicles(gb(&csv(&table))), at)
            },
        ),
        taken(
            "a row too short",
            0,
            &["第4行", "应有10列，这一行有9列"],
            ROWS - 1,
            |n, at| {
                let mut table = vehicles(n);
                table[3].pop();
                put(Delivery::vehicles(gb(&csv(&table))), at)
            },
        ),
        refused(
            "a missing column",
            1,
            &["vehicle.csv", "表头缺少：记录编号"],
            |n, at| {
                let mut table = vehicles(n);
                table.iter_mut().for_each(|row| drop(row.remove(1)));
                put(Delivery::vehicles(gb(&csv(&table))), at)
            },
        ),
        refused(
            "a renamed header",
            1,
            &["表头缺少：号牌号码", "表头多出：车牌"],
            |n, at| {
                let mut table = vehicles(n);
                table[0][3] = "车牌".into();
                put(Delivery::vehicles(gb(&csv(&table))), at)
            },
        ),
        refused(
            "a column twice",
            1,
            &["表头“品牌”出现了两次"],
            |n, at| {
                let mut table = vehicles(n);
                table[0][3] = "品牌".into();
                put(Delivery::vehicles(gb(&csv(&table))), at)
            },
        ),
        refused(
            "a line of 2 GB",
            1,
            &["第 11 行之后有一条超长记录", "重新导出"],
            |n, at| endless(Delivery::vehicles(gb(&csv(&vehicles(n)))), at),
        ),
        refused(
            "a JSON line of 2 GB",
            1,
            &["第 10 行之后有一条超长记录"],
            |n, at| endless(Delivery::balances(balances(n).concat().into_bytes()), at),
        ),
        refused("a header of 2 GB", 1, &["超长记录"], |_, at| {
            endless(Delivery::vehicles(Vec::new()), at)
        }),
        refused(
            "JSON nested without end",
            1,
            &["第 3 行附近", "不是一个 JSON 对象"],
            |n, at| {
                let mut lines = balances(n);
                lines[2] = format!("{{\"bank\":{}\n", "[".repeat(200_000));
                put(Delivery::balances(lines.concat().into_bytes()), at)
            },
        ),
        refused(
            "a JSON key nobody agreed on",
            1,
            &["第 3 行附近", "没有约定的字段“password”"],
            |n, at| {
                let mut lines = balances(n);
                lines[2] = "{\"password\":1}\n".into();
                put(Delivery::balances(lines.concat().into_bytes()), at)
            },
        ),
        refused(
            "half a JSON line",
            1,
            &["第 10 行附近", "不是一个 JSON 对象"],
            |n, at| {
                let text = balances(n).concat();
                put(Delivery::balances(text[..text.len() - 20].into()), at)
            },
        ),
    ]
}

fn cells() -> Vec<Case> {
    vec![
        taken(
            "31 February",
            0,
            &["第4行“注册日期”：没有这一天"],
            ROWS - 1,
            |n, at| put(cell(n, "注册日期", "2026-02-31"), at),
        ),
        taken(
            "three decimals",
            0,
            &["第4行“估值”：小数太多"],
            ROWS - 1,
            |n, at| put(cell(n, "估值", "78616.005"), at),
        ),
        taken(
            "an amount in words",
            0,
            &["“估值”：不是金额"],
            ROWS - 1,
            |n, at| put(cell(n, "估值", "八万"), at),
        ),
        taken(
            "an amount beyond all money",
            0,
            &["“估值”：数太大"],
            ROWS - 1,
            |n, at| put(cell(n, "估值", "99999999999999999999"), at),
        ),
        taken(
            "a wrong check digit",
            0,
            &["第4行“证件号码”", "校验"],
            ROWS - 1,
            |n, at| {
                let right = number(2);
                let last = if right.ends_with('1') { "2" } else { "1" };
                put(cell(n, "证件号码", &format!("{}{last}", &right[..17])), at)
            },
        ),
        taken(
            "a number born on 31 February",
            0,
            &["第4行“证件号码”"],
            ROWS - 1,
            |n, at| put(cell(n, "证件号码", "990482199002310011"), at),
        ),
        taken(
            "a day still to come",
            0,
            &["“数据日期”：日期还没有到"],
            ROWS - 1,
            |n, at| put(cell(n, "数据日期", "2099-01-01"), at),
        ),
        taken(
            "a code nobody agreed on",
            0,
            &["“车辆类型”：不是约定的代码"],
            ROWS - 1,
            |n, at| put(cell(n, "车辆类型", "rocket"), at),
        ),
        taken(
            "a record number twice",
            0,
            &["第5行“记录编号”", "只取第一次"],
            ROWS - 1,
            |n, at| {
                let mut table = vehicles(n);
                table[4][1] = table[3][1].clone();
                put(Delivery::vehicles(gb(&csv(&table))), at)
            },
        ),
        Case {
            people: ROWS - 1,
            ..taken(
                "a resident born on 31 February",
                0,
                &["“出生日期”：没有这一天"],
                ROWS - 1,
                |n, at| {
                    let mut table = residents(n, 10);
                    table[3][5] = "1962-02-31".into();
                    put(Delivery::residents(gb(&csv(&table))), at)
                },
            )
        },
        Case {
            people: ROWS - 1,
            ..taken(
                "a household that contains itself",
                0,
                &["没进底册", "已经登记"],
                ROWS,
                |n, at| {
                    let mut table = residents(n, 20);
                    table[2][0] = table[1][0].clone();
                    put(Delivery::residents(gb(&csv(&table))), at)
                },
            )
        },
        Case {
            people: ROWS - 1,
            ..taken(
                "one person in two households",
                0,
                &["没进底册", "已经登记"],
                ROWS,
                |n, at| {
                    let mut table = residents(n, 30);
                    table[5][0] = table[1][0].clone();
                    put(Delivery::residents(gb(&csv(&table))), at)
                },
            )
        },
    ]
}

fn workbooks() -> Vec<Case> {
    vec![
        taken(
            "a good workbook",
            0,
            &["10 行，收下 10 行"],
            ROWS,
            |n, at| {
                put(
                    Delivery::cancers(workbook(&sheet(&grants(n)), &no_strings())),
                    at,
                )
            },
        ),
        refused(
            "a truncated workbook",
            1,
            &["two_cancer.xlsx", "不是完整的 Excel 文件"],
            |n, at| {
                let mut bytes = workbook(&sheet(&grants(n)), &no_strings());
                bytes.truncate(bytes.len() / 2);
                put(Delivery::cancers(bytes), at)
            },
        ),
        refused(
            "a text called workbook",
            1,
            &["不是完整的 Excel 文件"],
            |n, at| put(Delivery::cancers(gb(&csv(&grants(n)))), at),
        ),
        refused(
            "a zip bomb",
            1,
            &["压缩炸弹", "请改用 CSV"],
            |_, at| {
                put(
                    Delivery::cancers(workbook(&vec![b' '; 256 << 20], &no_strings())),
                    at,
                )
            },
        ),
        refused(
            "a zip bomb that lies about itself",
            1,
            &["整份退回"],
            |_, at| {
                let bomb = workbook(&vec![b' '; 256 << 20], &no_strings());
                put(Delivery::cancers(lying(bomb, 100)), at)
            },
        ),
        refused("ten thousand parts", 1, &["10000 个部件"], |_, at| {
            let names: Vec<String> = (0..10_000).map(|part| format!("p{part}")).collect();
            let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &b""[..])).collect();
            put(Delivery::cancers(archive(&parts)), at)
        }),
        refused(
            "shared texts without number",
            1,
            &["自称有 99999999999 段文字"],
            |n, at| {
                let strings = b"<sst uniqueCount=\"99999999999\"></sst>";
                put(Delivery::cancers(workbook(&sheet(&grants(n)), strings)), at)
            },
        ),
        refused(
            "one long text in every cell",
            1,
            &["附近", "多于 1 MB"],
            |_, at| {
                let strings = format!("<sst><si><t>{}</t></si></sst>", "长".repeat(300_000));
                let cells = "<c t=\"s\"><v>0</v></c>".repeat(100_000);
                let sheet =
                    format!("<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>");
                put(
                    Delivery::cancers(workbook(sheet.as_bytes(), strings.as_bytes())),
                    at,
                )
            },
        ),
        refused(
            "a last cell at the end of the world",
            1,
            &["超过 1000 列"],
            |_, at| {
                let sheet = b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>\
                          <row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData></worksheet>";
                put(Delivery::cancers(workbook(sheet, &no_strings())), at)
            },
        ),
    ]
}

fn slips() -> Vec<Case> {
    vec![
        refused("the same batch again", 0, &["已经收过"], |_, at| {
            put(Delivery::vehicles(gb(&csv(&vehicles(0)))), at)
        }),
        refused(
            "changed bytes under a known slip",
            1,
            &["vehicle.csv 和清单对不上", "重新提供"],
            |_, at| {
                let known = Delivery::vehicles(gb(&csv(&vehicles(0))));
                let path = known.put(at);
                let mut file = File::options().append(true).open(path).unwrap();
                file.write_all(b"\n").unwrap();
                Vec::new()
            },
        ),
        refused(
            "a row less than promised",
            1,
            &["清单说有 11 行，文件里是 10 行"],
            |n, at| {
                put(
                    Delivery::vehicles(gb(&csv(&vehicles(n)))).slip(json!({"rows": 11})),
                    at,
                )
            },
        ),
        refused(
            "a slip from the future",
            1,
            &["数据日期 2099-01-01 还没有到"],
            |n, at| {
                put(
                    Delivery::vehicles(gb(&csv(&vehicles(n)))).slip(json!({"as_of": "2099-01-01"})),
                    at,
                )
            },
        ),
        refused(
            "an unknown department",
            1,
            &["没有部门“nasa”"],
            |n, at| {
                put(
                    Delivery::vehicles(gb(&csv(&vehicles(n)))).slip(json!({"department": "nasa"})),
                    at,
                )
            },
        ),
        refused(
            "an unknown category",
            1,
            &["没有数据类“rocket”"],
            |n, at| {
                put(
                    Delivery::vehicles(gb(&csv(&vehicles(n)))).slip(json!({"category": "rocket"})),
                    at,
                )
            },
        ),
        refused(
            "another department's category",
            1,
            &["不归部门“tax”提供"],
            |n, at| {
                put(
                    Delivery::vehicles(gb(&csv(&vehicles(n)))).slip(json!({"department": "tax"})),
                    at,
                )
            },
        ),
        refused(
            "a slip without its file",
            1,
            &["清单旁边没有文件", "vehicle.csv", "补齐"],
            |n, at| {
                let path = Delivery::vehicles(gb(&csv(&vehicles(n)))).put(at);
                fs::remove_file(path).unwrap();
                Vec::new()
            },
        ),
        refused(
            "a slip that climbs",
            2,
            &["../../etc/passwd", "文件名不能带目录"],
            |n, at| {
                put(
                    Delivery::vehicles(gb(&csv(&vehicles(n))))
                        .slip(json!({"file": "../../etc/passwd"})),
                    at,
                )
            },
        ),
        refused(
            "two slips that are none, both told",
            2,
            &["a.csv.manifest.json 读不懂", "b.csv.manifest.json 读不懂"],
            |n, at| {
                for name in ["a", "b"] {
                    fs::write(at.join(format!("{name}.csv.manifest.json")), "{").unwrap();
                }
                put(Delivery::vehicles(gb(&csv(&vehicles(n)))), at)
            },
        ),
        refused("31 February on a slip", 2, &["读不懂"], |n, at| {
            put(
                Delivery::vehicles(gb(&csv(&vehicles(n)))).slip(json!({"as_of": "2026-02-31"})),
                at,
            )
        }),
        refused("a slip of 1 GB", 2, &["太长"], |n, at| {
            put(Delivery::vehicles(gb(&csv(&vehicles(n)))), at);
            let slip = File::options()
                .write(true)
                .open(at.join("vehicle.csv.manifest.json"));
            slip.unwrap().set_len(1 << 30).unwrap();
            Vec::new()
        }),
        refused("no slip at all", 2, &["没有交接清单"], |n, at| {
            fs::write(at.join("vehicle.csv"), csv(&vehicles(n))).unwrap();
            Vec::new()
        }),
        refused(
            "no such folder",
            2,
            &["打不开", "请检查路径"],
            |_, at| {
                fs::remove_dir(at).unwrap();
                Vec::new()
            },
        ),
        refused(
            "no such department",
            2,
            &["没有“nasa”这个部门"],
            |n, at| {
                put(Delivery::vehicles(gb(&csv(&vehicles(n)))), at);
                vec!["--department".into(), "nasa".into()]
            },
        ),
        refused("a department that is no name", 2, &["NASA 局"], |n, at| {
            put(Delivery::vehicles(gb(&csv(&vehicles(n)))), at);
            vec!["--department".into(), "NASA 局".into()]
        }),
    ]
}

/// What the database holds: records about people, people, accepted deliveries.
async fn held(url: &str) -> (usize, usize, usize) {
    let db = Db::open(url, Settings::new(AUDIT_KEY)).await.unwrap();
    let held = db
        .read(async |tx| {
            let records = usize::try_from(tx.count_records().await?).unwrap();
            let people = tx.all_numbers().await?.len();
            Ok::<_, StoreError>((records, people, tx.pool_standings().await?.len()))
        })
        .await
        .unwrap();
    db.close().await;
    held
}

fn words(url: &str, home: &Path, first: &[&str], more: Vec<String>) -> Vec<String> {
    let mut words: Vec<String> = first.iter().map(|word| (*word).to_owned()).collect();
    words.extend(more);
    words.extend(["--db".into(), url.to_owned(), "--keys".into()]);
    words.push(home.join("keys").display().to_string());
    words.push("--pack".into());
    words.push(root().join("packs/pinghu").display().to_string());
    words
}

async fn every_case(url: &str, name: &str) {
    let home = tempfile::tempdir().unwrap();
    let import = |folder: &Path, more: Vec<String>| -> Ran {
        let folder = folder.display().to_string();
        run(
            home.path(),
            &words(url, home.path(), &["import", &folder], more),
        )
    };
    let good = home.path().join("good");
    fs::create_dir(&good).unwrap();
    Delivery::residents(gb(&csv(&residents(0, 0)))).put(&good);
    Delivery::vehicles(gb(&csv(&vehicles(0)))).put(&good);
    let baseline = import(&good, Vec::new());
    check("good files", &baseline, 0, &["户籍人口：10 行，收下 10 行"]);
    let (mut records, mut people, _) = held(url).await;
    assert_eq!((records, people), (2 * ROWS, ROWS));
    for (at, case) in cases().iter().enumerate() {
        let folder = home.path().join(format!("case{at}"));
        fs::create_dir(&folder).unwrap();
        let more = (case.put)(at + 1, &folder);
        let ran = import(&folder, more);
        let told = format!("{name}: {}", case.name);
        check(&told, &ran, case.code, case.says);
        records += case.records;
        people += case.people;
        let (now_records, now_people, _) = held(url).await;
        assert_eq!(
            (now_records, now_people),
            (records, people),
            "{told}: {}",
            ran.said
        );
        let growth = ran.peak_kb.saturating_sub(baseline.peak_kb);
        assert!(growth <= GROWTH_MAX_KB, "{told}: {growth} kB more");
        eprintln!(
            "{told}: exit {}, {growth} kB more, {:?}",
            ran.code, ran.took
        );
        drop(fs::remove_dir_all(&folder));
    }
    let verify = run(
        home.path(),
        &words(url, home.path(), &["audit", "verify"], Vec::new()),
    );
    check("the audit afterwards", &verify, 0, &[]);
}

#[tokio::test]
async fn a02_bad_deliveries_get_words_and_leave_nothing_half_done() {
    for place in places() {
        every_case(&place.url, place.name).await;
    }
}

/// What was refused for its slip's sake is taken once the slip is right.
#[tokio::test]
async fn a02_a_refused_delivery_may_come_again() {
    for place in places() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("in");
        fs::create_dir(&folder).unwrap();
        let file = Delivery::vehicles(gb(&csv(&vehicles(0))));
        let path = file.put(&folder);
        fs::remove_file(&path).unwrap();
        let name = folder.display().to_string();
        let import = || {
            run(
                home.path(),
                &words(&place.url, home.path(), &["import", &name], Vec::new()),
            )
        };
        check("its file is late", &import(), 1, &["清单旁边没有文件"]);
        file.put(&folder);
        check("it came", &import(), 0, &["收下 10 行"]);
        check("and again", &import(), 0, &["已经收过"]);
    }
}

/// Killed anywhere, a delivery is there whole or not at all, and comes in whole when
/// it is sent again.
#[tokio::test]
async fn a02_killed_while_importing_nothing_is_half_done() {
    const MANY: usize = 20_000;
    for place in places() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("in");
        fs::create_dir(&folder).unwrap();
        let mut table = vehicles(0);
        let rows = (1..MANY).map(|at| {
            let mut row = table[1 + at % ROWS].clone();
            row[1] = format!("K{at}");
            row
        });
        let rows: Table = rows.collect();
        table.truncate(2);
        table.extend(rows);
        Delivery::residents(gb(&csv(&residents(0, 0)))).put(&folder);
        let name = folder.display().to_string();
        let words = words(&place.url, home.path(), &["import", &name], Vec::new());
        check("residents", &run(home.path(), &words), 0, &["收下 10 行"]);
        Delivery::vehicles(gb(&csv(&table)))
            .slip(json!({"rows": MANY}))
            .put(&folder);
        let before = held(&place.url).await;
        let (mut kills, mut pause_ms) = (0, 150);
        loop {
            let mut child = command(&words).stdout(Stdio::null()).spawn().unwrap();
            let begun = Instant::now();
            while begun.elapsed().as_millis() < pause_ms && child.try_wait().unwrap().is_none() {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            child.kill().unwrap();
            if child.wait().unwrap().code().is_some() {
                break;
            }
            kills += 1;
            let now = held(&place.url).await;
            if now != before {
                assert_eq!(now.0, before.0 + MANY, "{}: half", place.name);
            }
            pause_ms = pause_ms * 3 / 2;
        }
        eprintln!("{}: {kills} kills", place.name);
        assert!(kills >= 3, "{}: killed {kills} times only", place.name);
        assert_eq!(held(&place.url).await.0, before.0 + MANY);
        check(
            "and again",
            &run(home.path(), &words),
            0,
            &["机动车登记 已经收过"],
        );
    }
}
