//! 「故事里的家庭」 Families whose case shows the main job. They are found by what
//! is true of them. A small city may have none by chance; then the first family
//! that could be one is made poor, and found the same way.

use super::City;
use super::dice::mix;
use super::household::{Household, Shape};
use super::living::{Need, need};
use super::person::{Fate, Pension, Person, School, Work};
use super::rates::{NEED_LINE, SAVINGS_LINE, YUAN};
use kernel::{Money, PersonNumber};

/// What becomes of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Story {
    /// In need, receives nothing; the banks' answer settles it. One department
    /// contradicts the application, and the right stands all the same.
    Granted,
    /// Little income, far too much in the bank: rightly refused.
    SavingsOver,
    /// Earns far above any line: rightly refused.
    IncomeOver,
    /// In need like the first, but the department named stays silent.
    Undetermined,
    /// In need like the first; asks once for everything.
    Together,
    /// In need like the first; nobody tells of it: whoever clicks applies.
    Waiting,
}

/// A family of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryFamily {
    /// What becomes of it.
    pub story: Story,
    /// Place in [`City::households`].
    pub household: u32,
    /// Who applies: the head.
    pub applicant: PersonNumber,
    /// What the application says otherwise than a department.
    pub differs: Option<Difference>,
    /// The department whose silence decides (for [`Story::Undetermined`]), or
    /// which may be silent without mattering (for [`Story::Granted`]).
    pub silent: Option<&'static str>,
}

/// What is declared in good faith and recorded otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Whose.
    pub person: PersonNumber,
    /// The department's category.
    pub category: &'static str,
    /// Its field.
    pub field: &'static str,
    /// What the family says, a month.
    pub declared: Money,
    /// What the department has, a month.
    pub recorded: Money,
}

/// Less is declared than recorded: the raise of this spring was forgotten.
const FORGOTTEN: i64 = 300 * YUAN;

const STORIES: [Story; 6] = [
    Story::Granted,
    Story::SavingsOver,
    Story::IncomeOver,
    Story::Undetermined,
    Story::Together,
    Story::Waiting,
];

/// One family for each story, no family twice.
pub(crate) fn families(city: &City) -> Vec<StoryFamily> {
    let mut taken = Vec::new();
    let mut found = Vec::new();
    for story in STORIES {
        let mut homes = city.households.iter();
        let home = homes
            .find(|home| !taken.contains(&home.index) && fits(story, home, city.members(home)));
        if let Some(home) = home {
            taken.push(home.index);
            found.push(tell(city, story, home));
        }
    }
    found
}

fn tell(city: &City, story: Story, home: &Household) -> StoryFamily {
    let members = city.members(home);
    let earner = members.iter().find(|person| person.earnings > 0);
    let differs = earner
        .filter(|_| story == Story::Granted)
        .map(|earner| Difference {
            person: earner.number,
            category: "wage_tax",
            field: "income",
            declared: Money::from_fen(earner.earnings - FORGOTTEN),
            recorded: Money::from_fen(earner.earnings),
        });
    StoryFamily {
        story,
        household: home.index,
        applicant: members[0].number,
        differs,
        silent: match story {
            Story::Granted => Some("water"),
            Story::Undetermined => Some("bank"),
            Story::SavingsOver | Story::IncomeOver | Story::Together | Story::Waiting => None,
        },
    }
}

/// A family with nothing special about it: registered, urban, complete,
/// healthy, one wage, a child in school, receives nothing.
fn plain(home: &Household, members: &[Person]) -> bool {
    let usual = |person: &Person| {
        let work = match person.work {
            Work::Outside | Work::Employed(_) | Work::Home | Work::Unemployed => true,
            Work::Public | Work::Flexible | Work::Business | Work::Farmer => false,
        };
        person.fate == Fate::Present
            && work
            && person.disability.is_none()
            && person.illness.is_none()
            && person.pension == Pension::None
            && !person.lives_away
            && person.benefits == super::Benefits::default()
    };
    let wages = members.iter().filter(|person| person.earnings > 0).count();
    let homes: u8 = members.iter().map(|person| person.assets.homes).sum();
    (home.shape == Shape::CoupleWithChildren)
        && !home.on_permit
        && !home.rural
        && home.aid.is_none()
        && (3..=4).contains(&members.len())
        && members.iter().all(usual)
        && wages == 1
        && homes == 1
        && members
            .iter()
            .any(|person| person.school == Some(School::Compulsory))
}

fn fits(story: Story, home: &Household, members: &[Person]) -> bool {
    if !plain(home, members) {
        return false;
    }
    let Need { heads, income, .. } = need(members);
    let heads = i64::from(heads);
    let per_head = income / heads.max(1);
    let savings: i64 = members.iter().map(|p| p.assets.financial()).sum();
    let cars = members
        .iter()
        .any(|p| p.assets.cars > 0 || p.assets.shares > 0);
    // Far from every line, so that no likely standard changes the story.
    let little = per_head > NEED_LINE * 3 / 10 && per_head < NEED_LINE * 6 / 10;
    match story {
        Story::Granted | Story::Undetermined | Story::Together | Story::Waiting => {
            little && !cars && savings > 0 && savings < SAVINGS_LINE * heads / 4
        }
        Story::SavingsOver => little && !cars && savings > SAVINGS_LINE * heads * 2,
        Story::IncomeOver => per_head > NEED_LINE * 2,
    }
}

/// Sees to it that every story has its family.
pub(crate) fn provide(city: &mut City) {
    for (nth, story) in STORIES.into_iter().enumerate() {
        let told = families(city);
        if told.iter().any(|family| family.story == story) {
            continue;
        }
        let taken = |home: &Household| told.iter().any(|family| family.household == home.index);
        let could = |home: &&Household| {
            let members = city.members(home);
            let schooled = members.iter().any(|p| p.school == Some(School::Compulsory));
            let shape = home.shape == Shape::CoupleWithChildren && !home.on_permit && !home.rural;
            let size = (3..=4).contains(&members.len());
            shape && schooled && size && home.aid.is_none() && !taken(home)
        };
        let Some(index) = city.households.iter().find(could).map(|home| home.index) else {
            continue;
        };
        let salt = mix(city.seed, u64::from(index), nth as u64) % 20;
        make(city, index, story, salt as i64);
    }
}

fn make(city: &mut City, index: u32, story: Story, salt: i64) {
    let home = &mut city.households[index as usize];
    home.standing = 700;
    let (first, size) = (home.first as usize, home.size as usize);
    let members = &mut city.people[first..first + size];
    let heads = size as i64;
    let wage = match story {
        Story::IncomeOver => NEED_LINE * heads * 5 / 2,
        _ => NEED_LINE * heads * 9 / 20,
    };
    let savings = match story {
        Story::SavingsOver => SAVINGS_LINE * heads * 3,
        _ => (2_000 + salt * 100) * YUAN,
    };
    for (nth, person) in members.iter_mut().enumerate() {
        person.fate = Fate::Present;
        person.lives_away = false;
        (person.disability, person.illness) = (None, None);
        person.pension = Pension::None;
        person.benefits = super::Benefits::default();
        person.assets = super::Assets::default();
        person.earnings = 0;
        person.recorded = false;
        person.work = if nth == 1 { Work::Home } else { Work::Outside };
        if nth == 0 {
            person.work = Work::Employed(0);
            person.earnings = wage / 1_000 * 1_000;
            person.recorded = true;
            (person.assets.homes, person.assets.home_area) = (1, 62);
            person.assets.deposits = savings;
        }
    }
}
