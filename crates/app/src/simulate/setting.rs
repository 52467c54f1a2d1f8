//! 「改数」 What `--set` says: which number of the law, and the values it is tried with.

use crate::Law;
use crate::error::{AppError, Result};
use engine_policy::Parameter;
use expr::{Decimal, Type, Unit, Value};
use kernel::Slug;

/// A sweep tries at most this many values.
const VALUES_MAX: i64 = 64;

/// A parameter with the values to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Which.
    pub parameter: Slug,
    /// Its name.
    pub label: String,
    /// In order; one unless it is a sweep.
    pub values: Vec<Value>,
    pub(crate) ty: Type,
}

impl Setting {
    /// Reads `standard=1200`, `dibao.extra_rate=20%`, `standard=900..1100:50`,
    /// `standard=1000,1200`, `standard=1200元/人·月`.
    ///
    /// # Errors
    /// A sentence: no such parameter (and the nearest), another unit, no number.
    pub fn read(law: &Law, text: &str) -> Result<Setting> {
        let bad = |says: String| Err(AppError::BadInput(says));
        let Some((name, value)) = text.split_once('=') else {
            return bad(format!(
                "“{text}”看不懂。请写成 参数=数，例如 standard=1200 或 standard=900..1100:50"
            ));
        };
        let parameter = find(law, name.trim())?;
        let decl = &parameter.decl;
        if !matches!(decl.ty, Type::Number { .. }) {
            return bad(format!("“{}”不是数，不能这样改", decl.label));
        }
        let mut setting = Setting {
            parameter: decl.id.clone(),
            label: decl.label.clone(),
            values: Vec::new(),
            ty: decl.ty.clone(),
        };
        match value.split_once("..") {
            None => {
                // Values side by side: `900,1000`, also with the Chinese comma.
                for one in value.split([',', '，', '、']) {
                    let value = setting.number(one)?;
                    if !setting.values.contains(&value) {
                        setting.values.push(value);
                    }
                }
                let most = usize::try_from(VALUES_MAX).unwrap_or(usize::MAX);
                if setting.values.len() > most {
                    return bad(format!("“{}”最多试 {VALUES_MAX} 个值", decl.label));
                }
            }
            Some((from, rest)) => {
                let Some((to, step)) = rest.split_once(':') else {
                    return bad(format!("“{value}”少了步长。请写成 900..1100:50"));
                };
                setting.sweep(from, to, step)?;
            }
        }
        Ok(setting)
    }

    fn sweep(&mut self, from: &str, to: &str, step: &str) -> Result<()> {
        let digits = |value: Value| match value {
            Value::Number(number) => number.mantissa,
            _ => 0,
        };
        let scale = self.ty.scale().unwrap_or(0);
        let (from, to) = (digits(self.number(from)?), digits(self.number(to)?));
        let step = digits(self.number(step)?);
        let steps = to.checked_sub(from).and_then(|span| span.checked_div(step));
        match steps {
            Some(steps) if step > 0 && (0..VALUES_MAX).contains(&steps) => {
                let all = (0..=steps).map(|n| from + n * step);
                self.values = all
                    .map(|mantissa| Value::Number(Decimal { mantissa, scale }))
                    .collect();
                Ok(())
            }
            _ => Err(AppError::BadInput(format!(
                "“{}”要从小到大，步长大于 0，最多 {VALUES_MAX} 个值",
                self.label
            ))),
        }
    }

    fn number(&self, text: &str) -> Result<Value> {
        let bad = |says: String| AppError::BadInput(says);
        let text = text.trim();
        let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'));
        let (digits, unit) = text.split_at(split.unwrap_or(text.len()));
        let number: Decimal = digits
            .parse()
            .map_err(|why: expr::DecimalError| bad(why.to_string()))?;
        let wanted = self.ty.unit().unwrap_or(Unit::NONE);
        let number = match unit.trim() {
            "" => number,
            "%" if wanted.is_none() => number
                .percent()
                .ok_or_else(|| bad(format!("“{text}”的小数太多")))?,
            unit => match unit.parse::<Unit>() {
                Ok(unit) if unit == wanted => number,
                _ => {
                    return Err(bad(format!(
                        "“{}”的单位是“{wanted}”，不是“{unit}”",
                        self.label
                    )));
                }
            },
        };
        let scale = self.ty.scale().unwrap_or(0);
        let mantissa = number.at_scale(scale).ok_or_else(|| {
            bad(format!(
                "“{}”最多 {scale} 位小数，“{text}”多了，或者太大",
                self.label
            ))
        })?;
        Ok(Value::Number(Decimal { mantissa, scale }))
    }

    /// A value as people read it.
    pub(crate) fn spoken(&self, value: Value) -> String {
        value.spoken(&self.ty)
    }
}

/// By its id, `service.name`, or the name alone of one that services share.
fn find<'l>(law: &'l Law, name: &str) -> Result<&'l Parameter> {
    let all = &law.pack.rules().parameters;
    let by_id = |id: &str| all.iter().find(|one| one.decl.id.as_str() == id);
    let found = by_id(&name.replacen('.', "__", 1)).or_else(|| {
        let (service, shared) = name.split_once('.')?;
        law.pack.service(service).and_then(|_| by_id(shared))
    });
    found.ok_or_else(|| {
        let known: Vec<String> = all
            .iter()
            .map(|one| one.decl.id.as_str().replacen("__", ".", 1))
            .collect();
        let meant = packs::meant(name, known.iter().map(String::as_str));
        AppError::BadInput(format!(
            "没有“{name}”这个参数。{}",
            meant.unwrap_or_default()
        ))
    })
}
