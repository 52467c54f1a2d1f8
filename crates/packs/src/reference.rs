//! 「写法手册」 Every key of every kind of file as a page for pack authors
//! (docs/packs.md), made from the key tables the loader walks by.

use crate::form::Form;
use crate::keys::{PACK_FILE, ROOTS};
use crate::read::flow::NOTICE_WORDS;
use crate::shape::{Kind, Shape};
use std::fmt::Write as _;

const INTRO: &str = "\
# 规则包的写法

这一页由 `cargo run -p packs --example reference > docs/packs.md` 生成，和装入程序用的是同一份键表；不要手改。

一个包是一个文件夹，里面有 `pack.toml`、`regions.csv`（区划）、`holidays.csv`（放假安排），其余的 `*.toml` 看开头的表就知道是什么。
包可以一级接一级（省 ← 市 ← 县）：下级只写和上级不同的地方，写在 `[overlay]` 文件里；谁改了谁的什么，`nuanxin pack show` 会列出两处的位置。

- `nuanxin pack check 文件夹`：一次说出所有错误，每处都有文件、行、列，划出是哪几个字，说明是不是想写别的。
- `nuanxin pack test 文件夹`：把每个例子判断一遍。
- `nuanxin pack schema`：给编辑器用的 JSON Schema。

★ 是必须写的。“算式”是规则语言；“文字，可以含 {算式}”里的值连单位一起显示。
";

/// The page, in Markdown.
pub fn key_reference() -> String {
    let mut page = Page {
        text: INTRO.to_owned(),
        done: Vec::new(),
    };
    let titles: [&str; ROOTS.len()] = [
        "一项服务",
        "共用词汇",
        "部门数据目录",
        "本地改动",
        "联办",
        "数据共享协议",
        "工单",
        "评估表",
        "可约事项",
        "规划",
        "人生大事",
        "账本",
    ];
    page.file("pack.toml", &PACK_FILE);
    for ((root, shape), title) in ROOTS.iter().zip(titles) {
        page.file(&format!("{title}：`[{root}]` 文件"), shape);
    }
    page.words();
    page.text
}

struct Page {
    text: String,
    /// Names of shapes already shown.
    done: Vec<&'static str>,
}

impl Page {
    fn file(&mut self, title: &str, shape: &'static Shape) {
        let _ = write!(self.text, "\n## {title}\n");
        let mut open = vec![shape];
        while !open.is_empty() {
            let shape = open.remove(0);
            if self.done.contains(&shape.name) {
                continue;
            }
            self.done.push(shape.name);
            open.extend(self.table(shape));
        }
    }

    /// One table of keys; returns the tables beneath.
    fn table(&mut self, shape: &'static Shape) -> Vec<&'static Shape> {
        let partial = match shape.partial {
            true => "（本地改动里：只写不同的键）",
            false => "",
        };
        let says = shape.says.trim();
        let _ = write!(
            self.text,
            "\n**{says}**{partial}\n\n| 键 | 写什么 | 说明 |\n|---|---|---|\n"
        );
        let mut beneath = Vec::new();
        for key in shape.keys {
            let must = key.must && (!shape.partial || key.name == "id");
            let star = if must { " ★" } else { "" };
            let kind = cell(&key.kind);
            let _ = writeln!(
                self.text,
                "| `{}`{star} | {kind} | {} |",
                key.name, key.says
            );
            shapes(&key.kind, &mut beneath);
        }
        beneath
    }

    fn words(&mut self) {
        self.text
            .push_str("\n## 告知里可以写的词\n\n| 写 | 意思 |\n|---|---|\n");
        for (word, says) in NOTICE_WORDS {
            let _ = writeln!(self.text, "| `{{{word}}}` | {says} |");
        }
    }
}

fn cell(kind: &Kind) -> String {
    match kind {
        Kind::Text(Form::Word(words)) => {
            let words = words.iter();
            let words: Vec<String> = words
                .map(|(word, says)| format!("`{word}` {says}"))
                .collect();
            words.join("、")
        }
        Kind::List(item) => format!("列表，每项：{}", cell(item)),
        Kind::Either(kinds) => {
            let kinds: Vec<String> = kinds.iter().map(cell).collect();
            kinds.join("；或")
        }
        Kind::Table(shape) => format!("见 {}", shape.says.trim()),
        Kind::Named(shape) => format!("每个名字一组，见 {}", shape.says.trim()),
        other => other.says(),
    }
}

fn shapes(kind: &Kind, found: &mut Vec<&'static Shape>) {
    match kind {
        Kind::Table(shape) | Kind::Named(shape) => found.push(shape),
        Kind::List(item) => shapes(item, found),
        Kind::Either(kinds) => kinds.iter().for_each(|one| shapes(one, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_docs_is_what_the_loader_walks_by() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/packs.md");
        let page = std::fs::read_to_string(path).unwrap();
        assert!(
            page == key_reference(),
            "docs/packs.md 旧了：cargo run -p packs --example reference > docs/packs.md"
        );
    }
}
