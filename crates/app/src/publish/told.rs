//! 「版本」 The versions of the law as people read them: where each stands, who wrote
//! and signed it, what it would change. Public but for the figures, which are for those
//! who may publish.

use crate::simulate::SimulateReport;
use crate::{App, Context, Result};
use engine_access::Action;
use engine_policy::publish::{SIGNERS, Standing, Version};
use kernel::{Actor, Instant};

/// A version in the public list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionLine {
    /// Its hash.
    pub hash: String,
    /// The pack's name.
    pub name: String,
    /// Where it stands.
    pub standing: Standing,
    /// Since when.
    pub since: Instant,
}

/// A version opened.
#[derive(Clone, Debug)]
pub struct LawPage {
    /// As in the list.
    pub line: VersionLine,
    /// Who drafted it: account and role; nobody for the first.
    pub author: Option<Actor>,
    /// Its examples, all passed.
    pub examples: u64,
    /// Who signed, with the moment.
    pub signed: Vec<(Actor, Instant)>,
    /// How many signatures are still missing; 0 when it is no draft.
    pub missing: usize,
    /// By whom and why it was put out of force.
    pub suspended: Option<(Actor, String)>,
    /// When it was tried on everyone, and on how many households.
    pub tried: Option<(Instant, u64)>,
    /// What the linter warned of then; `None`: nobody looked.
    pub warnings: Option<Vec<String>>,
    /// What that counted.
    pub impact: Option<SimulateReport>,
}

impl App {
    /// 版本目录 Every version but drafts, the latest first. Public.
    ///
    /// # Errors
    /// The store's.
    pub async fn law_versions(&self) -> Result<Vec<VersionLine>> {
        let lines = self.db.read(async |tx| tx.law_versions().await).await?;
        let lines = lines
            .into_iter()
            .filter(|line| line.standing != Standing::Draft);
        Ok(lines.map(line).collect())
    }

    /// 颁布台 Every version with who wrote and signed it and what it would change, for
    /// those who write or approve.
    ///
    /// # Errors
    /// A refusal to anybody else; the store's.
    pub async fn laws(&self, ctx: &Context) -> Result<Vec<LawPage>> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .read(async move |tx| {
                app.may_publish(tx, &ctx, Action::Simulate).await?;
                let mut pages = Vec::new();
                for one in tx.law_versions().await? {
                    let Some(loaded) = tx.law_version(&one.hash).await? else {
                        continue;
                    };
                    let impact = tx.law_impact(&one.hash).await?;
                    pages.push(page(line(one), loaded.state, impact));
                }
                Ok(pages)
            })
            .await
    }

    /// What the version in force changed for everyone, by its dry run. Public: counts
    /// of the whole region, nobody's.
    ///
    /// # Errors
    /// The store's.
    pub async fn impact_in_force(&self) -> Result<Option<LawPage>> {
        let hash = self.law.pack.hash().to_owned();
        self.db
            .read(async move |tx| {
                let lines = tx.law_versions().await?;
                let found = lines.into_iter().find(|one| one.hash == hash);
                let Some(found) = found else { return Ok(None) };
                let Some(loaded) = tx.law_version(&hash).await? else {
                    return Ok(None);
                };
                let impact = tx.law_impact(&hash).await?;
                Ok(Some(page(line(found), loaded.state, impact)))
            })
            .await
    }
}

fn line(one: store::LawLine) -> VersionLine {
    VersionLine {
        hash: one.hash,
        name: one.name,
        standing: one.standing,
        since: one.since,
    }
}

fn page(line: VersionLine, version: Version, impact: Option<SimulateReport>) -> LawPage {
    let missing = match version.standing {
        Standing::Draft => SIGNERS.saturating_sub(version.signed.len()),
        _ => 0,
    };
    let run = version.dry_run;
    LawPage {
        warnings: run.as_ref().and_then(|run| run.warnings.clone()),
        line,
        author: version.author,
        examples: version.examples,
        signed: version.signed,
        missing,
        suspended: version.suspended,
        tried: run.map(|run| (run.at, run.households)),
        impact,
    }
}
