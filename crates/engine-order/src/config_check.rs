//! 「写法对不对」 What a kind of order cannot mean, found when the pack is loaded: an alarm
//! that somebody could lose, an order nothing proves.

use crate::config::{ClockOf, DispatchBy, OrderType, Rung, Subsidy, Way, Whom};
use crate::lapse::Lapse;
use kernel::Slug;

/// Why a kind of order cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// An alarm without an answer clock.
    #[error("告警要写 [clock] answer（多久要有人应答）")]
    AlarmWithoutAnswer,
    /// An alarm without a close clock.
    #[error("告警要写 [clock] close（应答后多久要办结）")]
    AlarmWithoutClose,
    /// Nobody is called at once.
    #[error("告警要有一级 after = \"0 s\" 的 [[ladder]]，马上有人知道")]
    AlarmUncalled,
    /// The ladder ends.
    #[error("告警要写 [clock] again（最后一级之后多久从头再叫），最多 10 min")]
    AlarmEnds,
    /// Working time in an alarm.
    #[error("告警的时限不能用工时、工作日：告警不分白天黑夜")]
    AlarmSleeps,
    /// Nothing proves it.
    #[error("要写至少一项 required 的 [[proof]]，或 [[close.need]]：没有凭证不能办结")]
    NoProof,
    /// A rung on a clock that does not run.
    #[error("[[ladder]] 说的“{0}”没有写在 [clock] 里")]
    RungWithoutClock(&'static str),
    /// A message nobody would get.
    #[error("[[ladder]] 不能给“{0}”发短信：没有人会收到。请改成 screen 或 call")]
    NobodyToText(&'static str),
    /// A step needs what no proof is.
    #[error("步骤“{step}”要的“{proof}”没有写在 [[proof]] 里")]
    StepProof {
        /// Which step.
        step: String,
        /// What it needs.
        proof: Slug,
    },
    /// Nothing can be asked for.
    #[error("要写至少一项 [[item]]")]
    NoItem,
    /// A subsidy above the price.
    #[error("“{0}”的补贴比价格高")]
    SubsidyAbovePrice(String),
    /// Both or neither of days and months.
    #[error("[[every]] 的 days 和 months 写其中一个")]
    Every,
    /// Claimed and dispatched.
    #[error("告警不能等人认领")]
    AlarmClaimed,
}

impl OrderType {
    /// Everything that cannot be meant.
    pub fn validate(&self) -> Vec<ConfigError> {
        let mut wrong = Vec::new();
        if self.items.is_empty() {
            wrong.push(ConfigError::NoItem);
        }
        if self.alarm {
            self.validate_alarm(&mut wrong);
        }
        let proven = self.proof.iter().any(|proof| proof.required) || !self.close.needs.is_empty();
        if !proven {
            wrong.push(ConfigError::NoProof);
        }
        for rung in &self.ladder {
            if !self.clocks.contains_key(&rung.on) {
                wrong.push(ConfigError::RungWithoutClock(rung.on.id()));
            }
            let unheard = matches!(rung.who, Whom::Supervisor | Whom::Emergency);
            if unheard && rung.by.contains(&Way::Sms) {
                wrong.push(ConfigError::NobodyToText(rung.who.label()));
            }
        }
        for step in &self.steps {
            for proof in step.needs.iter().filter(|id| self.proof_of(id).is_none()) {
                wrong.push(ConfigError::StepProof {
                    step: step.name.clone(),
                    proof: proof.clone(),
                });
            }
        }
        for item in &self.items {
            let above = |subsidy: &Subsidy| subsidy.amount > item.price;
            if item.subsidies.iter().any(above) {
                wrong.push(ConfigError::SubsidyAbovePrice(item.name.clone()));
            }
        }
        if self
            .every
            .iter()
            .any(|one| one.days.is_some() == one.months.is_some())
        {
            wrong.push(ConfigError::Every);
        }
        wrong
    }

    fn validate_alarm(&self, wrong: &mut Vec<ConfigError>) {
        let clock = |of| self.clocks.contains_key(&of);
        if !clock(ClockOf::Answer) {
            wrong.push(ConfigError::AlarmWithoutAnswer);
        }
        if !clock(ClockOf::Close) {
            wrong.push(ConfigError::AlarmWithoutClose);
        }
        let at_once = |rung: &Rung| rung.on == ClockOf::Answer && rung.after == 0;
        if !self.ladder.iter().any(at_once) {
            wrong.push(ConfigError::AlarmUncalled);
        }
        let again = self.again.and_then(Lapse::seconds);
        if !again.is_some_and(|again| (1..=600).contains(&again)) {
            wrong.push(ConfigError::AlarmEnds);
        }
        if self.clocks.values().any(|lapse| lapse.seconds().is_none()) {
            wrong.push(ConfigError::AlarmSleeps);
        }
        if self.dispatch.by == DispatchBy::Claim {
            wrong.push(ConfigError::AlarmClaimed);
        }
    }
}
