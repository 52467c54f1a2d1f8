//! 「找到」 The departments' files through the one gate, and everyone judged.

use super::cast::itself;
use super::{Story, Trouble};
use app::ScreenReport;
use app::import::{ImportOutcome, ImportReport};
use engine_access::Purpose;
use engine_policy::Finding;
use kernel::Date;
use std::collections::BTreeMap;
use std::path::Path;

impl Story<'_> {
    pub(super) async fn import(&mut self, files: &Path) -> Result<(), Trouble> {
        let ctx = itself(Purpose::Collection, "story/import");
        let report: ImportReport = self.app.import(&ctx, files, None, |_| {}).await?;
        let (mut rows, mut taken, mut refused, mut late, mut repeated) = (0, 0, 0, 0, 0);
        let (mut people, mut households) = (0, 0);
        let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
        for one in &report.deliveries {
            match &one.outcome {
                ImportOutcome::Accepted(quality) => {
                    rows += quality.rows;
                    taken += quality.taken;
                    late += u64::from(quality.late);
                    for (kind, count) in &quality.by_kind {
                        let words = kind.to_string();
                        let words = words
                            .split(['。', '，', '（'])
                            .next()
                            .unwrap_or_default()
                            .to_owned();
                        *kinds.entry(words).or_default() += count;
                    }
                }
                ImportOutcome::Refused { reasons, .. } => {
                    refused += 1;
                    if refused <= 3 {
                        self.say(format!(
                            "    整份退回 {}：{}",
                            one.category,
                            reasons.join("；")
                        ));
                    }
                }
                ImportOutcome::Repeated => repeated += 1,
            }
            if let Some(registered) = &one.registered {
                people += registered.people;
                households += registered.households;
            }
        }
        self.say(format!(
            "■ 部门数据：{} 份文件，{rows} 行，收下 {taken} 行；整份退回 {refused}，重复 {repeated}，晚到 {late}，没来 {} 类",
            report.deliveries.len(),
            report.absent.len()
        ));
        let mut kinds: Vec<(String, u64)> = kinds.into_iter().collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        for (kind, count) in kinds.iter().take(6) {
            self.say(format!("    退回的行：{kind} {count}"));
        }
        let contradicted: i64 = report.contradictions.iter().map(|one| one.people).sum();
        self.figure("部门之间对不上的人", contradicted);
        for one in &report.contradictions {
            self.say(format!(
                "    对不上：{} {} 人（给人看，不算数）",
                one.says, one.people
            ));
        }
        if people > 0 {
            self.say(format!("    底册：{people} 人，{households} 户"));
        }
        Ok(())
    }

    pub(super) async fn screen(&mut self, day: Date) -> Result<ScreenReport, Trouble> {
        let ctx = itself(Purpose::Discovery, "story/screen");
        let report = self.app.screen(&ctx, day, |_| {}).await?;
        self.app.note_signs(&ctx).await?;
        self.figure("判断了几户", report.households as i64);
        self.figure("判断了几人", report.persons as i64);
        self.say(format!(
            "■ 政策找人：{} 户 {} 人，{} 项待遇",
            report.households,
            report.persons,
            report.benefits.len()
        ));
        for one in &report.benefits {
            let count = |finding| one.findings.get(&finding).copied().unwrap_or(0) as i64;
            for (finding, name) in [
                (Finding::FoundNotReceiving, "找到没领"),
                (Finding::ConsentWouldTell, "同意核对就知道"),
                (Finding::ReceivingNotFound, "在领不再找到"),
                (Finding::Undetermined, "还不知道"),
            ] {
                self.figure(&format!("{} {name}", one.name), count(finding));
            }
            let next = one.undetermined_by.iter().max_by_key(|(_, count)| **count);
            self.say(format!(
                "  {}：找到没领 {}，同意核对就知道 {}，在领不再找到 {}，还不知道 {}{}",
                one.name,
                count(Finding::FoundNotReceiving),
                count(Finding::ConsentWouldTell),
                count(Finding::ReceivingNotFound),
                count(Finding::Undetermined),
                next.map(|(fact, count)| format!("（最多缺“{}”：{count}）", self.fact(fact)))
                    .unwrap_or_default()
            ));
        }
        Ok(report)
    }
}
