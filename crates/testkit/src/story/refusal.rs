//! 「依法不予」 A refusal as the law has it: told first, heard, answered point by
//! point, then signed with reasons, rule, evidence and the way to appeal.

use super::cast::{Who, resident};
use super::{Family, Story, Trouble, plain};
use app::case::Ruling;
use engine_case::{Act, Phase};

impl Story<'_> {
    /// A person refuses: told first, heard, then signed with reasons and remedy.
    pub(super) async fn refuse(&mut self, family: &Family) -> Result<(), Trouble> {
        let key = |what: &str| format!("story/{}/{what}", family.letter);
        let ruling = || Ruling::refuse("财产超过规定的上限，有部门数据为证，不符合条件");
        self.app
            .intend(
                &Who::County.on(family.case, key("intend")),
                family.case,
                ruling(),
            )
            .await?;
        let serve = Act::ServeIntent {
            on: self.today(),
            how: "当面送达".to_owned(),
        };
        self.app
            .on_case(
                &Who::County.on(family.case, key("serve")),
                family.case,
                serve,
            )
            .await?;
        let day = self.today();
        self.say(format!("  {} 先告知拟不予，听本人陈述申辩", plain(day)));
        self.later(1)?;
        let points = vec!["钱是攒着给孩子上学用的".to_owned()];
        let speak = Act::Speak {
            points: points.clone(),
            finished: true,
        };
        self.app
            .on_case(
                &resident(family.applicant, key("speak")),
                family.case,
                speak,
            )
            .await?;
        let answer = Act::AnswerPoint {
            point: 0,
            text: "规定按全家存款计算，没有为学费另留的例外；上学有困难可以申请教育资助".to_owned(),
            accepted: false,
        };
        self.app
            .on_case(
                &Who::County.on(family.case, key("answer")),
                family.case,
                answer,
            )
            .await?;
        self.say(format!("  本人说：{}；逐点答复后再决定", points.join("；")));
        self.app
            .decide_case(
                &Who::County.on(family.case, key("refuse")),
                family.case,
                ruling(),
            )
            .await?;
        self.tell_refusal(family).await
    }

    async fn tell_refusal(&mut self, family: &Family) -> Result<(), Trouble> {
        let look = Who::County.on(family.case, format!("story/{}/refused", family.letter));
        let (case, _) = self.app.case(&look, family.case).await?;
        if case.phase != Phase::Refused {
            return Err(Trouble::Other(format!(
                "应当已经不予，实际是 {:?}",
                case.phase
            )));
        }
        let notice = case
            .decision()
            .and_then(|decision| decision.adverse())
            .map(|adverse| adverse.draft().notice.clone());
        let notice = notice.ok_or_else(|| Trouble::Other("不予没有告知书".to_owned()))?;
        self.say("  告知书：".to_owned());
        for line in notice.text.lines() {
            self.say(format!("    {line}"));
        }
        for remedy in &notice.remedy {
            self.say(format!("    {remedy}"));
        }
        self.figure("不予告知书里的救济途径", notice.remedy.len() as i64);
        Ok(())
    }
}
