//! 「排印」 A paper becomes a PDF/A: one template per kind, no clock, no chance, no
//! file of the machine.

use crate::{Body, Letters, Paper, square_svg};
use typst::foundations::{Bytes, Smart};
use typst_as_lib::TypstEngine;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

const HOUSE: &str = include_str!("../templates/house.typ");

/// Why a paper was not printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Characters no font of the house has: the paper would have gaps.
    #[error("字库里没有这几个字：{}。请把有这些字的字库文件用 --font 指给程序，再打印", list(.0))]
    Letters(Vec<char>),
    /// A template or the typesetting broke.
    #[error("文书没有排成：{0}")]
    Broken(String),
}

fn list(letters: &[char]) -> String {
    let named = letters
        .iter()
        .map(|one| format!("“{one}”（U+{:04X}）", u32::from(*one)));
    named.collect::<Vec<_>>().join("、")
}

/// The template of a kind.
fn template(body: &Body) -> &'static str {
    match body {
        Body::Notice(_) => include_str!("../templates/notice.typ"),
        Body::Decision(_) => include_str!("../templates/decision.typ"),
        Body::Form(_) => include_str!("../templates/form.typ"),
        Body::Statement(_) => include_str!("../templates/statement.typ"),
    }
}

/// Prints a paper. The same paper and letters give the same bytes.
///
/// # Errors
/// A character nobody has letters for; a broken template.
pub fn print(paper: &Paper, letters: &Letters) -> Result<Vec<u8>, Fault> {
    let broken = |why: &dyn std::fmt::Display| Fault::Broken(why.to_string());
    let data = serde_json::to_string(paper).map_err(|why| broken(&why))?;
    let lacking = letters.lacking(&data);
    if !lacking.is_empty() {
        return Err(Fault::Letters(lacking));
    }
    let families = letters.families();
    let families = serde_json::to_string(&families).map_err(|why| broken(&why))?;
    let square = square_svg(&paper.head.square)?;
    let engine = TypstEngine::builder()
        .main_file(template(&paper.body))
        .fonts(letters.fonts().iter().cloned())
        .with_static_source_file_resolver([("house.typ", HOUSE)])
        .with_static_file_resolver([
            ("data.json", Bytes::new(data.into_bytes())),
            ("letters.json", Bytes::new(families.into_bytes())),
            ("code.svg", Bytes::new(square.into_bytes())),
        ])
        .build();
    let document = engine.compile().output.map_err(|why| broken(&why))?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a]);
    let options = PdfOptions {
        // Nothing of it depends on when or where it was printed.
        ident: Smart::Custom(paper.head.code.clone()),
        creator: Smart::Custom(Some("Nuanxin".to_owned())),
        timestamp: None,
        standards: standards.map_err(|why| broken(&why.message()))?,
        ..PdfOptions::default()
    };
    let printed = typst_pdf::pdf(&document, &options);
    printed.map_err(|faults| {
        let said: Vec<String> = faults.iter().map(|one| one.message.to_string()).collect();
        Fault::Broken(said.join("; "))
    })
}
