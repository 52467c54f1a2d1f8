//! 「上门评估」 The sheet on a telephone: begun, saved in part, signed. Works without
//! scripts. Nobody sees what the other assessor wrote before both have signed.

use super::said;
use crate::desk::{Taken, place, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::assess::{AssessBody, AssessPerson, AssessmentPage, Listed, SheetLine};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use engine_assessment::{Answer, Answers, Command, Phase, Question, Value};
use kernel::{AssessmentId, BodyId, PersonNumber};

/// A body to choose from.
struct Body {
    id: i64,
    name: String,
}

#[derive(Template)]
#[template(path = "assess/today.html")]
struct TodayView {
    page: Page,
    open: Vec<Listed>,
    people: Vec<SheetLine>,
    bodies: Vec<(SheetLine, Vec<Body>)>,
    request: String,
    typed: Taken,
    fault: Option<String>,
}

impl TodayView {
    fn typed(&self, field: &str) -> String {
        self.typed.get(field)
    }
}

async fn today(site: &Site, page: Page) -> Result<TodayView, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let (ctx, region) = (visitor.acts(Purpose::Duty, ""), place(&page)?);
    let mut open = site.app.assessments(&ctx, region).await.map_err(unseen)?;
    let mends = |one: &Listed| one.mend_by.is_some();
    open.retain(|one| matches!(one.phase, Phase::Filling | Phase::Disputed) || mends(one));
    let mut bodies = Vec::new();
    for sheet in site.app.sheets() {
        if let Some((kind, _)) = sheet.body.clone() {
            let all = site.app.bodies(&ctx, region, &kind).await.map_err(unseen)?;
            let all = all.into_iter().map(|one| Body {
                id: one.id.0,
                name: one.name,
            });
            bodies.push((sheet, all.collect::<Vec<Body>>()));
        }
    }
    bodies.retain(|(_, all)| !all.is_empty());
    let people = site.app.sheets().into_iter();
    Ok(TodayView {
        people: people.filter(|one| one.body.is_none()).collect(),
        page: page.titled("评估"),
        request: request_key()?,
        typed: Taken::default(),
        fault: None,
        open,
        bodies,
    })
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&today(&site, page).await?))
}

pub(super) async fn begin(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    match begun(&site, &page, &taken).await {
        Ok(id) => Ok(Redirect::to(&format!("/field/assess/{id}")).into_response()),
        Err(why) => {
            let fault = Some(said(why)?);
            let view = today(&site, page).await?;
            let view = TodayView {
                typed: taken,
                fault,
                ..view
            };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}

async fn begun(site: &Site, page: &Page, taken: &Taken) -> Result<AssessmentId, AppError> {
    let wrong = |says: &str| AppError::BadInput(says.to_owned());
    let visitor = page.visitor.as_ref().ok_or_else(|| wrong("请先登录"))?;
    let ctx = visitor.acts(Purpose::Counter, taken.get("request"));
    let sheet = taken.get("sheet").parse();
    let sheet = sheet.map_err(|_| wrong("请选一张评估表"))?;
    let reason = taken.get("reason");
    if let Ok(body) = taken.get("body").parse() {
        let asked = AssessBody {
            sheet,
            body: BodyId(body),
            reason,
        };
        return Ok(site.app.assess_body(&ctx, asked).await?.value);
    }
    let number = PersonNumber::parse_on(taken.get("number").trim(), page.today);
    let asked = AssessPerson {
        sheet,
        number: number.map_err(|why| AppError::BadInput(why.to_string()))?,
        name: taken.get("name"),
        reason,
    };
    Ok(site.app.assess_person(&ctx, asked).await?.value)
}

#[derive(Template)]
#[template(path = "assess/sheet.html")]
struct SheetView {
    page: Page,
    one: AssessmentPage,
    request: String,
    /// What was typed and not kept.
    typed: Option<Taken>,
    fault: Option<String>,
}

impl SheetView {
    fn id(&self) -> AssessmentId {
        self.one.state.opened.id
    }

    fn signed(&self) -> bool {
        self.one.mine().is_some_and(|fill| fill.signed.is_some())
    }

    fn disputed(&self) -> bool {
        self.one.phase() == Phase::Disputed
    }

    fn open(&self) -> bool {
        matches!(self.one.phase(), Phase::Filling | Phase::Disputed)
    }

    /// The questions of a section this reader answers now.
    fn questions(&self, section: &kernel::Slug) -> Vec<&Question> {
        let disputed = self.one.disputed();
        let third = self.one.third();
        let all = self.one.sheet.questions.iter();
        let mine = all.filter(|one| one.section == *section && !self.one.skipped(one));
        mine.filter(|one| !third || disputed.contains(&one.id))
            .collect()
    }

    fn differs(&self, question: &Question) -> bool {
        self.one.disputed().contains(&question.id)
    }

    fn options<'q>(&self, question: &'q Question) -> &'q [(i64, String)] {
        match &question.value {
            Value::Choice(options) => options,
            Value::Number(_) => &[],
        }
    }

    fn answer(&self, question: &Question) -> String {
        if let Some(typed) = &self.typed {
            return typed.get(&format!("a_{}", question.id));
        }
        let mine = self
            .one
            .mine()
            .and_then(|one| one.answers.get(&question.id));
        mine.map(|one| one.value.to_string()).unwrap_or_default()
    }

    fn picked(&self, question: &Question, points: &i64) -> bool {
        self.answer(question) == points.to_string()
    }

    fn evidence(&self, question: &Question) -> String {
        if let Some(typed) = &self.typed {
            return typed.get(&format!("e_{}", question.id));
        }
        let mine = self
            .one
            .mine()
            .and_then(|one| one.answers.get(&question.id));
        mine.map(|one| one.evidence.clone()).unwrap_or_default()
    }

    fn wants_words(&self, question: &Question) -> bool {
        question.evidence != engine_assessment::Evidence::None
    }
}

async fn draw(site: &Site, page: Page, id: AssessmentId) -> Result<SheetView, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Assessment(id), "");
    let one = site.app.assessment_page(&ctx, id).await.map_err(unseen)?;
    Ok(SheetView {
        page: page.titled(format!("{}：{}", one.sheet.name, one.whose)),
        request: request_key()?,
        typed: None,
        fault: None,
        one,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page, AssessmentId(id)).await?))
}

pub(super) async fn write(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let id = AssessmentId(id);
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Assessment(id), taken.get("request"));
    let view = draw(&site, page, id).await?;
    let reason = taken.get("reason");
    let command = Command::Fill {
        answers: answers(&view, &taken),
        reason: (!reason.trim().is_empty()).then_some(reason),
    };
    let done = match taken.get("do").as_str() {
        "sign" => site.app.fill_and_sign(&ctx, id, command).await,
        _ => site.app.assess(&ctx, id, command).await,
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/field/assess/{id}")).into_response()),
        Err(why) => {
            let view = SheetView {
                fault: Some(said(why)?),
                typed: Some(taken),
                ..view
            };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}

/// What was typed, over what was kept of questions that are not on the page now.
fn answers(view: &SheetView, taken: &Taken) -> Answers {
    let mut answers = Answers::new();
    for question in &view.one.sheet.questions {
        if let Ok(value) = taken.get(&format!("a_{}", question.id)).trim().parse() {
            let evidence = taken.get(&format!("e_{}", question.id));
            let evidence = evidence.trim().to_owned();
            answers.insert(question.id.clone(), Answer { value, evidence });
        }
    }
    answers
}
