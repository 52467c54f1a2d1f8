//! What can be wrong inside a file: its letters, its shape, its cells.

use super::case::{Case, cell, endless, put, refused, taken};
use super::files::*;
use serde_json::json;

pub(crate) fn encodings() -> Vec<Case> {
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

pub(crate) fn shapes() -> Vec<Case> {
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
        taken(
            "rows in another order",
            0,
            &["10 行，收下 10 行"],
            ROWS,
            |n, at| {
                let mut table = vehicles(n);
                table[1..].reverse();
                put(Delivery::vehicles(gb(&csv(&table))), at)
            },
        ),
        taken(
            "columns in another order",
            0,
            &["10 行，收下 10 行"],
            ROWS,
            |n, at| {
                let mut table = vehicles(n);
                table.iter_mut().for_each(|row| row.rotate_left(3));
                put(Delivery::vehicles(gb(&csv(&table))), at)
            },
        ),
        refused(
            "every row twice",
            1,
            &["整批退回", "20行中有10行有错"],
            |n, at| {
                let mut table = vehicles(n);
                table.extend(table.clone().into_iter().skip(1));
                put(
                    Delivery::vehicles(gb(&csv(&table))).slip(json!({"rows": 2 * ROWS})),
                    at,
                )
            },
        ),
        refused(
            "cut after a row",
            1,
            &["清单说有 10 行，文件里是 6 行"],
            |n, at| {
                let mut table = vehicles(n);
                table.truncate(7);
                put(Delivery::vehicles(gb(&csv(&table))), at)
            },
        ),
        refused(
            "cut inside a row, the slip made anew",
            1,
            &["整批退回"],
            |n, at| {
                let mut text = csv(&vehicles(n)[..4].to_vec());
                text.truncate(text.rfind("2016-11").unwrap());
                put(Delivery::vehicles(gb(&text)).slip(json!({"rows": 3})), at)
            },
        ),
        refused(
            "a column nobody agreed on",
            1,
            &["表头多出：工资"],
            |n, at| {
                let mut table = vehicles(n);
                table[0].push("工资".to_owned());
                table[1..]
                    .iter_mut()
                    .for_each(|row| row.push("1".to_owned()));
                put(Delivery::vehicles(gb(&csv(&table))), at)
            },
        ),
        taken(
            "a cell of 600 kB",
            0,
            &["第4行", "太长了"],
            ROWS - 1,
            |n, at| put(cell(n, "品牌", &"长".repeat(300_000)), at),
        ),
        refused("twenty thousand columns", 1, &["等 20000 列"], |n, at| {
            let mut table = vehicles(n);
            table[0].extend((0..20_000).map(|at| format!("c{at}")));
            put(Delivery::vehicles(gb(&csv(&table))), at)
        }),
        refused(
            "a million rows of nothing",
            1,
            &["整批退回"],
            |n, at| {
                let text = csv(&vehicles(n)[..1].to_vec()) + &"x\n".repeat(1_000_000);
                put(
                    Delivery::vehicles(gb(&text)).slip(json!({"rows": 1_000_000})),
                    at,
                )
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

pub(crate) fn cells() -> Vec<Case> {
    vec![
        taken(
            "a formula in a cell",
            0,
            &["第4行", "像是公式"],
            ROWS - 1,
            |n, at| put(cell(n, "品牌", "=HYPERLINK(A1;B2)"), at),
        ),
        taken(
            "a command behind an at sign",
            0,
            &["第4行", "像是公式"],
            ROWS - 1,
            |n, at| put(cell(n, "品牌", "@SUM(1)|cmd"), at),
        ),
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
