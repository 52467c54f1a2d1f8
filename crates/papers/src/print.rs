//! 「排印」 A paper becomes a PDF/A: one template per kind, no clock, no chance, no
//! file of the machine.

use crate::desk::Desk;
use crate::{Body, Letters, Paper, square_svg};
use typst::diag::SourceDiagnostic;
use typst::foundations::{Bytes, Smart};
use typst_layout::PagedDocument;
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
        Body::Check(_) => include_str!("../templates/check.typ"),
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
    let world = Desk::new(
        template(&paper.body),
        letters,
        [
            ("house.typ", Bytes::from_string(HOUSE)),
            ("data.json", Bytes::from_string(data)),
            ("letters.json", Bytes::from_string(families)),
            ("code.svg", Bytes::from_string(square)),
        ],
    )
    .map_err(|why| broken(&why))?;
    let document = typst::compile::<PagedDocument>(&world).output;
    // What typesetting remembers of a paper is of no use to the next, and holds names.
    comemo::evict(0);
    let document = document.map_err(|faults| said(&faults))?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a]);
    let options = PdfOptions {
        // Nothing of it depends on when or where it was printed.
        ident: Smart::Custom(paper.head.code.clone()),
        creator: Smart::Custom(Some("Nuanxin".to_owned())),
        timestamp: None,
        standards: standards.map_err(|why| broken(&why.message()))?,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|faults| said(&faults))
}

fn said(faults: &[SourceDiagnostic]) -> Fault {
    let said: Vec<String> = faults.iter().map(|one| one.message.to_string()).collect();
    Fault::Broken(said.join("; "))
}
