//! 「改一个数」 A draft of the law with one number changed, written on a page: the same
//! draft as a folder would be, with the same examples, dry run and signatures before it
//! comes into force.

use crate::simulate::Setting;
use crate::{App, AppError, Context, Result};
use kernel::{Date, RegionCode};
use packs::NewNumber;

/// What was typed.
#[derive(Clone, Debug, Default)]
pub struct NumberDraft {
    /// The parameter, `standard` or `dibao.extra_rate`.
    pub parameter: String,
    /// Its new value, as people write it: `1200`, `20%`.
    pub value: String,
    /// The first day.
    pub from: String,
    /// Where; empty: everywhere under the law.
    pub region: String,
    /// The document.
    pub source: String,
    /// The article; may be empty.
    pub article: String,
}

impl App {
    /// 起草一个数 Keeps the law in force with one number changed as a draft; gives its
    /// hash.
    ///
    /// # Errors
    /// A sentence about what was typed; the faults the loader finds; a refusal; examples
    /// that fail; the store's.
    pub async fn draft_number(&self, ctx: &Context, typed: &NumberDraft) -> Result<String> {
        let number = self.number(typed)?;
        let archive = self.law.pack.archive().with_number(&number);
        let missing = || {
            AppError::BadInput(format!(
                "“{}”不能在页面上改。请改政策包目录，用 nuanxin law draft",
                typed.parameter
            ))
        };
        let loaded = archive.ok_or_else(missing)?.load();
        let pack = loaded.pack.ok_or_else(|| {
            let told = loaded.report.render();
            AppError::BadInput(format!("这样改，政策包就有错：{told}"))
        })?;
        self.draft_law(ctx, pack).await
    }

    fn number(&self, typed: &NumberDraft) -> Result<NewNumber> {
        let bad = |says: &str| AppError::BadInput(says.to_owned());
        let text = format!("{}={}", typed.parameter.trim(), typed.value.trim());
        let setting = Setting::read(&self.law, &text)?;
        let [_] = setting.values.as_slice() else {
            return Err(bad("起草只能写一个数，不能写几个"));
        };
        let from: Date = typed
            .from
            .trim()
            .parse()
            .map_err(|_| bad("从哪天起，请写成 2026-01-31"))?;
        let region = match typed.region.trim() {
            "" => None,
            code => {
                let code: RegionCode = code.parse().map_err(|_| bad("没有这个镇街"))?;
                let here = self.law.pack.region();
                if !here.is_some_and(|here| here.contains(code)) {
                    return Err(bad("这个地方不在本规定的范围内"));
                }
                Some(code)
            }
        };
        let source = typed.source.trim();
        if source.is_empty() {
            return Err(bad("请写明依据哪份文件"));
        }
        let digits = typed.value.trim().trim_end_matches('%');
        let ends = digits.find(|one: char| !(one.is_ascii_digit() || one == '.' || one == '-'));
        let value = digits[..ends.unwrap_or(digits.len())].to_owned();
        Ok(NewNumber {
            parameter: typed.parameter.trim().to_owned(),
            value,
            from,
            region,
            source: source.to_owned(),
            article: Some(typed.article.trim().to_owned()).filter(|one| !one.is_empty()),
        })
    }
}
