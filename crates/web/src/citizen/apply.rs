//! 「申请」 Three steps, one application: what is wanted, what only the household can
//! say, a last look with consents. Everything is kept as it is filled in.
//! Rows: A09, A12.

use super::{Sent, Where, context, request_key};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::resident::{Application, Finding, Kind, Question, Slot, Wanted, Wrong};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_case::{Answer, AnswerValue};
use kernel::{PersonId, Slug};
use std::collections::{BTreeMap, BTreeSet};

/// The line under a service to tick.
fn hint(one: &Wanted) -> String {
    let who = one.who.as_ref().map(|who| who.name.as_str());
    let says = match one.finding {
        Finding::FoundNotReceiving => "查过了，符合",
        Finding::ConsentWouldTell => "您同意查一查就知道",
        Finding::Undetermined => "还要问您几句",
        _ => "按现在查到的不符合，也可以申请，由人来看",
    };
    match who {
        Some(who) => format!("{who}。{says}"),
        None => says.to_owned(),
    }
}

/// How a service to tick is named in the form.
fn tick(one: &Wanted) -> String {
    match &one.who {
        Some(who) => format!("{}.{}", one.service, who.person),
        None => one.service.to_string(),
    }
}

fn unticked(text: &str) -> Option<(Slug, Option<PersonId>)> {
    match text.split_once('.') {
        Some((service, who)) => Some((service.parse().ok()?, Some(PersonId(who.parse().ok()?)))),
        None => Some((text.parse().ok()?, None)),
    }
}

#[derive(Template)]
#[template(path = "citizen/apply.html")]
struct ChoosePage {
    page: Page,
    at: Where,
    form: Application,
    request: String,
    fault: Option<String>,
}

impl ChoosePage {
    /// What looking it over speaks for, then the rest.
    fn likely(&self) -> Vec<&Wanted> {
        let all = self.form.wanted.iter();
        all.filter(|one| is_likely(one)).collect()
    }

    fn others(&self) -> Vec<&Wanted> {
        let all = self.form.wanted.iter();
        all.filter(|one| !is_likely(one)).collect()
    }
}

fn is_likely(one: &Wanted) -> bool {
    let found = matches!(
        one.finding,
        Finding::FoundNotReceiving | Finding::ConsentWouldTell
    );
    found || one.ticked || one.running.is_some()
}

fn titled(page: Page, title: &str, solemn: bool) -> Page {
    let mut page = page.titled(title);
    page.solemn = solemn;
    page
}

pub(crate) async fn choose(
    State(site): State<Site>,
    page: Page,
    Query(at): Query<Where>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let form = site.app.application(&ctx, at.household()).await?;
    Ok(html(&ChoosePage {
        page: titled(page, "要办哪几样", form.solemn),
        request: request_key()?,
        fault: None,
        at,
        form,
    }))
}

pub(crate) async fn begin(
    State(site): State<Site>,
    page: Page,
    Query(at): Query<Where>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let wants: BTreeSet<_> = sent.all("want").filter_map(unticked).collect();
    if wants.is_empty() {
        let form = site
            .app
            .application(&context(&page, "")?, at.household())
            .await?;
        let drawn = ChoosePage {
            page: titled(page, "要办哪几样", form.solemn),
            request: sent.one("request").to_owned(),
            fault: Some("请至少选一样".to_owned()),
            at,
            form,
        };
        return Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn));
    }
    let ctx = context(&page, sent.one("request"))?;
    site.app
        .begin_application(&ctx, at.household(), wants)
        .await?;
    Ok(Redirect::to(&at.at("/apply/answers")).into_response())
}

#[derive(Template)]
#[template(path = "citizen/answers.html")]
struct AnswersPage {
    page: Page,
    at: Where,
    form: Application,
    request: String,
    /// What was typed and could not all be kept.
    typed: BTreeMap<String, String>,
    wrong: Vec<Wrong>,
}

impl AnswersPage {
    fn typed(&self, question: &Question, slot: &Slot) -> String {
        let kept = slot.value.as_ref().map(|value| question.kind.typed(value));
        let typed = self.typed.get(&slot.field).cloned();
        typed.or(kept).unwrap_or_default()
    }

    fn fault(&self, slot: &Slot) -> Option<String> {
        let wrong = self.wrong.iter().find(|one| one.field == slot.field);
        wrong.map(|one| one.says.clone())
    }

    /// The fields of a question that is only asked sometimes.
    fn fields(&self, question: &Question) -> String {
        let fields: Vec<&str> = question
            .slots
            .iter()
            .map(|one| one.field.as_str())
            .collect();
        fields.join(" ")
    }

    fn hint(&self, question: &Question) -> String {
        let money = matches!(question.kind, Kind::Money(_));
        let usual = if money {
            "说个大概就行。没有就写 0"
        } else {
            ""
        };
        let needed = if question.required {
            "这一项要填"
        } else {
            ""
        };
        let help = question.help.as_deref().unwrap_or(usual);
        let only = question.only_when().unwrap_or_default();
        let parts: Vec<&str> = [help, only.as_str(), needed]
            .into_iter()
            .filter(|one| !one.is_empty())
            .collect();
        parts.join("。")
    }
}

pub(crate) async fn answers(
    State(site): State<Site>,
    page: Page,
    Query(at): Query<Where>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let form = site.app.application(&ctx, at.household()).await?;
    if form.drafts.is_empty() {
        return Ok(Redirect::to(&at.at("/apply")).into_response());
    }
    Ok(html(&AnswersPage {
        page: titled(page, "只问您这些", form.solemn),
        request: request_key()?,
        typed: BTreeMap::new(),
        wrong: Vec::new(),
        at,
        form,
    }))
}

pub(crate) async fn fill(
    State(site): State<Site>,
    page: Page,
    Query(at): Query<Where>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let form = site
        .app
        .application(&context(&page, "")?, at.household())
        .await?;
    let typed = sent.by_name();
    let (mut read, mut wrong) = (Vec::new(), Vec::new());
    for question in &form.questions {
        for slot in &question.slots {
            let text = typed.get(&slot.field).map_or("", String::as_str);
            match question.read(slot, text) {
                Ok(answer) => read.extend(answer),
                Err(why) => wrong.push(why),
            }
        }
    }
    // What does not apply is neither kept nor asked for.
    let off = site.app.not_asked(&form, &read)?;
    read.retain(|one| !off.contains(&field_of(one)));
    wrong.retain(|one| !off.contains(&one.field));
    let saves = !sent.one("save").is_empty();
    if wrong.is_empty() && !saves {
        wrong = form.lacking(&read, &off);
    }
    // What can be read is kept even when something else must be mended.
    if !read.is_empty() {
        let ctx = context(&page, sent.one("request"))?;
        site.app
            .fill_application(&ctx, at.household(), read)
            .await?;
    }
    if !wrong.is_empty() {
        let drawn = AnswersPage {
            page: titled(page, "只问您这些", form.solemn),
            request: request_key()?,
            typed,
            wrong,
            at,
            form,
        };
        return Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn));
    }
    let to = match saves {
        true => "/cases".to_owned(),
        false => at.at("/apply/look"),
    };
    Ok(Redirect::to(&to).into_response())
}

/// The field of a form an answer was typed in.
fn field_of(answer: &Answer) -> String {
    match answer.about {
        Some(person) => format!("{}.{person}", answer.field),
        None => answer.field.to_string(),
    }
}

/// Which fields do not apply to what is typed just now: a script hides them.
pub(crate) async fn asked(
    State(site): State<Site>,
    page: Page,
    Query(at): Query<Where>,
    Form(sent): Form<Sent>,
) -> Result<axum::Json<Vec<String>>, Trouble> {
    let ctx = context(&page, "")?;
    let form = site.app.application(&ctx, at.household()).await?;
    let typed = sent.by_name();
    let slots = form.questions.iter();
    let slots = slots.flat_map(|one| one.slots.iter().map(move |slot| (one, slot)));
    let read: Vec<Answer> = slots
        .filter_map(|(question, slot)| {
            let text = typed.get(&slot.field)?;
            question.read(slot, text).ok().flatten()
        })
        .collect();
    let off = site.app.not_asked(&form, &read)?;
    Ok(axum::Json(off.into_iter().collect()))
}

#[derive(Template)]
#[template(path = "citizen/look.html")]
struct LookPage {
    page: Page,
    at: Where,
    form: Application,
    request: String,
    given: BTreeSet<(Slug, PersonId)>,
    /// Field and sentence.
    wrong: Vec<Wrong>,
}

impl LookPage {
    fn spoken(&self, question: &Question, value: &AnswerValue) -> String {
        question.spoken(value)
    }

    fn is_given(&self, consent: &Slug, person: PersonId) -> bool {
        self.given.contains(&(consent.clone(), person))
    }

    fn fault(&self, consent: &Slug, person: PersonId) -> Option<&str> {
        let field = consent_field(consent, person);
        let wrong = self.wrong.iter().find(|one| one.field == field);
        wrong.map(|one| one.says.as_str())
    }
}

fn consent_field(consent: &Slug, person: PersonId) -> String {
    format!("{consent}.{person}")
}

pub(crate) async fn look(
    State(site): State<Site>,
    page: Page,
    Query(at): Query<Where>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let form = site.app.application(&ctx, at.household()).await?;
    if form.drafts.is_empty() {
        return Ok(Redirect::to(&at.at("/apply")).into_response());
    }
    Ok(html(&LookPage {
        page: titled(page, "看一遍，没错就交", form.solemn),
        request: request_key()?,
        given: BTreeSet::new(),
        wrong: Vec::new(),
        at,
        form,
    }))
}

pub(crate) async fn submit(
    State(site): State<Site>,
    page: Page,
    Query(at): Query<Where>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, sent.one("request"))?;
    let form = site.app.application(&ctx, at.household()).await?;
    let given: BTreeSet<(Slug, PersonId)> = sent
        .all("consent")
        .filter_map(unticked)
        .filter_map(|(consent, who)| Some((consent, who?)))
        .collect();
    let wanted = form
        .consents
        .iter()
        .flat_map(|one| one.by.iter().map(move |who| (one, who)));
    let lacking = wanted.filter(|(one, who)| !given.contains(&(one.consent.clone(), who.person)));
    let wrong: Vec<Wrong> = lacking
        .map(|(one, who)| Wrong {
            field: consent_field(&one.consent, who.person),
            says: format!("还要{}本人同意", who.name),
        })
        .collect();
    // A doubled click finds the drafts handed in already and gets its first answer.
    if !form.drafts.is_empty() && !wrong.is_empty() {
        let drawn = LookPage {
            page: titled(page, "看一遍，没错就交", form.solemn),
            request: sent.one("request").to_owned(),
            given,
            wrong,
            at,
            form,
        };
        return Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn));
    }
    let sent = site
        .app
        .submit_application(&ctx, at.household(), given)
        .await?;
    let to = match sent.value.first() {
        Some(case) => format!("/cases/{case}/sent"),
        None => "/cases".to_owned(),
    };
    Ok(Redirect::to(&to).into_response())
}
