//! 「导出清单」 A list of cases taken out of the house: asked for with a reason, said yes
//! to by another person where it holds many, fetched by who asked, as the page shows
//! it. Which cases is settled when it is asked for: what was approved is what leaves.

use super::list::{DEADLINES, Wanted};
use crate::table::{FILES, Table};
use crate::worklist::WorkLine;
use crate::{App, AppError, Context, Result};
use chrono::{FixedOffset, TimeDelta};
use engine_access::{Action, EXPORT_HOURS, Export, ExportStanding, Purpose, Record};
use kernel::{Actor, CaseId, FieldLevel, Instant, RegionCode, Slug};
use std::collections::BTreeSet;
use store::{ListExport, Reply, Tx};

/// What a list says at most: names and homes, no number of anybody.
const LEVEL: FieldLevel = FieldLevel::L2;
/// How long a page still tells what became of a request, hours.
const SHOWN_HOURS: i64 = 3 * EXPORT_HOURS;

const COLUMNS: [&str; 8] = [
    "办件号",
    "申请人",
    "几口人",
    "住在",
    "事项",
    "到哪一步",
    "期限",
    "答应的日子",
];

/// A list asked for, as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportLine {
    /// Its number.
    pub id: i64,
    /// Whether the reader asked for it.
    pub mine: bool,
    /// Who asked.
    pub who: String,
    /// What for.
    pub reason: String,
    /// What was looked for, in words.
    pub what: String,
    /// How many cases.
    pub cases: usize,
    /// How many people.
    pub people: usize,
    /// The kind of file.
    pub file: String,
    /// Where it stands.
    pub standing: ExportStanding,
    /// Who said yes or no.
    pub answered_by: Option<String>,
    /// When it was asked for, and when it ends.
    pub span: (Instant, Instant),
    /// How often it was fetched.
    pub fetched: usize,
}

/// A file to hand out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedFile {
    /// `xlsx`, `csv`.
    pub file: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// What goes on record: no name, and not what was typed.
#[derive(serde::Serialize)]
struct OnRecord<'a> {
    people: usize,
    cases: usize,
    reason: &'a str,
    file: &'a str,
}

fn on_record(kept: &ListExport) -> OnRecord<'_> {
    OnRecord {
        people: kept.export.people,
        cases: kept.cases.len(),
        reason: &kept.export.reason,
        file: &kept.file,
    }
}

impl App {
    /// 申请导出 Asks for a list; its number.
    ///
    /// # Errors
    /// No reason, nothing found, an unknown kind of file; a refusal; the store's.
    pub async fn ask_export(
        &self,
        ctx: &Context,
        region: RegionCode,
        wanted: &Wanted,
        (file, reason): (&str, &str),
    ) -> Result<Reply<i64>> {
        if !FILES.iter().any(|(kind, _)| *kind == file) {
            return Err(AppError::BadInput("请选一种表格".to_owned()));
        }
        let (lines, _) = self.find_cases(&on_duty(ctx), region, wanted).await?;
        if lines.is_empty() {
            let says = "这个筛选现在没有办件，没有什么可导出的。请换一个筛选";
            return Err(AppError::BadInput(says.to_owned()));
        }
        let people = lines.iter().map(|line| line.people).sum();
        let now = self.now();
        let export = Export::ask(ctx.actor.clone(), reason, (people, LEVEL), now);
        let asked = ListExport {
            export: export.map_err(AppError::refused)?,
            what: self.wanted_words(wanted),
            file: file.to_owned(),
            cases: lines.iter().map(|line| line.case).collect(),
        };
        let key = ctx.key(
            "list.ask",
            &(region, file, &asked.what, &asked.export.reason),
        )?;
        let ctx = ctx.clone();
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| {
                    may_export(tx, &ctx, region, now).await?;
                    let id = tx.ask_list(region, &asked).await?;
                    let subject = format!("list_export:{id}");
                    ctx.record(tx, "list.asked", &subject, &on_record(&asked), now)
                        .await?;
                    Ok::<_, AppError>(id)
                };
                tx.idempotent(&key, now, does).await
            })
            .await
    }

    /// The lists asked for in a place of late: the reader's own, and those that wait
    /// for another person.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn exports(&self, ctx: &Context, region: RegionCode) -> Result<Vec<ExportLine>> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .read(async move |tx| {
                may_export(tx, &ctx, region, now).await?;
                let since = now.at - TimeDelta::hours(SHOWN_HOURS);
                let mut shown = Vec::new();
                for (id, kept) in tx.list_exports(region, since).await? {
                    let mine = kept.export.by.person == ctx.actor.person;
                    let standing = kept.export.standing(now);
                    if mine || standing == ExportStanding::Waiting {
                        shown.push(line(tx, id, kept, (mine, standing)).await?);
                    }
                }
                Ok::<_, AppError>(shown)
            })
            .await
    }

    /// 批准 Another person of the place says yes or no.
    ///
    /// # Errors
    /// The same person; too late; a refusal; the store's.
    pub async fn answer_export(&self, ctx: &Context, id: i64, yes: bool) -> Result<Reply<()>> {
        let (ctx, now) = (ctx.clone(), self.now());
        let key = ctx.key("list.answer", &(id, yes))?;
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| {
                    let (region, mut loaded) = tx.list_export(id).await?;
                    may_export(tx, &ctx, region, now).await?;
                    let export = loaded.state.export.clone();
                    loaded.state.export = export
                        .answer(ctx.actor.clone(), yes, now)
                        .map_err(AppError::refused)?;
                    tx.save_list(id, region, &loaded).await?;
                    let action = if yes {
                        "list.approved"
                    } else {
                        "list.declined"
                    };
                    let subject = format!("list_export:{id}");
                    ctx.record(tx, action, &subject, &on_record(&loaded.state), now)
                        .await
                };
                tx.idempotent(&key, now, does).await
            })
            .await
    }

    /// 取 Who asked takes the file: the cases asked for that are still open here.
    ///
    /// # Errors
    /// Anybody else; nobody has said yes; too late; a refusal; the store's.
    pub async fn fetch_export(&self, ctx: &Context, id: i64) -> Result<ExportedFile> {
        let by = ctx.actor.clone();
        let now = self.now();
        let (region, kept) = self
            .db
            .read(async move |tx| {
                let (region, kept) = tx.list_export(id).await?;
                let fetched = kept.state.export.clone().fetch(&by, now);
                fetched.map_err(AppError::refused)?;
                Ok::<_, AppError>((region, kept.state))
            })
            .await?;
        let asked: BTreeSet<CaseId> = kept.cases.iter().copied().collect();
        let mut lines = self.whole_worklist(&on_duty(ctx), region).await?;
        lines.retain(|line| asked.contains(&line.case));
        let who = ctx.clone();
        let kept = self
            .db
            .write(async move |tx| {
                may_export(tx, &who, region, now).await?;
                let (region, mut loaded) = tx.list_export(id).await?;
                let export = loaded.state.export.clone();
                loaded.state.export = export.fetch(&who.actor, now).map_err(AppError::refused)?;
                tx.save_list(id, region, &loaded).await?;
                let subject = format!("list_export:{id}");
                who.record(tx, "list.fetched", &subject, &on_record(&loaded.state), now)
                    .await?;
                let export = &loaded.state.export;
                let by = called(tx, &export.by).await?;
                let yes = match &export.answered {
                    Some((actor, ..)) => Some(called(tx, actor).await?),
                    None => None,
                };
                Ok::<_, AppError>((loaded.state, by, yes))
            })
            .await?;
        let table = Table {
            name: "办件",
            note: note(id, &kept, now.at),
            columns: COLUMNS.map(str::to_owned).to_vec(),
            rows: lines.iter().map(cells).collect(),
        };
        let file = kept.0.file;
        Ok(ExportedFile {
            body: table.write(&file)?,
            file,
        })
    }

    /// What is looked for, in words.
    pub fn wanted_words(&self, wanted: &Wanted) -> String {
        let mut words = Vec::new();
        if !wanted.text.trim().is_empty() {
            words.push(format!("含“{}”", wanted.text.trim()));
        }
        if let Ok(service) = wanted.service.parse::<Slug>() {
            words.push(self.service_name(&service));
        }
        if !wanted.stage.is_empty() {
            words.push(wanted.stage.clone());
        }
        let due = DEADLINES.iter().find(|(id, _)| *id == wanted.deadline);
        words.extend(due.map(|(_, says)| (*says).to_owned()));
        if let Ok(node) = wanted.node.parse::<RegionCode>() {
            words.push(self.place(node));
        }
        match words.is_empty() {
            true => "全部在办的".to_owned(),
            false => words.join("，"),
        }
    }
}

/// Looking at the list is looking at what waits.
fn on_duty(ctx: &Context) -> Context {
    Context {
        purpose: Purpose::Duty,
        ..ctx.clone()
    }
}

async fn may_export(
    tx: &mut Tx,
    ctx: &Context,
    region: RegionCode,
    now: kernel::Now,
) -> Result<()> {
    let record = Record::of_place(region, LEVEL);
    ctx.authorise(tx, Action::Export, record, &[], now).await?;
    Ok(())
}

async fn line(
    tx: &mut Tx,
    id: i64,
    kept: ListExport,
    (mine, standing): (bool, ExportStanding),
) -> Result<ExportLine> {
    let answered_by = match &kept.export.answered {
        Some((actor, ..)) => Some(called(tx, actor).await?),
        None => None,
    };
    Ok(ExportLine {
        id,
        mine,
        who: called(tx, &kept.export.by).await?,
        span: (kept.export.at, kept.export.until()),
        fetched: kept.export.fetched.len(),
        cases: kept.cases.len(),
        people: kept.export.people,
        reason: kept.export.reason,
        what: kept.what,
        file: kept.file,
        standing,
        answered_by,
    })
}

/// The name on somebody's account.
async fn called(tx: &mut Tx, by: &Actor) -> Result<String> {
    let account = tx.login(&by.account).await?;
    Ok(account.map_or_else(|| by.role.label().to_owned(), |one| one.name))
}

/// Whose copy it is: the file's first line.
fn note(id: i64, (kept, by, yes): &(ListExport, String, Option<String>), at: Instant) -> String {
    let here = FixedOffset::east_opt(8 * 3600).map(|east| at.with_timezone(&east));
    let moment = here.map_or_else(
        || at.to_string(),
        |here| here.format("%Y-%m-%d %H:%M").to_string(),
    );
    let yes = yes
        .as_ref()
        .map_or_else(String::new, |name| format!("，批准：{name}"));
    let (reason, what, nth) = (&kept.export.reason, &kept.what, kept.export.fetched.len());
    format!(
        "导出：{by}{yes}，{moment}，用途：{reason}。内容：{what}。编号 {id}-{nth}。只用于上面的用途，用完删除"
    )
}

fn cells(line: &WorkLine) -> Vec<String> {
    let day = |day: Option<kernel::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    vec![
        line.case.to_string(),
        line.applicant_name.clone(),
        line.people.to_string(),
        line.place.clone(),
        line.service_name.clone(),
        line.stage.to_owned(),
        day(line.deadline.map(|one| one.due)),
        day(line.promised),
    ]
}
