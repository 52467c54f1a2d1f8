//! 「材料」 Handing in a file with a case, and reading it again: who may is asked as
//! for every act, both are on record in the same transaction. What a file is, its
//! bytes say; its name is only words. Absent on purpose: what may be missing (the
//! case engine), how it is served (web).

use crate::case::{Desk, FILE};
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_case::{Act, Case, Paper, Phase, StepKind, StepStatus};
use kernel::{CaseId, DocumentId, Instant, Slug};
use packs::Pack;
use sha2::{Digest as _, Sha256};
pub use store::AttachedTo;
use store::{Attachment, Reply, StoreError, Tx};

/// The largest file, bytes: a photograph of a good telephone.
pub const BYTES_MAX: usize = 8 << 20;
/// The most files with one case.
const FILES_MAX: usize = 40;
/// The longest name kept, characters.
const NAME_MAX: usize = 60;

/// What is taken in: media type by its bytes, and the ending its name gets.
const TAKEN: [(&str, &str); 4] = [
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("application/pdf", "pdf"),
];

/// A file as it came.
#[derive(Clone, Debug)]
pub struct HandedIn {
    /// What it is for.
    pub purpose: AttachedTo,
    /// How its sender calls it.
    pub name: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// A file of a case, in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLine {
    /// Its document.
    pub document: DocumentId,
    /// What it is for, in words.
    pub what: String,
    /// Its name.
    pub name: String,
    /// Whether it can be looked at as a picture.
    pub picture: bool,
    /// When it came.
    pub at: Instant,
}

/// A file, opened.
#[derive(Clone, Debug)]
pub struct OpenedFile {
    /// Its name, harmless.
    pub name: String,
    /// Media type, from its bytes.
    pub media: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

impl App {
    /// 交材料 Keeps a file with a case.
    ///
    /// # Errors
    /// A refusal; what the file is or its size; nothing it could be for; the store's.
    pub async fn attach(
        &self,
        ctx: &Context,
        case: CaseId,
        given: HandedIn,
    ) -> Result<Reply<DocumentId>> {
        let given = looked_at(given)?;
        let digest: [u8; 32] = Sha256::digest(&given.body).into();
        let key = ctx.key("case.attach", &(case, &given.purpose, digest))?;
        let desk = self.desk(ctx);
        self.db
            .write(async move |tx| {
                let given = given.clone();
                let does = async |tx: &mut Tx| desk.attach(tx, case, given).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 看材料 A file of a case; the reading is on record.
    ///
    /// # Errors
    /// A refusal; no such file with this case; the store's.
    pub async fn attached(
        &self,
        ctx: &Context,
        case: CaseId,
        document: DocumentId,
    ) -> Result<OpenedFile> {
        let desk = self.desk(ctx);
        self.db
            .look(async move |tx| {
                let state = tx.case(case).await?.state;
                desk.reads(tx, &state, FILE).await?;
                let found = tx.attachment(document).await?;
                let found = found.filter(|one| one.case == case).ok_or_else(|| {
                    AppError::Store(StoreError::NotFound {
                        what: "材料",
                        id: document.to_string(),
                    })
                })?;
                let subject = format!("case:{case}");
                desk.context
                    .record(tx, "case.read_attachment", &subject, &document, desk.now)
                    .await?;
                Ok(OpenedFile {
                    body: tx.document(document).await?.body,
                    name: found.name,
                    media: found.media,
                })
            })
            .await
    }
}

/// A file that may be taken in, its name made harmless.
#[derive(Clone)]
struct Looked {
    purpose: AttachedTo,
    name: String,
    media: &'static str,
    body: Vec<u8>,
}

fn looked_at(given: HandedIn) -> Result<Looked> {
    let bad = |says: String| AppError::BadInput(says);
    let called = called(&given.name);
    if given.body.is_empty() {
        return Err(bad("还没有选照片或文件，请选一个".to_owned()));
    }
    if given.body.len() > BYTES_MAX {
        let most = BYTES_MAX >> 20;
        let says = format!("“{called}”太大了。一个文件最多 {most} MB，请拍小一点再交");
        return Err(bad(says));
    }
    let told = infer::get(&given.body).map(|one| one.mime_type());
    let taken = TAKEN.iter().find(|(media, _)| Some(*media) == told);
    let (media, ending) = taken.ok_or_else(|| {
        bad(format!(
            "“{called}”不是照片也不是 PDF。请交 JPG、PNG、WEBP 或 PDF"
        ))
    })?;
    Ok(Looked {
        name: format!("{called}.{ending}"),
        purpose: given.purpose,
        media,
        body: given.body,
    })
}

/// A photograph as it came: its harmless name, its media type by its bytes.
///
/// # Errors
/// What it is, or its size.
pub fn picture(name: &str, body: Vec<u8>) -> Result<(String, &'static str, Vec<u8>)> {
    let given = HandedIn {
        purpose: AttachedTo::Paper(
            Slug::try_from("photo".to_owned()).map_err(|why| AppError::Fault(why.to_string()))?,
        ),
        name: name.to_owned(),
        body,
    };
    let looked = looked_at(given)?;
    if !looked.media.starts_with("image/") {
        return Err(AppError::BadInput("请交照片：JPG、PNG 或 WEBP".to_owned()));
    }
    Ok((looked.name, looked.media, looked.body))
}

/// The words of a file's name: no path, nothing that steers a terminal, a page or
/// the direction of writing, no ending (the bytes give it).
fn called(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let plain: String = stem
        .chars()
        .filter(|one| one.is_alphanumeric() || matches!(one, ' ' | '-' | '_' | '（' | '）'))
        .take(NAME_MAX)
        .collect();
    match plain.trim() {
        "" => "材料".to_owned(),
        plain => plain.to_owned(),
    }
}

impl Desk {
    async fn attach(&self, tx: &mut Tx, id: CaseId, given: Looked) -> Result<DocumentId> {
        let case = tx.case(id).await?.state;
        let document = DocumentId(tx.next_id("document").await?);
        // Who may is asked before anything is told of the case.
        match &given.purpose {
            AttachedTo::Paper(kind) => {
                let desk = self.under(&case)?;
                let known = papers(&desk.law.pack, &case);
                let paper = Paper {
                    kind: kind.clone(),
                    document,
                };
                let (answers, papers) = (Vec::new(), vec![paper]);
                self.act(tx, id, Act::Fill { answers, papers }).await?;
                if !known.iter().any(|(one, _)| one == kind) {
                    let says = "这件事用不着这样材料。请从列出的材料里选";
                    return Err(AppError::BadInput(says.to_owned()));
                }
            }
            AttachedTo::Survey(step) => {
                self.permits(tx, &case, Action::Survey).await?;
                self.surveys(&case, step)?;
            }
            AttachedTo::Mandate => {
                self.permits(tx, &case, Action::Apply).await?;
                if case.phase != Phase::Draft {
                    let says = "委托书要在交申请之前拍。现在请到办件页补材料";
                    return Err(AppError::BadInput(says.to_owned()));
                }
            }
        }
        let before = tx.attachments_of(id).await?.len();
        if before >= FILES_MAX {
            let says = format!("这件事已经有 {before} 个文件了，不能再多。请联系经办人");
            return Err(AppError::BadInput(says));
        }
        let kept = Attachment {
            document,
            case: id,
            purpose: given.purpose,
            name: given.name,
            media: given.media.to_owned(),
            bytes: given.body.len() as u64,
            by: self.context.actor.clone(),
            at: self.now.at,
        };
        let digest = format!("{:x}", Sha256::digest(&given.body));
        let told = (document, &kept.purpose, digest);
        let subject = format!("case:{id}");
        self.context
            .record(tx, "case.attach", &subject, &told, self.now)
            .await?;
        tx.attach(&kept, given.body, self.now).await?;
        Ok(document)
    }

    /// The step is one of going to the house, and under way.
    fn surveys(&self, case: &Case, step: &Slug) -> Result<()> {
        let desk = self.under(case)?;
        let flow = desk.flow(case, &Act::Waive)?;
        let found = flow.step(step).filter(|one| one.kind == StepKind::Survey);
        let found = found.ok_or_else(|| AppError::BadInput("没有这一步入户调查".to_owned()))?;
        let state = case.steps.get(step).map(|one| one.status);
        match state {
            Some(StepStatus::Open) => Ok(()),
            _ => Err(AppError::refused(engine_case::Refusal::StepNotOpen(
                found.name.clone(),
            ))),
        }
    }
}

/// The papers a case can have: of its service, and of its one-time notice.
fn papers(pack: &Pack, case: &Case) -> Vec<(Slug, String)> {
    let service = case.opened.as_ref().map(|one| one.service.as_str());
    let own = service
        .and_then(|one| pack.service(one))
        .map(|one| &one.documents);
    let joint = service
        .and_then(|one| pack.joint(one))
        .map(|one| &one.documents);
    let documents = own.into_iter().chain(joint).flatten();
    let noticed = case.one_time_notice.iter().flatten();
    documents
        .map(|one| (one.id.clone(), one.name.clone()))
        .chain(noticed.map(|one| (one.kind.clone(), one.name.clone())))
        .collect()
}

/// The files of a case, for a reader who may read the case.
pub(crate) async fn files_of(tx: &mut Tx, pack: &Pack, case: &Case) -> Result<Vec<FileLine>> {
    let Some(opened) = &case.opened else {
        return Ok(Vec::new());
    };
    let papers = papers(pack, case);
    let flow = pack.flow(opened.service.as_str());
    let what = |purpose: &AttachedTo| match purpose {
        AttachedTo::Paper(kind) => {
            let known = papers.iter().find(|(one, _)| one == kind);
            known.map_or_else(|| "材料".to_owned(), |(_, name)| name.clone())
        }
        AttachedTo::Survey(step) => {
            let step = flow.and_then(|flow| flow.step(step));
            let name = step.map_or("入户调查", |step| step.name.as_str());
            format!("{name}的照片")
        }
        AttachedTo::Mandate => "委托书".to_owned(),
    };
    let files = tx.attachments_of(opened.case).await?;
    let line = |one: Attachment| FileLine {
        what: what(&one.purpose),
        document: one.document,
        picture: one.media.starts_with("image/"),
        name: one.name,
        at: one.at,
    };
    Ok(files.into_iter().map(line).collect())
}

#[cfg(test)]
mod tests;
