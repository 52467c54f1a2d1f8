//! 「免申即享」 What nobody has to apply for: the house opens the cases of those it
//! found and looks up what may be looked up; people go through the list and sign; one
//! of the found declines.

use super::cast::{Who, itself, resident};
use super::{Story, Trouble};
use app::case::{FoundCase, Ruling};
use engine_access::Purpose;
use engine_case::{Act, Phase};
use engine_policy::Verdict;
use kernel::{PersonId, Slug};

/// How many of the found the story follows at most; the last of them declines.
const FOUND: usize = 6;

/// What was granted without being asked for.
pub(super) struct Unasked {
    pub(super) service: Slug,
    pub(super) granted: Vec<FoundCase>,
}

impl Story<'_> {
    pub(super) async fn unasked(&mut self) -> Result<Option<Unasked>, Trouble> {
        let law = self.app.law().clone();
        let benefits = law.judge.book().benefits.iter();
        let free = benefits.filter(|one| one.without_application && one.amount.is_some());
        let Some(service) = free.map(|one| one.id.clone()).next() else {
            return Ok(None);
        };
        let ctx = itself(Purpose::Discovery, "story/found/open");
        let cases = self.app.open_found(&ctx, &service, FOUND).await?;
        let again = self.app.open_found(&ctx, &service, FOUND).await?;
        let doubled = again.iter().filter(|one| one.opened).count();
        self.say(format!(
            "■ 不用申请的：{}，系统按筛查结果替 {} 人建好办件；再跑一次多建 {doubled} 件",
            self.name(&service),
            cases.len(),
        ));
        self.figure("免申请 建了几件", cases.len() as i64);
        self.figure("免申请 再跑一次多建几件", doubled as i64);
        let (mut granted, mut fen) = (Vec::new(), 0);
        let last = cases.len().saturating_sub(1);
        for (nth, found) in cases.into_iter().enumerate() {
            if nth > 0 && nth == last {
                self.decline(&found).await?;
                continue;
            }
            if let Some(amount) = self.confirm(nth, &found).await? {
                fen += amount;
                granted.push(found);
            }
        }
        self.figure("免申请 给了几人", granted.len() as i64);
        self.figure("免申请 每月合计（分）", fen);
        Ok(Some(Unasked { service, granted }))
    }

    /// Figures are named by the place in the list: case numbers may have gaps.
    /// The town goes through the list, the house looks up, the county signs. Gives the
    /// amount granted, in fen.
    async fn confirm(&mut self, nth: usize, found: &FoundCase) -> Result<Option<i64>, Trouble> {
        let case = found.case;
        let key = |what: &str| format!("story/found/{case}/{what}");
        let town = Who::Town.on(case, key("accept"));
        self.app
            .on_case(&town, case, Act::Accept { tolerate: None })
            .await?;
        let ctx = itself(Purpose::Case(case), key("check"));
        self.app.check_found(&ctx, case).await?;
        let look = Who::County.on(case, key("read"));
        let certificate = self.app.certificate_of(&look, case).await?;
        let differences = certificate.replay(&self.app.law().judge);
        let differences = differences.map_err(|why| Trouble::Other(why.to_string()))?;
        self.figure(
            &format!("免申请 第 {} 人证书重放的差异", nth + 1),
            differences.len() as i64,
        );
        let told = &certificate.judgement;
        if told.verdict != Verdict::Eligible {
            self.say(format!(
                "  办件 {case}：{}，先不下结论",
                told.verdict.label()
            ));
            return Ok(None);
        }
        let ruling = Ruling::Grant {
            amount: None,
            from: None,
            reasons: "年龄、户籍核对无误，没有死亡登记".to_owned(),
        };
        let county = Who::County.on(case, key("grant"));
        self.app.decide_case(&county, case, ruling).await?;
        let (state, _) = self.app.case(&look, case).await?;
        if state.phase == Phase::Granted {
            let ctx = itself(Purpose::Case(case), key("start"));
            self.app.on_case(&ctx, case, Act::StartPaying).await?;
        }
        self.say(format!("  办件 {case}：{}；县里签字", told.sum.join("，")));
        Ok(Some(told.amount.map_or(0, |amount| amount.fen())))
    }

    async fn decline(&mut self, found: &FoundCase) -> Result<(), Trouble> {
        let case = found.case;
        let ctx = resident(found.person, format!("story/found/{case}/decline"));
        self.app.on_case(&ctx, case, Act::Withdraw).await?;
        self.say(format!("  办件 {case}：本人谢绝，不再替他建"));
        self.figure("免申请 谢绝几人", 1);
        Ok(())
    }

    /// The cards of those who were granted.
    pub(super) async fn cards(
        &self,
        granted: &[FoundCase],
    ) -> Result<Vec<(PersonId, String)>, Trouble> {
        let mut cards = Vec::new();
        for found in granted {
            let number = self.number(found.household, found.person).await?;
            let card = self.city.find(&number).map(|one| self.city.card_of(one));
            cards.extend(card.map(|card| (found.person, card)));
        }
        Ok(cards)
    }
}
