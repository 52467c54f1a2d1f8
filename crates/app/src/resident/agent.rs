//! 「请人代办」 A resident lets somebody act for them, for a time. They can look and
//! fill in; consent and bank account stay with the resident (engine-access's table).

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Agency, Record, RecordState};
use kernel::{Date, FieldLevel, Now, PersonId, Role};
use store::Tx;

/// How many accounts of agents are looked through for a name.
const AGENTS_MAX: u32 = 10_000;

/// Somebody who may act for a resident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentLine {
    /// Who.
    pub agent: PersonId,
    /// Their name.
    pub name: String,
    /// Since when.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl App {
    /// 谁在替我办 Who may act for the actor today or later.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn agents(&self, ctx: &Context) -> Result<Vec<AgentLine>> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let me = owner(tx, &ctx, now).await?;
                let accounts = tx.logins_as(Role::Agent, AGENTS_MAX).await?;
                let mut lines = Vec::new();
                for agency in tx.agencies_of(me).await? {
                    if agency.to < now.today() {
                        continue;
                    }
                    let mut known = accounts.iter();
                    let login = known.find(|one| one.person == Some(agency.agent));
                    lines.push(AgentLine {
                        agent: agency.agent,
                        name: login.map(|one| one.name.clone()).unwrap_or_default(),
                        from: agency.from,
                        to: agency.to,
                    });
                }
                let subject = format!("person:{me}");
                ctx.record(tx, "agency.read", &subject, &lines.len(), now)
                    .await?;
                Ok(lines)
            })
            .await
    }

    /// 请谁代办 The same as [`App::appoint_agent`], by the name they sign in with.
    ///
    /// # Errors
    /// Nobody acts for others under that name; as [`App::appoint_agent`].
    pub async fn appoint_by_login(&self, ctx: &Context, login: &str, to: Date) -> Result<()> {
        let name = login.trim().to_owned();
        let find = async move |tx: &mut Tx| Ok::<_, AppError>(tx.login(&name).await?);
        let found = self.db.read(find).await?;
        let found = found.filter(|one| one.role == Role::Agent && !one.closed);
        let agent = found.and_then(|one| one.person).ok_or_else(|| {
            let says = "没有找到这个代办账号。请对方先开好代办账号，把登录名告诉您";
            AppError::BadInput(says.to_owned())
        })?;
        self.appoint_agent(ctx, agent, to).await
    }

    /// 不用代办了 From this moment on they may not act any more.
    ///
    /// # Errors
    /// A refusal; they do not act for the actor; the store's.
    pub async fn end_agency(&self, ctx: &Context, agent: PersonId) -> Result<()> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                let me = owner(tx, &ctx, now).await?;
                let all = tx.agencies_of(me).await?;
                let theirs = all.into_iter().filter(|one| one.agent == agent);
                let yesterday = now.today().pred_opt().unwrap_or(now.today());
                let mut ended = 0;
                for agency in theirs.filter(|one| one.to > yesterday) {
                    let to = yesterday;
                    tx.keep_agency(&Agency { to, ..agency }).await?;
                    ended += 1;
                }
                if ended == 0 {
                    let says = "他现在没有替您办事，不用结束";
                    return Err(AppError::BadInput(says.to_owned()));
                }
                let subject = format!("person:{me}");
                ctx.record(tx, "agency.end", &subject, &agent, now).await
            })
            .await
    }

    /// 请人代办 From today until that day; the same again moves the end.
    ///
    /// # Errors
    /// A refusal; a day that is past; the resident himself; the store's.
    pub async fn appoint_agent(&self, ctx: &Context, agent: PersonId, to: Date) -> Result<()> {
        let now = self.now();
        let from = now.today();
        let me = ctx.actor.person;
        let me = me.ok_or_else(|| AppError::refused(engine_access::Refusal::NotAPerson))?;
        if to < from {
            let says = "代办到哪天，要写今天或以后的日子";
            return Err(AppError::BadInput(says.to_owned()));
        }
        if agent == me {
            return Err(AppError::BadInput(
                "自己的事自己就能办，不用代办".to_owned(),
            ));
        }
        let agency = Agency {
            agent,
            of: me,
            from,
            to,
        };
        let ctx = ctx.clone();
        self.db
            .write(async move |tx| {
                owner(tx, &ctx, now).await?;
                tx.keep_agency(&agency).await?;
                let subject = format!("person:{me}");
                let details = (agency.agent, agency.from, agency.to);
                ctx.record(tx, "agency.appoint", &subject, &details, now)
                    .await
            })
            .await
    }
}

/// The actor, who may let others act for them.
async fn owner(tx: &mut Tx, ctx: &Context, now: Now) -> Result<PersonId> {
    let me = ctx.actor.person;
    let me = me.ok_or_else(|| AppError::refused(engine_access::Refusal::NotAPerson))?;
    let record = Record {
        region: None,
        subjects: vec![me],
        state: RecordState::None,
        level: FieldLevel::L3,
    };
    ctx.authorise(tx, Action::Authorise, record, &[], now)
        .await?;
    Ok(me)
}
