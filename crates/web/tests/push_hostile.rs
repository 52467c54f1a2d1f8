//! 「坏请求」 Every hostile call to the door where departments push, one table: refused or
//! set back within two seconds (of this slow build) with a reason, in bounded memory, and what was there is
//! there afterwards. One test in a process of its own, so that its memory is its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

#[path = "pages/site/mod.rs"]
mod site;

use app::App;
use app::signing::{KeyRing, SignedHeaders, Signer};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use kernel::*;
use serde_json::Value;
use site::text;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};
use store::testing;
use tower::ServiceExt as _;
use zip::write::{SimpleFileOptions, ZipWriter};

const GROWTH_MAX_KB: u64 = 128 << 10;

const HEAD: &str = "证件号码,记录编号,数据日期,承包面积亩,年流转费,年度\n";

fn row(no: usize) -> String {
    format!("990101199001010035,P{no},2026-01-31,2.5,300.00,2025\n")
}

fn json(no: usize) -> String {
    format!(
        "{{\"id_no\":\"990101199001010035\",\"record_no\":\"J{no}\",\"as_of\":\"2026-01-31\",\"area\":\"1\"}}\n"
    )
}

fn csv(from: usize) -> String {
    HEAD.to_owned() + &(from..from + 10).map(row).collect::<String>()
}

fn at(format: &str, rows: usize, batch: &str) -> String {
    format!("/api/v1/data/land_contract?as_of=2026-01-31&rows={rows}&batch={batch}&format={format}")
}

fn workbook(sheet: &[u8]) -> Vec<u8> {
    const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{RELATION}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns:r=\"{RELATION}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{RELATION}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes.as_bytes()).unwrap();
    }
    zip.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default())
        .unwrap();
    zip.write_all(sheet).unwrap();
    zip.finish().unwrap().into_inner()
}

/// One hostile call.
struct Case {
    name: &'static str,
    path: String,
    signed: SignedHeaders,
    body: Vec<u8>,
    status: u16,
    /// In the answer.
    says: &'static str,
    /// Records it adds: good rows of a file whose bad ones were set back.
    added: usize,
}

struct Table {
    signer: Signer,
    cases: Vec<Case>,
}

impl Table {
    /// Signed as it should be; what is wrong is in the body.
    fn body(
        &mut self,
        name: &'static str,
        to: (&str, usize),
        body: Vec<u8>,
        told: (u16, &'static str, usize),
    ) {
        let path = at(to.0, to.1, &format!("b{}", self.cases.len()));
        let signed = self.signer.sign_request("POST", &path, &body, site::now());
        self.add(name, path, signed, body, told);
    }

    fn add(
        &mut self,
        name: &'static str,
        path: String,
        signed: SignedHeaders,
        body: Vec<u8>,
        (status, says, added): (u16, &'static str, usize),
    ) {
        self.cases.push(Case {
            name,
            path,
            signed,
            body,
            status,
            says,
            added,
        });
    }

    /// A good body whose head somebody bent.
    fn head(
        &mut self,
        name: &'static str,
        says: &'static str,
        bend: impl FnOnce(&Signer, &str, &[u8]) -> SignedHeaders,
    ) {
        let path = at("csv", 10, &format!("b{}", self.cases.len()));
        let body = csv(1_000 * self.cases.len()).into_bytes();
        let signed = bend(&self.signer, &path, &body);
        self.add(name, path, signed, body, (401, says, 0));
    }
}

fn heads(table: &mut Table) {
    let shifted = |seconds: i64| Now {
        at: site::now().at + chrono::TimeDelta::seconds(seconds),
    };
    table.head("a time of six minutes ago", "push.stale", |s, p, b| {
        s.sign_request("POST", p, b, shifted(-360))
    });
    table.head("a time to come", "push.stale", |s, p, b| {
        s.sign_request("POST", p, b, shifted(360))
    });
    table.head("a time of 1970", "push.stale", |s, p, b| {
        s.sign_request(
            "POST",
            p,
            b,
            Now {
                at: "1970-01-01T00:00:00Z".parse().unwrap(),
            },
        )
    });
    table.head("a time that is none", "push.signature", |s, p, b| {
        SignedHeaders {
            time: "昨天".into(),
            ..s.sign_request("POST", p, b, site::now())
        }
    });
    table.head(
        "another's key under this name",
        "push.signature",
        |_, p, b| testkit::demo_signer("agri", 8).sign_request("POST", p, b, site::now()),
    );
    table.head("a key nobody knows", "push.signature", |_, p, b| {
        testkit::demo_signer("nobody", 7).sign_request("POST", p, b, site::now())
    });
    table.head(
        "a signature of another method",
        "push.signature",
        |s, p, b| s.sign_request("PUT", p, b, site::now()),
    );
    table.head(
        "a signature of another address",
        "push.signature",
        |s, _, b| s.sign_request("POST", "/api/v1/data/x", b, site::now()),
    );
    table.head("no signature", "push.signature", |s, p, b| SignedHeaders {
        signature: String::new(),
        ..s.sign_request("POST", p, b, site::now())
    });
    table.head("a signature of noise", "push.signature", |s, p, b| {
        SignedHeaders {
            signature: "A".repeat(88),
            ..s.sign_request("POST", p, b, site::now())
        }
    });
    table.head("a signature without end", "push.signature", |s, p, b| {
        SignedHeaders {
            signature: "A".repeat(8_000),
            ..s.sign_request("POST", p, b, site::now())
        }
    });
    table.head("a nonce somebody changed", "push.signature", |s, p, b| {
        SignedHeaders {
            nonce: "x".into(),
            ..s.sign_request("POST", p, b, site::now())
        }
    });
}

fn bodies(table: &mut Table) {
    let text = |from| csv(from).into_bytes();
    let cut = |mut bytes: Vec<u8>, by: usize| {
        bytes.truncate(bytes.len() - by);
        bytes
    };
    table.body(
        "cut after a row",
        ("csv", 10),
        cut(text(100), row(100).len()),
        (422, "清单说有 10 行", 0),
    );
    table.body(
        "cut inside a row",
        ("csv", 10),
        cut(text(200), 30),
        (200, "accepted", 9),
    );
    table.body(
        "every row twice",
        ("csv", 20),
        (csv(300) + &csv(300)[HEAD.len()..]).into_bytes(),
        (422, "整批退回", 0),
    );
    let mut turned: Vec<String> = (400..410).map(row).collect();
    turned.reverse();
    table.body(
        "rows in another order",
        ("csv", 10),
        (HEAD.to_owned() + &turned.concat()).into_bytes(),
        (200, "accepted", 10),
    );
    let shifted = csv(500).replace("990101199001010035,", ",990101199001010035,");
    table.body(
        "every row shifted",
        ("csv", 10),
        shifted.into_bytes(),
        (422, "整批退回", 0),
    );
    let (gb, _, _) =
        encoding_rs::GB18030.encode("证件号码,记录编号,数据日期,承包面积亩,年流转费,年度\n");
    table.body(
        "GB18030 that says UTF-8",
        ("csv", 0),
        gb.into_owned(),
        (422, "GB18030", 0),
    );
    table.body(
        "a cell of 600 kB",
        ("csv", 1),
        (HEAD.to_owned() + &row(601).replace("2025", &"长".repeat(200_000))).into_bytes(),
        (422, "整批退回", 0),
    );
    table.body(
        "a line of 8 MB",
        ("csv", 1),
        [HEAD.as_bytes(), &vec![b'x'; 8 << 20]].concat(),
        (422, "超长记录", 0),
    );
    table.body(
        "a JSON line of 8 MB",
        ("jsonl", 1),
        vec![b'{'; 8 << 20],
        (422, "超长记录", 0),
    );
    table.body(
        "a hundred and fifty thousand rows of nothing",
        ("csv", 150_000),
        (HEAD.to_owned() + &"x\n".repeat(150_000)).into_bytes(),
        (422, "整批退回", 0),
    );
    table.body(
        "JSON nested without end",
        ("jsonl", 1),
        format!("{{\"id_no\":{}\n", "[".repeat(200_000)).into_bytes(),
        (422, "不是一个 JSON 对象", 0),
    );
    table.body(
        "a field too many",
        ("jsonl", 1),
        json(1)
            .replace("\"area\"", "\"salary\":\"1\",\"area\"")
            .into_bytes(),
        (403, "pool.fields_not_agreed", 0),
    );
    table.body(
        "a field too many, later",
        ("jsonl", 2),
        (json(2) + &json(3).replace("\"area\"", "\"salary\":\"1\",\"area\"")).into_bytes(),
        (422, "没有约定的字段", 0),
    );
    table.body(
        "a column too many",
        ("csv", 1),
        (HEAD.replace("年度", "年度,工资") + &row(700)).into_bytes(),
        (403, "pool.fields_not_agreed", 0),
    );
    table.body(
        "a zip bomb",
        ("xlsx", 1),
        workbook(&vec![b' '; 256 << 20]),
        (422, "压缩炸弹", 0),
    );
    let lol = |n: usize| format!("<!ENTITY e{} \"{}\">", n + 1, format!("&e{n};").repeat(10));
    let entities: String = (0..9).map(lol).collect();
    let bomb = format!(
        "<!DOCTYPE w [<!ENTITY e0 \"ha\">{entities}]><worksheet><sheetData><row><c><v>&e9;</v></c></row></sheetData></worksheet>"
    );
    table.body(
        "an XML bomb",
        ("xlsx", 1),
        workbook(bomb.as_bytes()),
        (422, "XML 炸弹", 0),
    );
    let formula = b"<worksheet><sheetData><row><c t=\"str\"><f>1+1</f><v>2</v></c></row></sheetData></worksheet>";
    table.body(
        "a formula in a sheet",
        ("xlsx", 1),
        workbook(formula),
        (422, "有公式", 0),
    );
    table.body(
        "half a workbook",
        ("xlsx", 1),
        cut(workbook(b"<worksheet/>"), 200),
        (422, "不是完整的 Excel 文件", 0),
    );
    let path = at("csv", 10, "other");
    let signed = table
        .signer
        .sign_request("POST", &path, b"other", site::now());
    table.add(
        "other bytes than were signed",
        path,
        signed,
        text(800),
        (422, "push.other_bytes", 0),
    );
    for (name, query) in [
        ("nothing said", ""),
        (
            "a word too many",
            "?as_of=2026-01-31&rows=2&batch=b&format=jsonl&whole=1",
        ),
        (
            "31 February",
            "?as_of=2026-02-31&rows=2&batch=b&format=jsonl",
        ),
        (
            "a batch number that climbs",
            "?as_of=2026-01-31&rows=2&batch=..%2F..&format=jsonl",
        ),
        (
            "a number of rows below nothing",
            "?as_of=2026-01-31&rows=-1&batch=b&format=jsonl",
        ),
    ] {
        let path = format!("/api/v1/data/land_contract{query}");
        let signed = table.signer.sign_request("POST", &path, b"x", site::now());
        table.add(
            name,
            path,
            signed,
            b"x".to_vec(),
            (400, "push.unreadable", 0),
        );
    }
}

async fn send(router: &Router, case: &Case) -> (u16, String) {
    let mut request = Request::post(&case.path);
    for (name, value) in case.signed.pairs() {
        request = request.header(
            name,
            axum::http::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
    }
    let request = request.body(Body::from(case.body.clone())).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    (answer.status().as_u16(), text(answer).await)
}

async fn records(app: &App) -> usize {
    let whose = engine_pool::Subject::Person("990101199001010035".parse().unwrap());
    let held = app
        .db()
        .read(async move |tx: &mut store::Tx| tx.records_about(&whose).await);
    held.await.unwrap().len()
}

/// The most memory this process held since [`forget_peak`].
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

/// What the table itself took to make does not count.
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

#[tokio::test]
async fn n02_every_hostile_call_is_refused_fast_with_a_reason_and_nothing_is_lost() {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/pinghu");
    for place in testing::places() {
        let law = app::Law::new(packs::load(&packs).pack.unwrap());
        let mut ring = KeyRing::default();
        for name in ["agri", "bank"] {
            ring.trust(name, testkit::demo_signer(name, 7).verifying_key());
        }
        let db = place.open().await;
        let ours = testkit::demo_signer("nuanxin", 7);
        let (router, app) = site::site_of(db, law, "330482000000".parse().unwrap(), |site| {
            site.with_parties(ring, Some(ours))
        })
        .await;
        let mut table = Table {
            signer: testkit::demo_signer("agri", 7),
            cases: Vec::new(),
        };
        table.body(
            "a good one",
            ("csv", 10),
            csv(1).into_bytes(),
            (200, "accepted", 10),
        );
        heads(&mut table);
        bodies(&mut table);
        let again = &table.cases[0];
        let (path, signed, body) = (again.path.clone(), again.signed.clone(), again.body.clone());
        table.add(
            "a nonce that was used",
            path.clone(),
            signed,
            body.clone(),
            (409, "push.replayed", 0),
        );
        let signed = table
            .signer
            .sign_request("POST", &path, &csv(900).into_bytes(), site::now());
        table.add(
            "a batch number for other content",
            path,
            signed,
            csv(900).into_bytes(),
            (409, "push.number_used", 0),
        );
        let path = at("csv", 10, "theirs");
        let signed = testkit::demo_signer("bank", 7).sign_request(
            "POST",
            &path,
            &csv(950).into_bytes(),
            site::now(),
        );
        table.add(
            "somebody without an agreement",
            path,
            signed,
            csv(950).into_bytes(),
            (403, "pool.no_agreement", 0),
        );
        forget_peak();
        let before = peak_kb();
        let (mut wanted, mut faults) = (0, Vec::new());
        for case in &table.cases {
            let told = format!("{}: {}", place.name, case.name);
            let begun = Instant::now();
            let (status, answer) = send(&router, case).await;
            let took = begun.elapsed();
            if status != case.status || !answer.contains(case.says) {
                let wanted = (case.status, case.says);
                faults.push(format!("{told}: {wanted:?} and not {status} {answer}"));
            }
            let read: Value = serde_json::from_str(&answer).unwrap();
            assert!(read.is_object(), "{told}");
            if took > Duration::from_secs(2) {
                faults.push(format!("{told}: {took:?}"));
            }
            wanted += case.added;
            let there = records(&app).await;
            if there != wanted {
                faults.push(format!("{told}: {there} records, not {wanted}"));
            }
            let more = peak_kb().saturating_sub(before);
            eprintln!("{told}: {took:?}, {more} kB more");
            if more > GROWTH_MAX_KB {
                faults.push(format!("{told}: {more} kB more"));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        eprintln!("{}: {} cases", place.name, table.cases.len());
        assert!(table.cases.len() >= 39, "{} cases", table.cases.len());
    }
}
