//! 「人」 One invented resident and everything that is true about them. What
//! departments say is derived from this; where they err, they err in files only.
//! Amounts are in fen.

use kernel::{Date, PersonNumber, Relation, Sex, age_on};

/// One resident. Indices (`spouse`, `father`, `mother`) count the city's people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Place in [`super::City::people`].
    pub index: u32,
    /// The household, as a place in [`super::City::households`].
    pub household: u32,
    /// A number valid by check digit, area code 99….
    pub number: PersonNumber,
    /// The name.
    pub name: String,
    /// The sex; the number says the same.
    pub sex: Sex,
    /// The birthday; the number says the same.
    pub born: Date,
    /// Relation to the head.
    pub relation: Relation,
    /// 婚姻状况
    pub marital: Marital,
    /// Husband or wife, living or dead.
    pub spouse: Option<u32>,
    /// Father, when he is among the people.
    pub father: Option<u32>,
    /// Mother, when she is among the people.
    pub mother: Option<u32>,
    /// What took the person out of the household, if anything did.
    pub fate: Fate,
    /// Registered here, lives elsewhere.
    pub lives_away: bool,
    /// In school.
    pub school: Option<School>,
    /// How a living is made.
    pub work: Work,
    /// Earnings a month before deductions, in fen.
    pub earnings: i64,
    /// Whether any department knows the earnings.
    pub recorded: bool,
    /// Pension a month.
    pub pension: Pension,
    /// Disability by certificate.
    pub disability: Option<Disability>,
    /// Severe illness.
    pub illness: Option<Illness>,
    /// Grade of lost ability 1–4 (elders).
    pub dependence: Option<u8>,
    /// What is owned.
    pub assets: Assets,
    /// What is received.
    pub benefits: Benefits,
}

/// 婚姻状况
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marital {
    /// 未婚
    Single,
    /// 已婚
    Married,
    /// 丧偶
    Widowed,
    /// 离婚
    Divorced,
}

/// What took a person out of the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing: lives here.
    Present,
    /// Died on that day.
    Died(Date),
    /// Moved the registration away on that day.
    MovedOut(Date),
    /// In prison, detention or compulsory detoxification since that day.
    Custody(Custody, Date),
    /// Missing since that day.
    Lost(Date),
}

/// Kinds of custody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Custody {
    /// 服刑
    Prison,
    /// 羁押
    Detention,
    /// 强制隔离戒毒
    Detox,
}

/// 学段
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum School {
    /// 学前
    Preschool,
    /// 小学、初中
    Compulsory,
    /// 高中、中职
    SeniorHigh,
    /// 大专、本科
    College,
    /// 研究生
    Postgraduate,
}

/// How a living is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing to do with work (children, students, the old).
    Outside,
    /// Employed; the employer's place in the list of companies.
    Employed(u32),
    /// Paid by the treasury.
    Public,
    /// Odd jobs, platforms.
    Flexible,
    /// A registered small business.
    Business,
    /// Farming.
    Farmer,
    /// Registered as unemployed.
    Unemployed,
    /// Keeps house.
    Home,
}

/// Pension a month, in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pension {
    /// None.
    None,
    /// 企业职工
    Employee(i64),
    /// 机关事业
    Public(i64),
    /// 城乡居民: central basic part, own account, local addition.
    Resident(i64, i64, i64),
}

impl Pension {
    /// The whole.
    pub fn total(self) -> i64 {
        match self {
            Pension::None => 0,
            Pension::Employee(amount) | Pension::Public(amount) => amount,
            Pension::Resident(basic, account, local) => basic + account + local,
        }
    }
}

/// Disability by certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disability {
    /// GB/T 26341: 1 视力 … 7 多重.
    pub category: u8,
    /// 1 (heaviest) – 4.
    pub grade: u8,
}

/// Severe illness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Illness {
    /// Which: 0 恶性肿瘤, 1 尿毒症, 2 心脑血管病, 3 其他.
    pub kind: u8,
    /// Diagnosed.
    pub since: Date,
    /// Stays in hospital within two years.
    pub stays: u8,
}

/// What a person owns, in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assets {
    /// 存款
    pub deposits: i64,
    /// 理财
    pub wealth: i64,
    /// 证券
    pub stocks: i64,
    /// 基金
    pub funds: i64,
    /// 保单现金价值
    pub insurance: i64,
    /// 支付机构余额
    pub online: i64,
    /// 公司出资
    pub shares: i64,
    /// Passenger cars.
    pub cars: u8,
    /// Homes, all owned alone.
    pub homes: u8,
    /// Square metres of each home.
    pub home_area: u16,
}

impl Assets {
    /// Everything that can be spent.
    pub fn financial(&self) -> i64 {
        self.deposits + self.wealth + self.stocks + self.funds + self.insurance + self.online
    }
}

/// What a person receives (what the household receives is [`super::Aid`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Benefits {
    /// 特困人员
    pub tekun: bool,
    /// 困难残疾人生活补贴
    pub disability_living: bool,
    /// 重度残疾人护理补贴
    pub disability_nursing: bool,
    /// 高龄津贴
    pub age_allowance: bool,
    /// 孤儿基本生活费
    pub orphan: bool,
    /// 事实无人抚养儿童
    pub unattended: bool,
    /// 困境儿童
    pub child_in_difficulty: bool,
}

impl Person {
    /// Completed years on a day; 0 before birth.
    pub fn age(&self, day: Date) -> u32 {
        age_on(self.born, day).unwrap_or(0)
    }

    /// Whether the person lives, on the day the city was built.
    pub fn alive(&self) -> bool {
        !matches!(self.fate, Fate::Died(_))
    }

    /// Whether the person counts in the household: alive, registered, free.
    pub fn present(&self) -> bool {
        self.fate == Fate::Present
    }

    /// What the person has a month, whoever knows of it.
    pub fn income(&self) -> i64 {
        self.earnings + self.pension.total()
    }
}
