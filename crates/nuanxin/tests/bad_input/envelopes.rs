//! What can be wrong around the rows: the workbook that holds them, the slip.

use super::case::{Case, put, refused, taken};
use super::files::*;
use serde_json::json;
use std::fs::{self, File};
use std::io::Write as _;

pub(crate) fn workbooks() -> Vec<Case> {
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
            &["xl/worksheets/sheet1.xml 解不开"],
            |_, at| {
                let bomb = workbook(&vec![b' '; 256 << 20], &no_strings());
                put(Delivery::cancers(lying(bomb, 256 << 20, 100)), at)
            },
        ),
        refused("an XML bomb", 1, &["XML 炸弹"], |_, at| {
            let lol =
                |n: usize| format!("<!ENTITY e{} \"{}\">", n + 1, format!("&e{n};").repeat(10));
            let entities: String = (0..9).map(lol).collect();
            let sheet = format!(
                "<!DOCTYPE worksheet [<!ENTITY e0 \"哈哈\">{entities}]><worksheet><sheetData>\
                 <row><c t=\"inlineStr\"><is><t>&e9;</t></is></c></row></sheetData></worksheet>"
            );
            put(
                Delivery::cancers(workbook(sheet.as_bytes(), &no_strings())),
                at,
            )
        }),
        refused("an entity from a file", 1, &["XML 炸弹"], |_, at| {
            let sheet = b"<!DOCTYPE w [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><worksheet>\
                          <sheetData><row><c t=\"inlineStr\"><is><t>&x;</t></is></c></row></sheetData></worksheet>";
            put(Delivery::cancers(workbook(sheet, &no_strings())), at)
        }),
        refused(
            "a formula in a sheet",
            1,
            &["第 4 行有公式", "只粘贴值"],
            |n, at| {
                let text = String::from_utf8(sheet(&grants(n))).unwrap();
                let cell = format!("<c t=\"inlineStr\"><is><t>W{n}-2</t></is></c>");
                let formula =
                    format!("<c t=\"str\"><f>WEBSERVICE(\"http://x\")</f><v>W{n}-2</v></c>");
                let bent = text.replace(&cell, &formula);
                assert_ne!(bent, text);
                put(
                    Delivery::cancers(workbook(bent.as_bytes(), &no_strings())),
                    at,
                )
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

pub(crate) fn slips() -> Vec<Case> {
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
