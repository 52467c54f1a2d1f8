//! 「提级验证」 Proving anew who sits there, by a code or a passkey; a form that waited
//! for it is given back filled, to be looked at and sent by its author.

use super::demo_code;
use crate::look::local;
use crate::page::{Page, Signed, html, html_as, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use askama::Template;
use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "session/prove.html")]
pub(super) struct ProvePage {
    page: Page,
    back: String,
    kept: String,
    fault: Option<String>,
    code: String,
    passkeys: bool,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    back: Option<String>,
    #[serde(default)]
    kept: String,
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let back = local(asked.back.as_deref());
    Ok(html(
        &prove_page(&site, page, back, asked.kept, None).await?,
    ))
}

/// In a demonstration the code is shown: nobody has its generator in the pocket.
pub(super) async fn prove_page(
    site: &Site,
    page: Page,
    back: String,
    kept: String,
    fault: Option<String>,
) -> Result<ProvePage, Trouble> {
    let login = page.visitor.as_ref().map(|one| one.actor.account.clone());
    let mut known = site.settings.demo.iter();
    let code = match known.find(|one| Some(&one.login) == login.as_ref()) {
        Some(one) => demo_code(site, one).await?,
        None => None,
    };
    Ok(ProvePage {
        page: page.titled("证明是您本人"),
        passkeys: site.passkeys().is_some(),
        back,
        kept,
        fault,
        code: code.unwrap_or_default().0,
    })
}

#[derive(Deserialize)]
pub(super) struct Proof {
    code: String,
    #[serde(default)]
    back: String,
    #[serde(default)]
    kept: String,
}

pub(super) async fn by_code(
    State(site): State<Site>,
    page: Page,
    Extension(signed): Extension<Signed>,
    Form(proof): Form<Proof>,
) -> Result<Response, Trouble> {
    let token = signed.token.ok_or_else(Trouble::nothing)?;
    match site.app.prove(&token, &proof.code).await {
        Ok(()) => Ok(proved(&proof.back, &proof.kept)),
        Err(AppError::Refused(refused)) => {
            let back = local(Some(&proof.back));
            let shown = prove_page(&site, page, back, proof.kept, Some(refused.says)).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(other) => Err(other.into()),
    }
}

/// Where it goes on: to the form that waited, or back.
pub(super) fn proved(back: &str, kept: &str) -> Response {
    match kept.is_empty() {
        true => Redirect::to(&local(Some(back))).into_response(),
        false => Redirect::to(&format!("/prove/kept?kept={}", percent(kept))).into_response(),
    }
}

/// Names of fields that carry no words of a person.
const SILENT: &[&str] = &[
    "request",
    "offer",
    "case",
    "person",
    "field",
    "step",
    "line",
    "seen",
    "scope",
    "month",
    "accepted",
    "household",
    "in_favour",
    "paper",
    "result",
    "signed",
    "upheld",
    "waive",
    "way",
    "finished",
];

#[derive(Template)]
#[template(path = "session/kept.html")]
struct KeptPage {
    page: Page,
    action: String,
    back: String,
    silent: Vec<(String, String)>,
    typed: Vec<TypedField>,
}

struct TypedField {
    name: String,
    label: &'static str,
    value: String,
}

#[derive(Deserialize)]
pub(super) struct Kept {
    #[serde(default)]
    kept: String,
}

pub(super) async fn kept(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Kept>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Administration, String::new());
    let form = site.app.carried_form(&ctx, &asked.kept).await?;
    let Some(form) = form else {
        let says = "您填的放得太久，已经清掉了。请打开原来的页面再填一次";
        return Err(Trouble::new(StatusCode::GONE, says));
    };
    let (silent, typed): (Vec<_>, Vec<_>) = form
        .fields
        .into_iter()
        .partition(|(name, _)| SILENT.contains(&name.as_str()));
    let typed = typed.into_iter().map(|(name, value)| TypedField {
        label: label(&name),
        name,
        value,
    });
    let typed = typed.collect();
    Ok(html(&KeptPage {
        page: page.titled("您填的都在"),
        action: local(Some(&form.action)),
        back: local(Some(&form.back)),
        silent,
        typed,
    }))
}

/// What a field is called; a name nobody knows is said plainly.
fn label(name: &str) -> &'static str {
    match name {
        "reason" | "reasons" | "why" => "原因",
        "words" | "opinion" => "说明",
        "says" => "意见",
        "found" => "看到、查到的",
        "points" => "要说的",
        "text" | "answer" => "答复",
        "question" => "要请示的",
        "asks" => "要请他做的",
        "tolerate" => "为什么先受理",
        "how" => "怎样知道的",
        "on" => "日子",
        "decided_by" => "谁定的",
        "document_no" => "文号",
        "basis" | "rule" => "依据",
        "evidence" | "source" => "证据",
        "remedy" => "不服怎么办",
        "card" => "新卡号",
        "holder" => "户名",
        "note" => "给谁用，做什么",
        "days" => "有效几天",
        "amount" => "金额",
        _ => "您填的",
    }
}
