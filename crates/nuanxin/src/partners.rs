//! 「专线」 The file that says how the house reaches the departments, the bank and the
//! SMS centre, and whose signatures it believes. Keys are PEM files beside it.

use crate::ending::Failure;
use app::App;
use app::hook::{HookLine, HookTarget};
use app::payment::{BankGateway, Payments};
use app::pull::{DatabasePages, DepartmentPages, PullPlan, Rhythm, Tapped};
use app::signing::{KeyRing, Signer};
use app::sms::SmsGateway;
use app::trust::{Reach, Trust};
use app::verify::Departments;
use engine_payment::{AccountNumber, Config};
use kernel::{Clock, Slug};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::PartnerDb;
use web::Gate;

/// The file, as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Our name in signatures.
    name: String,
    /// Our private key.
    key: PathBuf,
    /// Seconds a partner is waited for.
    #[serde(default = "five")]
    wait_seconds: u64,
    departments: Option<WrittenDepartments>,
    bank: Option<WrittenBank>,
    sms: Option<WrittenLine>,
    /// Keys of parties of agreements that are no departments.
    #[serde(default)]
    parties: BTreeMap<Slug, PathBuf>,
    /// Who is told of events.
    hooks: Option<WrittenHooks>,
    /// Departments' own databases that are read.
    #[serde(default)]
    database: Vec<WrittenDatabase>,
    /// Who speaks to us: `device:NAME` of a gateway, `line:NAME` of a hotline.
    #[serde(default)]
    gate: BTreeMap<String, PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDepartments {
    url: String,
    /// Whose key is whose.
    keys: BTreeMap<Slug, PathBuf>,
    /// Departments that are somewhere else.
    #[serde(default)]
    elsewhere: BTreeMap<Slug, String>,
    /// What is fetched.
    #[serde(default)]
    pull: Vec<WrittenPull>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPull {
    department: Slug,
    category: Slug,
    #[serde(default = "page_rows")]
    page_rows: u32,
    every_minutes: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDatabase {
    department: Slug,
    category: Slug,
    /// A file with the address, `postgres://…`: it holds a password.
    url_file: PathBuf,
    /// `schema.view`.
    view: String,
    #[serde(default = "page_rows")]
    page_rows: u32,
    every_minutes: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHooks {
    /// A DNS name that stands for this house.
    origin: String,
    target: Vec<WrittenHook>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHook {
    agreement: Slug,
    url: String,
    /// CloudEvents attributes in headers.
    #[serde(default)]
    binary: bool,
    /// A file with the word the other side wants in `Authorization: Bearer`.
    token_file: Option<PathBuf>,
}

const fn page_rows() -> u32 {
    500
}

/// The most rows of a page.
const PAGE_ROWS_MAX: u32 = 10_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBank {
    url: String,
    /// Its name in signatures.
    name: String,
    key: PathBuf,
    /// The treasury's account.
    payer: AccountNumber,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLine {
    url: String,
    /// Its name in signatures.
    name: String,
    key: PathBuf,
}

const fn five() -> u64 {
    5
}

/// The lines, open.
#[derive(Default)]
pub(crate) struct Partners {
    pub(crate) departments: Option<Departments>,
    pub(crate) pulls: Option<(Vec<PullPlan>, DepartmentPages)>,
    pub(crate) tapped: Option<(Vec<PullPlan>, DatabasePages)>,
    pub(crate) paying: Option<(Payments, BankGateway)>,
    pub(crate) sms: Option<SmsGateway>,
    pub(crate) gate: Option<Gate>,
    pub(crate) hooks: Option<HookLine>,
    pub(crate) parties: Option<(KeyRing, Signer)>,
}

impl Partners {
    /// From a file.
    ///
    /// # Errors
    /// [`Failure::BadInput`] naming the file and what is wrong with it.
    pub(crate) fn read(
        path: &Path,
        app: &App,
        clock: &Arc<dyn Clock>,
        trust: &Trust,
    ) -> Result<Partners, Failure> {
        let wrong = |why: String| Failure::BadInput(format!("专线文件 {}：{why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|why| wrong(why.to_string()))?;
        let written: Written = toml::from_str(&text).map_err(|why| wrong(why.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let pem = |name: &Path| {
            std::fs::read_to_string(folder.join(name))
                .map_err(|why| wrong(format!("打不开钥匙 {}：{why}", name.display())))
        };
        let ours = pem(&written.key)?;
        let signer = || {
            Signer::from_pem(&written.name, &ours)
                .map_err(|why| wrong(format!("{}：{why}", written.key.display())))
        };
        let wait = Duration::from_secs(written.wait_seconds.max(1));
        let reach = || {
            let trust = trust.clone();
            Reach { wait, trust }
        };
        let trusting = |keys: &mut KeyRing, name: &str, file: &Path| {
            keys.trust_pem(name, &pem(file)?)
                .map_err(|why| wrong(format!("{}：{why}", file.display())))
        };
        let mut partners = Partners::default();
        if let Some(one) = &written.departments {
            let line = || {
                let mut keys = KeyRing::default();
                for (department, file) in &one.keys {
                    trusting(&mut keys, department.as_str(), file)?;
                }
                let line = Departments::new(&one.url, signer()?, keys, reach()).map_err(&wrong)?;
                let elsewhere = one.elsewhere.iter();
                Ok::<_, Failure>(elsewhere.fold(line, |line, (id, url)| line.at(id.clone(), url)))
            };
            partners.departments = Some(line()?);
            if !one.pull.is_empty() {
                let plans = one.pull.iter().map(|one| planned(one, app));
                let plans: Result<_, String> = plans.collect();
                let pages = DepartmentPages::new(line()?, clock.clone());
                partners.pulls = Some((plans.map_err(&wrong)?, pages));
            }
        }
        if !written.database.is_empty() {
            let mut plans = Vec::new();
            let mut pages = DatabasePages::default();
            for one in &written.database {
                let plan = one.plan();
                plans.push(planned(&plan, app).map_err(&wrong)?);
                let url = pem(&one.url_file)?;
                let db = PartnerDb::new(url.trim(), wait).map_err(|why| wrong(why.to_string()))?;
                pages.tap(one.category.clone(), Tapped::new(db, &one.view));
            }
            partners.tapped = Some((plans, pages));
        }
        if let Some(one) = &written.bank {
            let mut keys = KeyRing::default();
            trusting(&mut keys, &one.name, &one.key)?;
            let line =
                BankGateway::new(&one.url, &one.name, signer()?, keys, clock.clone(), reach());
            let desk = app.payments(pay_config(one.payer.clone()));
            partners.paying = Some((desk, line.map_err(&wrong)?));
        }
        if let Some(one) = &written.sms {
            let mut keys = KeyRing::default();
            trusting(&mut keys, &one.name, &one.key)?;
            let line =
                SmsGateway::new(&one.url, &one.name, signer()?, keys, clock.clone(), reach());
            partners.sms = Some(line.map_err(&wrong)?);
        }
        // Who sends here: departments whose keys are known, and parties outside them.
        let departments = written.departments.iter().flat_map(|one| &one.keys);
        let mut keys = KeyRing::default();
        for (name, file) in departments.chain(&written.parties) {
            trusting(&mut keys, name.as_str(), file)?;
        }
        partners.parties = Some((keys, signer()?));
        if let Some(one) = &written.hooks {
            let mut targets = Vec::new();
            for target in &one.target {
                let token = target.token_file.as_deref().map(pem).transpose()?;
                targets.push(HookTarget {
                    agreement: target.agreement.clone(),
                    url: target.url.clone(),
                    binary: target.binary,
                    token: token.map(|text| text.trim().to_owned()),
                });
            }
            let line = HookLine::new(&one.origin, signer()?, targets, clock.clone(), reach());
            partners.hooks = Some(line.map_err(&wrong)?);
        }
        if !written.gate.is_empty() {
            let mut keys = KeyRing::default();
            for (name, file) in &written.gate {
                if !name.starts_with("device:") && !name.starts_with("line:") {
                    return Err(wrong(format!(
                        "[gate] 的“{name}”要以 device: 或 line: 开头"
                    )));
                }
                trusting(&mut keys, name, file)?;
            }
            partners.gate = Some(Gate::new(keys, signer()?));
        }
        Ok(partners)
    }
}

impl WrittenDatabase {
    fn plan(&self) -> WrittenPull {
        WrittenPull {
            department: self.department.clone(),
            category: self.category.clone(),
            page_rows: self.page_rows,
            every_minutes: self.every_minutes,
        }
    }
}

/// A pull as it is written, held against the catalogue.
fn planned(one: &WrittenPull, app: &App) -> Result<PullPlan, String> {
    let WrittenPull {
        department,
        category,
        page_rows,
        every_minutes,
    } = one;
    let owner = app.law().pack.data().catalogue.owner(category);
    if owner.is_none_or(|owner| owner.id != *department) {
        return Err(format!(
            "定时拉取写的“{department}”没有“{category}”这类数据。请对照数据目录"
        ));
    }
    if *page_rows == 0 || *page_rows > PAGE_ROWS_MAX || *every_minutes == 0 {
        return Err(format!(
            "定时拉取“{category}”：page_rows 要在 1 到 {PAGE_ROWS_MAX}，every_minutes 至少 1"
        ));
    }
    Ok(PullPlan {
        department: department.clone(),
        category: category.clone(),
        rhythm: Rhythm {
            page_rows: *page_rows,
            every_minutes: *every_minutes,
        },
    })
}

/// Minutes of silence before the bank is asked.
const SILENCE_MINUTES: u32 = 30;
/// Most lines of one bank file.
const MOST_LINES: usize = 100_000;

/// How the house pays.
pub(crate) fn pay_config(payer: AccountNumber) -> Config {
    Config {
        payer,
        silence_minutes: SILENCE_MINUTES,
        most_lines: MOST_LINES,
    }
}
