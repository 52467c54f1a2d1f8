//! 「故事」 The main job, told on the synthetic city: found, applied, verified,
//! decided, paid; one rightly refused, one still unknown. Every figure is
//! computed. Told again over the same database it goes on where it was: each
//! step has a request key of its own.

mod accounts;
mod bookings;
mod cast;
mod clock;
mod family;
mod found;
mod money;
mod orders;
mod refusal;
mod together;
mod told;
mod unasked;

pub use accounts::{DemoLogin, known_elsewhere, open_accounts};
pub use bookings::open_places;
pub use clock::FileClock;
pub use money::pay_config;
pub use orders::{DemoDevice, open_centre};

use crate::city::{City, Story as Fate, StoryFamily};
use app::payment::BankGateway;
use app::sms::SmsGateway;
use app::verify::Departments;
use app::{App, AppError, ScreenReport};
use cast::hire;
use engine_case::{ServiceFlow, StepKind};
use engine_policy::{Finding, WhyMissing};
use family::{Family, declaration};
use kernel::{
    Clock, Date, FindingId, HouseholdId, Period, PersonId, PersonNumber, Slug, Truth, add_days,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// How many more families are granted, and how many are tried for that.
const OTHERS: (usize, usize) = (3, 8);

/// What went wrong with the telling.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A use case said no.
    #[error(transparent)]
    App(#[from] AppError),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The disk.
    #[error("{0}")]
    Disk(#[from] std::io::Error),
    /// The calendar ended.
    #[error("日历走到头了")]
    Calendar,
    /// The story did not come out as the law says it must.
    #[error("{0}")]
    Other(String),
}

/// Everything the story is told over.
pub struct World {
    /// The house.
    pub app: App,
    /// The story's day.
    pub clock: Arc<FileClock>,
    /// The city.
    pub city: City,
    /// The day the story begins.
    pub first_day: Date,
    /// The departments, one of them down whose silence does not matter.
    pub departments: Departments,
    /// The departments, one of them down whose silence decides.
    pub silent_departments: Departments,
    /// The bank.
    pub bank: BankGateway,
    /// The SMS centre.
    pub sms: SmsGateway,
}

/// What the story found out, by name: every number it printed.
pub type Figures = BTreeMap<String, i64>;

/// Tells the story; `line` hears every line.
///
/// # Errors
/// [`Trouble`]: the story stops where it is, everything acknowledged is kept.
pub async fn tell(
    world: &World,
    files: &Path,
    mut line: impl FnMut(&str),
) -> Result<Figures, Trouble> {
    let mut story = Story {
        app: world.app.clone(),
        clock: world.clock.clone(),
        city: &world.city,
        figures: Figures::new(),
        line: &mut line,
        batch_total: 0,
    };
    world.clock.go_to(world.first_day)?;
    let staff = hire(&world.app, world.city.region, world.first_day).await?;
    story.say(format!("■ 岗位：{staff} 人，角色由一人提出、另一人批准"));
    story.import(files).await?;
    let screened = story.screen(world.first_day).await?;
    let tales = world.city.story_families();
    let service = story.service(&screened, &tales).await?;
    story.granted(&tales, &service, world).await?;
    story.clock.go_to(world.first_day)?;
    story.refused(&tales, &service, world).await?;
    story.clock.go_to(world.first_day)?;
    story.unknown(&tales, &service, world).await?;
    story.clock.go_to(world.first_day)?;
    story.together(&tales, world).await?;
    story.messages(world).await?;
    Ok(story.figures)
}

struct Story<'a> {
    app: App,
    clock: Arc<FileClock>,
    city: &'a City,
    figures: Figures,
    line: &'a mut dyn FnMut(&str),
    /// The batch's total in fen: what the bank must account for.
    batch_total: i64,
}

impl Story<'_> {
    fn say(&mut self, words: String) {
        (self.line)(&words);
    }

    fn figure(&mut self, name: &str, value: i64) {
        self.figures.insert(name.to_owned(), value);
    }

    fn today(&self) -> Date {
        self.clock.now().today()
    }

    /// Goes some days on.
    fn later(&mut self, days: u32) -> Result<(), Trouble> {
        let day = add_days(self.today(), days).ok_or(Trouble::Calendar)?;
        Ok(self.clock.go_to(day)?)
    }

    fn flow(&self, service: &Slug) -> Result<Arc<ServiceFlow>, Trouble> {
        let flow = self.app.law().pack.flow(service.as_str()).cloned();
        flow.ok_or_else(|| Trouble::Other(format!("没有服务 {service}")))
    }

    fn name(&self, service: &Slug) -> String {
        let flow = self.app.law().pack.flow(service.as_str());
        flow.map_or_else(|| service.to_string(), |one| one.name.clone())
    }

    /// The service the first family was found for: paid, and settled by consent.
    async fn service(
        &mut self,
        screened: &ScreenReport,
        tales: &[StoryFamily],
    ) -> Result<Slug, Trouble> {
        let tale = of(tales, Fate::Granted)?;
        let (_, household) = self.register(&tale.applicant).await?;
        let law = self.app.law().clone();
        for benefit in law
            .judge
            .book()
            .benefits
            .iter()
            .filter(|benefit| benefit.amount.is_some())
        {
            let (id, screening) = (benefit.id.clone(), screened.screening);
            let page = self.app.db().read(async move |tx| {
                tx.findings(
                    screening,
                    &id,
                    Finding::ConsentWouldTell,
                    FindingId(0),
                    u32::MAX,
                )
                .await
            });
            let found = page.await?;
            let verified = law
                .pack
                .flow(benefit.id.as_str())
                .is_some_and(|flow| flow.steps.iter().any(|step| step.kind == StepKind::Verify));
            if verified && found.iter().any(|(_, row)| row.household == household) {
                return Ok(benefit.id.clone());
            }
        }
        Err(Trouble::Other("筛查没有找到故事里的那户人家".to_owned()))
    }

    /// A fact's name.
    fn fact(&self, id: &Slug) -> String {
        let law = self.app.law();
        let rule = law.judge.book().fact(id.as_str());
        rule.map_or_else(|| id.to_string(), |rule| rule.decl.label.clone())
    }

    /// A department's name.
    fn department(&self, id: &Slug) -> String {
        let catalogue = &self.app.law().pack.data().catalogue;
        let found = catalogue.department(id);
        found.map_or_else(|| id.to_string(), |one| one.name.clone())
    }

    /// A category's name.
    fn category(&self, id: &Slug) -> String {
        let catalogue = &self.app.law().pack.data().catalogue;
        let found = catalogue.category(id);
        found.map_or_else(|| id.to_string(), |one| one.name.clone())
    }

    fn why(&self, why: &WhyMissing) -> String {
        match why {
            WhyMissing::NotAsked => "还没问".to_owned(),
            WhyMissing::NoAnswer { department } => {
                format!("{}没有答复", self.department(department))
            }
            WhyMissing::NeedsAuthorisation => "要先同意".to_owned(),
            WhyMissing::Disputed => "说法不一致".to_owned(),
        }
    }

    async fn register(&self, number: &PersonNumber) -> Result<(PersonId, HouseholdId), Trouble> {
        let number = *number;
        let found = self.app.db().read(async move |tx| {
            let people = tx.people_with(number).await?;
            let Some(person) = people.first().copied() else {
                return Ok(None);
            };
            let household = tx.households_with(person).await?.first().copied();
            Ok::<_, store::StoreError>(household.map(|household| (person, household)))
        });
        found
            .await?
            .ok_or_else(|| Trouble::Other("底册里没有故事里的人".to_owned()))
    }

    async fn family(
        &self,
        letter: char,
        tale: &StoryFamily,
        service: &Slug,
    ) -> Result<Family, Trouble> {
        let (applicant, household) = self.register(&tale.applicant).await?;
        let mut declared = Vec::new();
        if let Some(differs) = &tale.differs {
            let (person, _) = self.register(&differs.person).await?;
            let slug = |text: &str| {
                text.parse::<Slug>()
                    .map_err(|why| Trouble::Other(why.to_string()))
            };
            declared.push(declaration(
                person,
                slug(differs.category)?,
                slug(differs.field)?,
                differs.declared,
            ));
        }
        Ok(Family {
            letter,
            service: service.clone(),
            household,
            applicant,
            case: kernel::CaseId(0),
            declared,
            verification: None,
        })
    }

    async fn granted(
        &mut self,
        tales: &[StoryFamily],
        service: &Slug,
        world: &World,
    ) -> Result<(), Trouble> {
        let tale = of(tales, Fate::Granted)?;
        let mut family = self.family('A', tale, service).await?;
        self.say(format!("■ 一户被找到的人家：{}", self.name(service)));
        self.looked_up(&family).await?;
        self.apply(&mut family).await?;
        self.handle(&mut family, &world.departments, true).await?;
        let facts = self.facts(&family).await?;
        self.later(1)?;
        match self.judge(&family, facts).await? {
            Truth::True => self.grant(&family).await?,
            other => return Err(Trouble::Other(format!("A 户应当符合，判断是 {other:?}"))),
        }
        let others = self.others(tales, service, world).await?;
        let end = self.today();
        self.clock.go_to(world.first_day)?;
        let unasked = self.unasked().await?;
        self.clock.go_to(end)?;
        let period = Period::of(self.today()).plus_months(1);
        let first = period.first_day();
        // The month's offices open after the holiday.
        self.clock
            .go_to(add_days(first, 7).ok_or(Trouble::Calendar)?)?;
        let mut payees = Vec::new();
        // Whoever waits to be clicked for has a card, too.
        let waiting = tales.iter().find(|one| one.story == Fate::Waiting);
        let waiting = waiting.map(|one| one.applicant);
        let number = std::iter::once(tale.applicant).chain(others).chain(waiting);
        for number in number {
            let (person, _) = self.register(&number).await?;
            let card = self
                .city
                .find(&number)
                .map(|person| self.city.card_of(person));
            payees.extend(card.map(|card| (person, card)));
        }
        let mut programmes = vec![service.clone()];
        if let Some(unasked) = unasked {
            payees.extend(self.cards(&unasked.granted).await?);
            programmes.push(unasked.service);
        }
        self.accounts(&payees).await?;
        for month in self.owed_before(period).await? {
            self.say(format!(
                "■ {month} 的钱：待遇从申请、达龄的当月起，先把欠的补上"
            ));
            self.pay(month, &world.bank, &programmes).await?;
        }
        self.say(format!("■ {period} 的钱"));
        self.pay(period, &world.bank, &programmes).await?;
        self.statement(&family, period).await
    }

    /// More families that were found, each through a whole case of its own. Gives
    /// the numbers of those who were granted.
    async fn others(
        &mut self,
        tales: &[StoryFamily],
        service: &Slug,
        world: &World,
    ) -> Result<Vec<PersonNumber>, Trouble> {
        let mut found = self.found(tales, service).await?;
        found.truncate(OTHERS.1);
        let (mut granted, mut tried) = (Vec::new(), 0);
        let end = self.today();
        for (household, letter) in found.into_iter().zip('D'..='Z') {
            if granted.len() == OTHERS.0 {
                break;
            }
            tried += 1;
            let (applicant, number) = self.head(household).await?;
            let mut family = Family {
                letter,
                service: service.clone(),
                household,
                applicant,
                case: kernel::CaseId(0),
                declared: Vec::new(),
                verification: None,
            };
            self.clock.go_to(world.first_day)?;
            self.apply(&mut family).await?;
            self.handle(&mut family, &world.departments, true).await?;
            let facts = self.facts(&family).await?;
            self.later(1)?;
            if self.judge(&family, facts).await? == Truth::True {
                self.grant(&family).await?;
                granted.push(number);
            }
        }
        self.clock.go_to(end)?;
        self.figure("另外走了几户", tried);
        self.figure("另外给了几户", granted.len() as i64);
        Ok(granted)
    }

    /// Households found for a service that the story does not tell of, in order.
    async fn found(
        &self,
        tales: &[StoryFamily],
        service: &Slug,
    ) -> Result<Vec<HouseholdId>, Trouble> {
        let mut told = Vec::new();
        for tale in tales {
            told.push(self.register(&tale.applicant).await?.1);
        }
        let id = service.clone();
        let found = self.app.db().read(async move |tx| {
            let Some(run) = tx.latest_screening().await? else {
                return Ok(Vec::new());
            };
            tx.findings(
                run.id,
                &id,
                Finding::ConsentWouldTell,
                FindingId(0),
                u32::MAX,
            )
            .await
        });
        let found = found.await?.into_iter().map(|(_, row)| row.household);
        Ok(found.filter(|id| !told.contains(id)).collect())
    }

    /// The number departments know someone by.
    async fn number(
        &self,
        household: HouseholdId,
        person: PersonId,
    ) -> Result<PersonNumber, Trouble> {
        let register = self.app.db().read(async move |tx| {
            let before = HouseholdId(household.0 - 1);
            tx.register_page(before, 1).await
        });
        let state = register.await?.state;
        let number = state.people.get(&person);
        let number = number.and_then(|one| one.number(&Default::default()));
        number.ok_or_else(|| Trouble::Other(format!("{person} 没有证件号码")))
    }

    /// The head of a household, and the number departments know them by.
    async fn head(&self, household: HouseholdId) -> Result<(PersonId, PersonNumber), Trouble> {
        let day = self.today();
        let register = self.app.db().read(async move |tx| {
            let before = HouseholdId(household.0 - 1);
            tx.register_page(before, 1).await
        });
        let state = register.await?.state;
        let head = state
            .households
            .get(&household)
            .and_then(|home| home.head_on(day));
        let number = head.and_then(|head| state.people.get(&head)?.number(&Default::default()));
        let both = head.zip(number);
        both.ok_or_else(|| Trouble::Other(format!("第 {household} 户没有户主")))
    }

    async fn refused(
        &mut self,
        tales: &[StoryFamily],
        service: &Slug,
        world: &World,
    ) -> Result<(), Trouble> {
        let tale = of(tales, Fate::SavingsOver)?;
        let mut family = self.family('B', tale, service).await?;
        self.say("■ 一户依法不予的人家".to_owned());
        self.apply(&mut family).await?;
        self.handle(&mut family, &world.departments, true).await?;
        let facts = self.facts(&family).await?;
        self.later(1)?;
        match self.judge(&family, facts).await? {
            Truth::False => self.refuse(&family).await,
            other => Err(Trouble::Other(format!("B 户应当不符合，判断是 {other:?}"))),
        }
    }

    async fn unknown(
        &mut self,
        tales: &[StoryFamily],
        service: &Slug,
        world: &World,
    ) -> Result<(), Trouble> {
        let tale = of(tales, Fate::Undetermined)?;
        let mut family = self.family('C', tale, service).await?;
        self.say("■ 一户还不知道的人家".to_owned());
        self.apply(&mut family).await?;
        self.handle(&mut family, &world.silent_departments, true)
            .await?;
        let facts = self.facts(&family).await?;
        self.later(1)?;
        match self.judge(&family, facts).await? {
            Truth::Undetermined => {
                self.say("  不能因为不知道就不给，也不能就给：先把上面缺的问到".to_owned());
                Ok(())
            }
            other => Err(Trouble::Other(format!(
                "C 户应当还不知道，判断是 {other:?}"
            ))),
        }
    }
}

fn of(tales: &[StoryFamily], fate: Fate) -> Result<&StoryFamily, Trouble> {
    let found = tales.iter().find(|tale| tale.story == fate);
    found.ok_or_else(|| Trouble::Other(format!("城里没有 {fate:?} 的人家")))
}

fn plain(day: Date) -> String {
    day.format("%-m月%-d日").to_string()
}
