//! 「重放」 Every certificate on file judged again by the law it was issued under: the
//! same bytes, or a named difference. Says digests and parts only. Absent on purpose:
//! any correction; what differs is for a person to look into.

use crate::{App, AppError, Context, Law, Result};
use engine_access::{Action, Record};
use kernel::FieldLevel;
use serde::Serialize;
use std::collections::BTreeMap;

/// Certificates read at a time.
const PAGE: u32 = 200;

/// What replaying everything on file came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// The same to the byte.
    pub same: u64,
    /// By the law of how many packs.
    pub laws: usize,
    /// Digest of each certificate that differs, and in what.
    pub different: Vec<(String, Vec<String>)>,
    /// Digest of each whose law is neither in force nor kept, with the pack's hash.
    pub lawless: Vec<(String, String)>,
}

impl App {
    /// 重放全部 Judges everything on file again, each by its own law; that it was done is
    /// on record first.
    ///
    /// # Errors
    /// Refused to anybody but the house itself; the store's; a kept law that no longer
    /// loads; a fault of a rule.
    pub async fn replay_certificates(&self, ctx: &Context) -> Result<Replayed> {
        let (writing, now) = (ctx.clone(), self.now());
        let record = Record::of_place(self.law.pack.region(), FieldLevel::L4);
        self.db
            .write(async move |tx| {
                let (ctx, record) = (&writing, record.clone());
                ctx.authorise(tx, Action::Judge, record, &[], now).await?;
                ctx.record(tx, "certificates.replay", "population", &(), now)
                    .await?;
                Ok::<_, AppError>(())
            })
            .await?;
        let mut told = Replayed::default();
        let mut laws: BTreeMap<String, Option<Law>> = BTreeMap::new();
        let mut after = String::new();
        loop {
            let from = after.clone();
            let page = self.db.read(async move |tx| {
                let page = tx.certificates_after(&from, PAGE).await?;
                Ok::<_, AppError>(page)
            });
            let page = page.await?;
            let Some((last, ..)) = page.last() else {
                told.laws = laws.values().flatten().count();
                return Ok(told);
            };
            after.clone_from(last);
            for (digest, certificate, whole) in page {
                let hash = certificate.pack_hash.clone();
                if !laws.contains_key(&hash) {
                    laws.insert(hash.clone(), self.kept_law(&hash).await?);
                }
                let Some(law) = laws.get(&hash).and_then(Option::as_ref) else {
                    told.lawless.push((digest, hash));
                    continue;
                };
                let found = certificate.replay(&law.judge);
                let found = found.map_err(|why| AppError::Fault(format!("{digest}：{why}")))?;
                let mut parts: Vec<String> = found.into_iter().map(|one| one.part).collect();
                parts.extend((!whole).then(|| "原文".to_owned()));
                match parts.is_empty() {
                    true => told.same += 1,
                    false => told.different.push((digest, parts)),
                }
            }
        }
    }

    /// A law by its hash; `None`: it is neither in force nor kept.
    async fn kept_law(&self, hash: &str) -> Result<Option<Law>> {
        let wanted = hash.to_owned();
        let kept = self.law_of(hash).is_some()
            || self
                .db
                .read(async move |tx| tx.law_version(&wanted).await)
                .await?
                .is_some();
        match kept {
            true => Ok(Some(self.stored_law(hash).await?)),
            false => Ok(None),
        }
    }
}
