//! 「告警」 A press, an answer, a call made, the end. One incident per burst: as long as
//! the alarm is open, every press of the same device joins it; one that comes later than
//! the burst after somebody answered wants an answer of its own.

use super::{Course, Done};
use crate::config::ClockOf;
use crate::event::What;
use crate::refusal::Refusal;
use crate::stage::Stage;
use chrono::TimeDelta;
use kernel::Slug;
use std::collections::BTreeMap;

impl Course<'_> {
    fn alarm(&self) -> Done {
        match self.config.ty.alarm {
            true => Ok(()),
            false => Err(Refusal::NotAnAlarm),
        }
    }

    fn open(&self, act: &'static str) -> Done {
        let stage = self.order.stage;
        match stage.is_open() && stage != Stage::New {
            true => Ok(()),
            false => Err(Refusal::WrongStage { stage, act }),
        }
    }

    pub(super) fn press(&mut self) -> Done {
        self.alarm()?;
        self.open("记按键")?;
        let burst = TimeDelta::seconds(i64::from(self.config.ty.burst_seconds));
        let last = self.order.pressed_at;
        let anew = last.is_none_or(|last| self.now.at - last > burst);
        self.put(What::Pressed);
        if anew && self.order.clock(ClockOf::Answer).is_none() {
            self.start(ClockOf::Answer, self.now.at)?;
        }
        self.tick()
    }

    pub(super) fn answer(&mut self) -> Done {
        self.open("应答")?;
        self.person()?;
        if self.order.clock(ClockOf::Answer).is_none() {
            // Somebody was quicker; the alarm is answered either way.
            return Ok(());
        }
        self.stop(ClockOf::Answer, self.now.at);
        self.put(What::Answered);
        if self.config.ty.alarm && self.order.clock(ClockOf::Close).is_none() {
            self.start(ClockOf::Close, self.now.at)?;
        }
        Ok(())
    }

    pub(super) fn called(&mut self, calling: usize, came: String) -> Done {
        self.open("记电话")?;
        self.person()?;
        if came.trim().is_empty() {
            return Err(Refusal::Blank("电话里怎么说"));
        }
        if !self.order.calls_to_make().any(|(at, _)| at == calling) {
            return Err(Refusal::NoSuchCall);
        }
        self.put(What::CallMade { calling, came });
        Ok(())
    }

    pub(super) fn close(&mut self, answers: BTreeMap<Slug, String>) -> Done {
        self.alarm()?;
        self.open("办结")?;
        self.person()?;
        self.not_the_provider()?;
        if self.order.answered.is_none() || self.order.clock(ClockOf::Answer).is_some() {
            return Err(Refusal::NotAnswered);
        }
        let needs = &self.config.ty.close.needs;
        let said = |id: &Slug| answers.get(id).is_some_and(|text| !text.trim().is_empty());
        let lacking = needs.iter().filter(|need| !said(&need.id));
        let lacking: Vec<String> = lacking.map(|need| need.asks.clone()).collect();
        if !lacking.is_empty() {
            return Err(Refusal::CloseLacks(lacking));
        }
        let known = |id: &Slug| needs.iter().any(|need| &need.id == id);
        let answers = answers.into_iter().filter(|(id, _)| known(id)).collect();
        self.stop_all();
        self.put(What::Closed(answers));
        Ok(())
    }
}
