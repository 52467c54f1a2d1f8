//! 「哪些文书」 Which papers a case has.

use crate::Result;
use engine_case::{Case, NoticeKind};
use kernel::{CaseId, Date, DocumentId, Now};
use store::Tx;

/// A paper that can be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperOffer {
    /// How it is asked for: `decision`, `notice.received`.
    pub what: String,
    /// Its title.
    pub title: String,
    /// The day it bears.
    pub day: Date,
}

/// What a case's paper is made of.
#[derive(Clone, Debug)]
pub(super) enum Of {
    /// 申请表
    Application,
    /// 决定书
    Decision,
    /// 告知书 With the document it was kept as.
    Notice(NoticeKind, DocumentId),
}

const NOTICES: &[(NoticeKind, &str)] = &[
    (NoticeKind::Received, "收到申请告知书"),
    (NoticeKind::OneTime, "一次性告知书"),
    (NoticeKind::Undetermined, "办理情况告知书"),
    (NoticeKind::Intended, "拟作决定告知书"),
    (NoticeKind::Granted, "批准告知书"),
    (NoticeKind::Refused, "不予批准告知书"),
    (NoticeKind::Reduced, "减少金额告知书"),
    (NoticeKind::Stopped, "停止告知书"),
    (NoticeKind::Recovered, "追回告知书"),
    (NoticeKind::Terminated, "终止办理告知书"),
];

/// The papers of a case, oldest first; asked for beside a reading on record.
pub(crate) async fn offers(tx: &mut Tx, id: CaseId, case: &Case) -> Result<Vec<PaperOffer>> {
    let all = all(tx, id, case).await?;
    Ok(all.into_iter().map(|(offer, _)| offer).collect())
}

/// Every paper of a case, with what it is made of.
pub(super) async fn all(tx: &mut Tx, id: CaseId, case: &Case) -> Result<Vec<(PaperOffer, Of)>> {
    let offer = |what: String, title: &str, day| PaperOffer {
        what,
        title: title.to_owned(),
        day,
    };
    let mut all = Vec::new();
    if let Some(pinned) = &case.pinned {
        let offer = offer("application".to_owned(), "申请表", pinned.on);
        all.push((offer, Of::Application));
    }
    for document in tx.documents_of(id).await? {
        let kept = tx.document(document).await?;
        let notice = NOTICES
            .iter()
            .find(|(kind, _)| kept.kind.strip_prefix("notice.") == Some(kind.id()));
        let Some((kind, title)) = notice else {
            continue;
        };
        let at = tx.document_kept_at(document).await?;
        let offer = offer(kept.kind, title, Now { at }.today());
        // The latest of a kind is the one that counts.
        all.retain(|(one, _): &(PaperOffer, Of)| one.what != offer.what);
        all.push((offer, Of::Notice(*kind, document)));
    }
    if let Some(decision) = case.decision() {
        let at = decision.signed.at();
        let offer = offer("decision".to_owned(), "决定书", Now { at }.today());
        all.push((offer, Of::Decision));
    }
    Ok(all)
}
