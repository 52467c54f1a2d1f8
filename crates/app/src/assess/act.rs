//! 「评估的一步」 Every act on an assessment: authorise → load → decide → save, and what
//! follows of itself: the earlier grade gives way, the person is told.

use super::{Room, state_of, wrong};
use crate::case::queue;
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_assessment::{Assessment, Command, Known, Phase, Sheet, Subject, decide};
use engine_notify::{Message, Recipient};
use kernel::{AssessmentId, MessageId, Role};
use store::{Reply, Tx};

/// Told outside the house without a word of what it is about.
const SMS: &str = "您的评估有了结果。请登录“暖心”在消息里看，也可以问村社区或镇街窗口。";

impl App {
    /// 办一步 Does one act on an assessment.
    ///
    /// # Errors
    /// A refusal of access or of the assessment; the store's.
    pub async fn assess(
        &self,
        ctx: &Context,
        id: AssessmentId,
        command: Command,
    ) -> Result<Reply<Phase>> {
        if matches!(
            command,
            Command::Open(_) | Command::LookAgain { .. } | Command::Replace { .. }
        ) {
            return Err(wrong("这一步有自己的办法"));
        }
        let key = ctx.key("assessment.act", &(id, &command))?;
        let room = self.room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.act(tx, id, command.clone()).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 填完签字 Writes the sheet and signs it, in one.
    ///
    /// # Errors
    /// As [`App::assess`]: what is refused keeps nothing.
    pub async fn fill_and_sign(
        &self,
        ctx: &Context,
        id: AssessmentId,
        fill: Command,
    ) -> Result<Reply<Phase>> {
        let key = ctx.key("assessment.fill_and_sign", &(id, &fill))?;
        let room = self.room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| {
                room.act(tx, id, fill.clone()).await?;
                room.act(tx, id, Command::Sign).await
            };
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }
}

/// Which right an act needs.
fn action(command: &Command, role: Role) -> Action {
    match command {
        Command::Open(_) | Command::Fill { .. } | Command::Sign | Command::Answer { .. } => {
            Action::Assess
        }
        Command::Appeal { .. } => Action::Appeal,
        // Whoever went may propose another grade; another confirms.
        Command::Override { .. } if role != Role::CountyApprover => Action::Assess,
        _ => Action::ConfirmGrade,
    }
}

fn name(command: &Command) -> &'static str {
    match command {
        Command::Open(_) => "assessment.open",
        Command::Fill { .. } => "assessment.fill",
        Command::Sign => "assessment.sign",
        Command::Override { .. } => "assessment.override",
        Command::Confirm => "assessment.confirm",
        Command::Return { .. } => "assessment.return",
        Command::Appeal { .. } => "assessment.appeal",
        Command::LookAgain { .. } => "assessment.look_again",
        Command::Replace { .. } => "assessment.replace",
        Command::Answer { .. } => "assessment.mend",
        Command::Close { .. } => "assessment.close",
        Command::SendBack { .. } => "assessment.send_back",
    }
}

impl Room {
    async fn act(&self, tx: &mut Tx, id: AssessmentId, command: Command) -> Result<Phase> {
        let state = tx.assessment(id).await?.state;
        let sheet = self.sheet(&state.opened.sheet)?;
        let whom = self.whom(tx, state.opened.subject).await?;
        let at = (state.opened.region, &whom, state_of(&state, sheet));
        let action = action(&command, self.ctx.actor.role);
        self.may(tx, action, at).await?;
        let confirms = command == Command::Confirm;
        let state = self.step(tx, id, command).await?;
        if confirms {
            self.gives_way(tx, &state, sheet).await?;
            self.tell(tx, &state, sheet, &whom.name).await?;
        }
        Ok(state.phase(sheet))
    }

    /// Decides and keeps; whether it may be asked was looked at before.
    pub(super) async fn step(
        &self,
        tx: &mut Tx,
        id: AssessmentId,
        command: Command,
    ) -> Result<Assessment> {
        let loaded = tx.assessment(id).await?;
        let mut state = loaded.state;
        let sheet = self.sheet(&state.opened.sheet)?;
        let whom = self.whom(tx, state.opened.subject).await?;
        let known = Known {
            relatives: whom.near,
        };
        let (by, now, says) = (&self.ctx.actor, self.now, name(&command));
        let events = decide(Some(&state), command, by, &known, sheet, now);
        let events = events.map_err(AppError::refused)?;
        events.iter().for_each(|event| state.apply(event));
        let kept = (&state, state.phase(sheet));
        tx.save_assessment(loaded.version, kept, &events, by, now)
            .await?;
        self.on_record(tx, says, id, &events).await?;
        Ok(state)
    }

    /// Of a grade that lasts, only the newest counts; and the one an appeal was about
    /// gives way to what came of it.
    async fn gives_way(&self, tx: &mut Tx, state: &Assessment, sheet: &Sheet) -> Result<()> {
        let (id, opened) = (state.opened.id, &state.opened);
        let mut earlier: Vec<AssessmentId> = opened.reviews.into_iter().collect();
        if sheet.valid_months.is_some() {
            let lines = match opened.subject {
                Subject::Person(person) => tx.assessments_of(person).await?,
                Subject::Body(body) => {
                    let all = (long_ago(), self.now.today());
                    tx.scores_of(body, &sheet.id, all).await?
                }
            };
            let same = lines
                .iter()
                .filter(|one| one.sheet == sheet.id && one.id != id);
            let counts = same.filter(|one| matches!(one.phase, Phase::InForce | Phase::Appealed));
            earlier.extend(counts.map(|one| one.id));
        }
        earlier.sort();
        earlier.dedup();
        for one in earlier {
            self.step(tx, one, Command::Replace { by: id }).await?;
        }
        Ok(())
    }

    /// The notice: what came out, by which sheet, until when, and what to do about it.
    async fn tell(&self, tx: &mut Tx, state: &Assessment, sheet: &Sheet, name: &str) -> Result<()> {
        let (Subject::Person(person), Some(confirmed)) = (state.opened.subject, &state.confirmed)
        else {
            return Ok(());
        };
        let day = |day: kernel::Date| day.format("%Y年%-m月%-d日").to_string();
        let until = confirmed.until.map(|until| format!("管到{}。", day(until)));
        let text = format!(
            "{name}，您的“{}”结果是：{}。依据：{}。{}\n不同意的，{}前可以申诉，我们换人再评一次。可以在“我的评估”里提，也可以找村社区或镇街窗口。",
            sheet.name,
            confirmed.certificate.band.1,
            sheet.version,
            until.unwrap_or_default(),
            day(confirmed.appeal_until),
        );
        let occasion = "assessment_confirmed".parse();
        let message = Message {
            id: MessageId(tx.next_id("message").await?),
            occasion: occasion.map_err(|_| AppError::Fault("occasion".to_owned()))?,
            to: Recipient {
                person,
                mobile: false,
                inbox: true,
            },
            case: None,
            text,
            sms: Some(SMS.to_owned()),
            proof_wanted: true,
        };
        queue(tx, message, &self.ctx.actor, self.now).await
    }
}

/// Before anything here began.
pub(crate) fn long_ago() -> kernel::Date {
    kernel::Date::from_ymd_opt(1949, 1, 1).unwrap_or_default()
}
