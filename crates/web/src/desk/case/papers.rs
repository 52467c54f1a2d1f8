//! 「材料」 What was handed in, opened; and what somebody brings to the counter.

use super::{CasePage, Fault, draw, visitor};
use crate::files::{Upload, served};
use crate::page::{Page, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use app::AppError;
use app::attachment::{AttachedTo, HandedIn};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{CaseId, DocumentId, Role};

/// Who takes papers in for a household.
pub(super) const TAKERS: &[Role] = &[Role::VillageWorker, Role::TownOfficer];

pub(super) async fn open(
    State(site): State<Site>,
    page: Page,
    Path((case, document)): Path<(i64, i64)>,
) -> Result<Response, Trouble> {
    let case = CaseId(case);
    let ctx = visitor(&page)?.acts(Purpose::Case(case), "");
    let opened = site.app.attached(&ctx, case, DocumentId(document)).await;
    Ok(served(opened.map_err(crate::desk::unseen)?))
}

pub(super) async fn take_in(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
    upload: Upload,
) -> Result<Response, Trouble> {
    let case = CaseId(case);
    let done = hand_over(&site, &page, case, upload).await;
    let fault = match done {
        Ok(()) => return Ok(Redirect::to(&format!("/desk/cases/{case}?done=1")).into_response()),
        Err(AppError::Refused(why)) if !why.code.starts_with("access.") => Fault {
            says: why.says,
            article: why.article,
        },
        Err(AppError::BadInput(says)) => Fault {
            says,
            article: None,
        },
        Err(other) => return Err(crate::desk::unseen(other)),
    };
    let shown = draw(&site, page, case, None, None).await?;
    let fault = Some(fault);
    let shown = CasePage { fault, ..shown };
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

/// Keeps the files; with `again` the application goes back to be taken up.
async fn hand_over(site: &Site, page: &Page, case: CaseId, upload: Upload) -> app::Result<()> {
    let visitor = page.visitor.as_ref();
    let refused = || AppError::refused(engine_access::Refusal::NotAPerson);
    let visitor = visitor.ok_or_else(refused)?;
    let request = upload.one("request").to_owned();
    let acts = |key: String| visitor.acts(Purpose::Case(case), key);
    let again = !upload.one("again").is_empty();
    let kind = upload.one("kind").to_owned();
    if upload.files.is_empty() && !again {
        let says = "还没有选照片或文件，请选一个";
        return Err(AppError::BadInput(says.to_owned()));
    }
    for (at, (_, name, body)) in upload.files.into_iter().enumerate() {
        let unknown = |_| AppError::BadInput("请选是哪一样材料".to_owned());
        let paper = kind.parse().map_err(unknown)?;
        let given = HandedIn {
            purpose: AttachedTo::Paper(paper),
            name,
            body,
        };
        site.app
            .attach(&acts(format!("{request}/{at}")), case, given)
            .await?;
    }
    if again {
        site.app
            .submit_case(&acts(request), case, Vec::new())
            .await?;
    }
    Ok(())
}
