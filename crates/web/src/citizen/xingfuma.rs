//! 「幸福码」 The owner's code of this minute as a square, and who scanned it.
//! Rows: A17.

use super::context;
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::xingfuma::CodeShown;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::fmt::Write as _;

/// The quiet edge a square needs, modules.
const EDGE: usize = 4;

#[derive(Template)]
#[template(path = "citizen/xingfuma.html")]
struct CodePage {
    page: Page,
    shown: CodeShown,
    /// How many modules wide the square is, with its edge.
    width: usize,
    /// The dark modules as a path.
    path: String,
}

impl CodePage {
    /// The code in fours, to read out.
    fn spoken(&self) -> String {
        let letters: Vec<char> = self.shown.code.chars().filter(|one| *one != '-').collect();
        let groups = letters
            .chunks(4)
            .map(|four| four.iter().collect::<String>());
        groups.collect::<Vec<_>>().join(" ")
    }
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let shown = site.app.show_code(&context(&page, "")?).await?;
    let (width, path) = drawn(&shown.code)?;
    let page = page.titled("幸福码");
    Ok(html(&CodePage {
        page,
        shown,
        width,
        path,
    }))
}

/// A text as a square: how many modules wide with its edge, and the dark ones as a path.
pub(crate) fn drawn(text: &str) -> Result<(usize, String), Trouble> {
    let square = papers::square(text).map_err(|why| {
        tracing::error!(%why, "a square was not drawn");
        Trouble::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "码没有画出来，是我们出了问题",
        )
    })?;
    let mut path = String::new();
    for (y, row) in square.iter().enumerate() {
        for x in row
            .iter()
            .enumerate()
            .filter(|(_, dark)| **dark)
            .map(|(x, _)| x)
        {
            let _ = write!(path, "M{} {}h1v1h-1z", x + EDGE, y + EDGE);
        }
    }
    Ok((square.len() + 2 * EDGE, path))
}
