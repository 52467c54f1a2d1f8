//! 「告知书」 The words of a notice: the pack's text with what the case knows put in.

use super::desk::Desk;
use crate::{AppError, Result};
use engine_case::{Case, Notice, NoticeKind};
use kernel::{Date, Money, Period};
use packs::{NoticePart, NoticeText};

/// What a notice may speak of; what is not set cannot be spoken of.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    pub(super) applicant: String,
    pub(super) amount: Option<Money>,
    pub(super) old_amount: Option<Money>,
    pub(super) from: Option<Period>,
    pub(super) last: Option<Period>,
    pub(super) months: Option<u32>,
    pub(super) reasons: String,
    pub(super) basis: String,
    pub(super) missing: String,
    pub(super) until: Option<Date>,
}

impl Desk {
    /// The texts a service or joint service has for an occasion.
    pub(super) fn notice_text(&self, case: &Case, kind: NoticeKind) -> Option<&NoticeText> {
        let service = &case.opened.as_ref()?.service;
        let pack = &self.law.pack;
        let own = pack.service(service.as_str()).map(|one| &one.notices);
        let notices = own.or_else(|| pack.joint(service.as_str()).map(|one| &one.notices));
        notices?.get(&kind)
    }

    /// The notice for an occasion, in words.
    pub(super) fn notice(&self, case: &Case, kind: NoticeKind, words: &Words) -> Result<Notice> {
        let text = self
            .notice_text(case, kind)
            .ok_or_else(|| AppError::Fault(format!("规则包里没有告知文字 notice.{}", kind.id())))?;
        Ok(Notice {
            kind,
            text: self.render(case, text, words)?,
            remedy: text.remedy.clone(),
        })
    }

    fn render(&self, case: &Case, text: &NoticeText, words: &Words) -> Result<String> {
        let mut said = String::new();
        for part in &text.parts {
            match part {
                NoticePart::Words(words) => said.push_str(words),
                NoticePart::Of(name) => match self.word(case, name, &text.remedy, words) {
                    Some(word) if !word.trim().is_empty() => said.push_str(&word),
                    // A gap in a notice is a wrong notice: it does not go out.
                    _ => {
                        let says = format!("告知书里的“{{{name}}}”没有内容，请补上再写");
                        return Err(AppError::BadInput(says));
                    }
                },
            }
        }
        Ok(said)
    }

    fn word(&self, case: &Case, name: &str, remedy: &[String], words: &Words) -> Option<String> {
        let opened = case.opened.as_ref()?;
        let pack = &self.law.pack;
        let money = |amount: Option<Money>| amount.map(|amount| format!("{amount} 元"));
        let month =
            |period: Option<Period>| period.map(|p| format!("{} 年 {} 月", p.year(), p.month()));
        match name {
            "applicant" => Some(words.applicant.clone()),
            "service" => {
                let flow = pack.flow(opened.service.as_str());
                flow.map(|flow| flow.name.clone())
            }
            "amount" | "new_amount" => money(words.amount),
            "old_amount" => money(words.old_amount),
            "first_month" => month(words.from),
            "last_month" => month(words.last),
            "months" => words.months.map(|months| months.to_string()),
            "reasons" => Some(words.reasons.clone()),
            "basis" => Some(words.basis.clone()),
            "missing" | "documents" => Some(words.missing.clone()),
            "next" => Some(remedy.join("；")),
            "deadline" | "hearing_until" => words.until.map(day),
            "date" => Some(day(self.now.today())),
            "case_no" => Some(opened.case.to_string()),
            "office" => {
                let brand = pack.brand("office").map(str::to_owned);
                brand.or_else(|| pack.head().map(|head| format!("{}民政部门", head.name)))
            }
            "phone" => {
                let brand = pack.brand("phone").map(str::to_owned);
                brand.or_else(|| Some("当地民政服务窗口电话".to_owned()))
            }
            _ => None,
        }
    }
}

fn day(date: Date) -> String {
    date.format("%Y 年 %-m 月 %-d 日").to_string()
}
