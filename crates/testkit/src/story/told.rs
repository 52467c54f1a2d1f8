//! 「告诉」 What the family is shown before it is asked, and the messages it gets.

use super::cast::itself;
use super::{Family, Story, Trouble, World};
use chrono::TimeDelta;
use engine_access::Purpose;
use engine_policy::{Entry, Source};
use kernel::Clock as _;

/// How many looked-up answers are printed.
const LOOKED_UP: usize = 8;

impl Story<'_> {
    /// Hands every message to the SMS centre until nothing is left to do.
    pub(super) async fn messages(&mut self, world: &World) -> Result<(), Trouble> {
        let (mut sent, mut delivered, mut inbox) = (0, 0, 0);
        let hour = self.clock.now().at;
        // A receipt is asked for a minute after its message was taken.
        for minute in [0, 2] {
            self.clock.wait_until(hour + TimeDelta::minutes(minute))?;
            loop {
                let round = self.app.send_messages(&world.sms, 100).await?;
                sent += round.sms;
                delivered += round.delivered;
                inbox += round.in_app;
                if round == Default::default() {
                    break;
                }
            }
        }
        self.say(format!(
            "■ 消息：站内 {inbox} 条，短信 {sent} 条，送达 {delivered} 条；内容只有姓名和服务名"
        ));
        Ok(())
    }

    /// What departments already say of the family, with source and day: shown
    /// before anything is asked.
    pub(super) async fn looked_up(&mut self, family: &Family) -> Result<(), Trouble> {
        let ctx = itself(Purpose::Discovery, format!("story/{}/known", family.letter));
        let facts = self
            .app
            .known_facts(&ctx, family.household, self.today())
            .await?;
        let law = self.app.law().clone();
        let mut shown = 0;
        for (nth, member) in facts.members.iter().enumerate() {
            for (id, entry) in &member.facts {
                let (Entry::Known(value, source), Some(rule)) =
                    (entry, law.judge.book().fact(id.as_str()))
                else {
                    continue;
                };
                let Source::Department {
                    department,
                    as_of,
                    record: Some(_),
                    ..
                } = source
                else {
                    continue;
                };
                shown += 1;
                if shown <= LOOKED_UP {
                    let name = law
                        .pack
                        .data()
                        .catalogue
                        .department(department)
                        .map(|one| one.name.clone());
                    self.say(format!(
                        "    第 {} 个人 {}：{}（{}，{as_of}）不对？",
                        nth + 1,
                        rule.decl.label,
                        value.spoken(&rule.decl.ty),
                        name.unwrap_or_default()
                    ));
                }
            }
        }
        self.figure("申请时已经查到几项", shown as i64);
        self.say(format!(
            "  已经查到 {shown} 项，不用再填（上面是前 {LOOKED_UP} 项）"
        ));
        Ok(())
    }
}
