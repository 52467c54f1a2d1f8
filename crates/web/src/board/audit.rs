//! 「审计」 What was done and looked at, row by row; one row with its proof, and the
//! proof as a file that others check. Looking here is itself a row.

use crate::page::{Page, html, html_as, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::Context;
use app::audit::{AuditLine, AuditPage, AuditProof, Sought};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{Days, FixedOffset, NaiveTime};
use engine_access::Purpose;
use kernel::{Date, Instant, Role};
use serde::Deserialize;

/// Who reads the audit.
pub(crate) const WATCHERS: &[Role] = &[Role::Auditor, Role::AuditAdministrator];

#[derive(Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    account: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    page: u32,
}

#[derive(Template)]
#[template(path = "board/audit.html")]
struct AuditView {
    page: Page,
    asked: Asked,
    audit: AuditPage,
    known: bool,
    fault: Option<String>,
}

impl AuditView {
    /// The address of another page of the same search.
    fn turned(&self, page: u32) -> String {
        let asked = &self.asked;
        let parts = [
            ("account", &asked.account),
            ("subject", &asked.subject),
            ("action", &asked.action),
            ("from", &asked.from),
            ("to", &asked.to),
        ];
        let mut query = format!("page={page}");
        for (name, value) in parts {
            if !value.is_empty() {
                query.push_str(&format!("&{name}={}", percent(value)));
            }
        }
        format!("/audit?{query}")
    }

    fn next(&self) -> String {
        self.turned(self.asked.page + 1)
    }

    fn before(&self) -> String {
        self.turned(self.asked.page.saturating_sub(1))
    }

    fn purpose(&self, line: &AuditLine) -> String {
        purpose_words(&line.purpose)
    }
}

#[derive(Template)]
#[template(path = "board/audit_row.html")]
struct RowView {
    page: Page,
    proof: AuditProof,
}

impl RowView {
    fn purpose(&self, line: &AuditLine) -> String {
        purpose_words(&line.purpose)
    }
}

/// Why something was done, in words; what cannot be read stands as it is.
fn purpose_words(written: &str) -> String {
    match serde_json::from_str::<Purpose>(written) {
        Ok(Purpose::Own) => "本人的事".to_owned(),
        Ok(Purpose::Case(case)) => format!("办件 {case}"),
        Ok(Purpose::Visit(lead)) => format!("线索 {lead}"),
        Ok(Purpose::Counter) => "窗口来人".to_owned(),
        Ok(Purpose::Assessment(one)) => format!("评估 {one}"),
        Ok(Purpose::Alarm(alarm)) => format!("告警 {alarm}"),
        Ok(Purpose::Discovery) => "政策找人".to_owned(),
        Ok(Purpose::Payment(batch)) => format!("发放 {batch}"),
        Ok(Purpose::Collection) => "数据归集".to_owned(),
        Ok(Purpose::Audit(why)) => format!("审计：{why}"),
        Ok(Purpose::Administration) => "管理系统".to_owned(),
        Ok(Purpose::Duty) => "当班".to_owned(),
        Err(_) => written.to_owned(),
    }
}

/// Midnight here at the beginning of a day.
fn midnight(day: Date) -> Option<Instant> {
    let east = FixedOffset::east_opt(8 * 3600)?;
    let local = day.and_time(NaiveTime::MIN).and_local_timezone(east);
    Some(local.single()?.to_utc())
}

/// What is looked for.
///
/// # Errors
/// A sentence about a day that is none.
fn sought(asked: &Asked) -> Result<Sought, String> {
    let day = |text: &str| match text.trim() {
        "" => Ok(None),
        text => {
            let wrong = |_| format!("“{text}”不是日子。请写成 2026-09-01");
            text.parse::<Date>().map(Some).map_err(wrong)
        }
    };
    let to = day(&asked.to)?.and_then(|day| day.checked_add_days(Days::new(1)));
    Ok(Sought {
        account: asked.account.clone(),
        subject: asked.subject.clone(),
        action: asked.action.clone(),
        from: day(&asked.from)?.and_then(midnight),
        to: to.and_then(midnight),
        page: asked.page,
    })
}

fn context(page: &Page) -> Result<Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    Ok(visitor.acts(Purpose::Audit("看审计".to_owned()), String::new()))
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let ctx = context(&page)?;
    let (sought, fault) = match sought(&asked) {
        Ok(sought) => (sought, None),
        Err(says) => (Sought::default(), Some(says)),
    };
    let audit = site.app.audit_page(&ctx, &sought, site.log()).await?;
    let status = match fault {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = AuditView {
        page: page.titled("审计"),
        known: site.log().is_some(),
        asked,
        audit,
        fault,
    };
    Ok(html_as(status, &view))
}

pub(super) async fn row(
    State(site): State<Site>,
    page: Page,
    Path(row): Path<i64>,
) -> Result<Response, Trouble> {
    let ctx = context(&page)?;
    let proof = site.app.audit_proof(&ctx, row, site.log()).await?;
    Ok(html(&RowView {
        page: page.titled("审计，一条记录"),
        proof,
    }))
}

pub(super) async fn file(
    State(site): State<Site>,
    page: Page,
    Path(row): Path<i64>,
) -> Result<Response, Trouble> {
    let ctx = context(&page)?;
    let proof = site.app.audit_proof(&ctx, row, site.log()).await?;
    let says = "这条记录还在等下一个检查点，那以后才有证明";
    let proven = proof
        .proven
        .ok_or_else(|| Trouble::new(StatusCode::NOT_FOUND, says))?;
    let name = format!("attachment; filename=\"audit-{row}.json\"");
    let head = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((head, proven.file).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_here_and_its_last_moment_belongs_to_it() {
        let asked = |from: &str, to: &str| Asked {
            from: from.to_owned(),
            to: to.to_owned(),
            ..Asked::default()
        };
        let found = sought(&asked("2026-09-01", "2026-09-01")).unwrap();
        let moment = |text: &str| Some(text.parse::<Instant>().unwrap());
        assert_eq!(found.from, moment("2026-08-31T16:00:00Z"));
        assert_eq!(found.to, moment("2026-09-01T16:00:00Z"));
        assert_eq!(sought(&asked("", "")).unwrap(), Sought::default());
        let says = sought(&asked("昨天", "")).unwrap_err();
        assert!(says.contains("“昨天”不是日子"));
    }
}
