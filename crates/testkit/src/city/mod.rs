//! 「合成城市」 A city of invented people: the same seed and size give the same
//! bytes on any machine. Households over real villages, plausible ages and
//! relations, work, illness, property, benefits received rightly, wrongly and
//! not at all. Every number is valid by check digit and begins with 99, which no
//! table of areas has, so that none can be a real person's.
//!
//! It is for trying things out: no rate here is a statistic ([`rates`]), nothing
//! here judges anyone. What departments hold is derived ([`departments`]), sent
//! ([`write_department_files`]) and answered ([`CityDepartments`]) from one truth.
//! Absent on purpose: the clock, floats, and hash maps whose order changes.

mod answer;
mod cell;
mod departments;
mod dice;
mod family;
mod files;
mod household;
mod living;
mod names;
mod person;
mod rates;
mod story;

#[cfg(test)]
mod tests;

pub use answer::CityDepartments;
pub use dice::Dice;
pub use files::{
    Contradicted, FaultKind, Faulty, Late, Manifest, Repeated, Truth, WriteError, Written,
    write_department_files,
};
pub use household::{Aid, AidKind, Household, Shape, Village};
pub use person::{
    Assets, Benefits, Custody, Disability, Fate, Illness, Marital, Pension, Person, School, Work,
};
pub use story::{Difference, Story, StoryFamily};

use dice::mix;
use family::{Founder, Numbers};
use kernel::{Date, PersonId, PersonNumber, RegionCode, RegionLevel, RegionTree, Uscc};
use living::Living;

/// The city.
#[derive(Clone, Debug)]
pub struct City {
    /// What it was built from.
    pub seed: u64,
    /// The day everything is true on.
    pub today: Date,
    /// The county (or whatever lies around the villages).
    pub region: RegionCode,
    /// Where people live.
    pub villages: Vec<Village>,
    /// Who employs them.
    pub companies: Vec<Company>,
    /// Households; members of one are neighbours in `people`.
    pub households: Vec<Household>,
    /// People, the dead and the gone of living memory included.
    pub people: Vec<Person>,
    /// Places in `people` by number.
    by_number: Vec<(PersonNumber, u32)>,
}

/// An invented company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Place in [`City::companies`].
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Its number, area 99….
    pub code: Uscc,
}

/// Why no city can be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CityError {
    /// Nowhere to live.
    #[error("区划 {0} 下面没有村社，无处安家。请检查区划表")]
    NoVillages(RegionCode),
}

/// Households whose number comes from this stream; others take their own.
const CITY_STREAM: u64 = u64::MAX;

impl City {
    /// Builds a city of at least `residents` living people over the villages of
    /// `within`, as it is on `today`.
    ///
    /// # Errors
    /// [`CityError`] when the tree has no village there on that day.
    pub fn build(
        seed: u64,
        residents: usize,
        regions: &RegionTree,
        within: RegionCode,
        today: Date,
    ) -> Result<City, CityError> {
        let villages = villages(regions, within, today);
        if villages.is_empty() {
            return Err(CityError::NoVillages(within));
        }
        let mut city = City {
            seed,
            today,
            region: within,
            companies: companies(residents),
            villages,
            households: Vec::new(),
            people: Vec::new(),
            by_number: Vec::new(),
        };
        let places = city.places();
        let mut dice = Dice::new(seed, CITY_STREAM);
        let mut numbers = Numbers::default();
        let mut alive = 0;
        while alive < residents {
            let village = dice.pick(&places);
            let first = city.settle(village, &mut numbers);
            alive += city.people[first..].iter().filter(|p| p.alive()).count();
        }
        story::provide(&mut city);
        city.by_number = city.people.iter().map(|p| (p.number, p.index)).collect();
        city.by_number.sort_unstable();
        Ok(city)
    }

    /// Villages, the larger ones several times.
    fn places(&self) -> Vec<u32> {
        let weight = |village: u32| mix(self.seed, u64::from(village), 3) % 9 + 1;
        (0..self.villages.len() as u32)
            .flat_map(|village| (0..weight(village)).map(move |_| village))
            .collect()
    }

    /// Adds one household; returns the place of its first member.
    fn settle(&mut self, village: u32, numbers: &mut Numbers) -> usize {
        let index = self.households.len() as u32;
        let mut dice = Dice::new(self.seed, u64::from(index));
        let shape = dice.weighted(rates::SHAPES);
        let elder = matches!(shape, Shape::ElderCouple | Shape::LoneElder);
        let first = self.people.len();
        let mut home = Household {
            index,
            village,
            house: dice.between(1, 400),
            shape,
            on_permit: !elder
                && shape != Shape::ChildInInstitution
                && dice.happens(rates::PERMIT_HOUSEHOLDS),
            rural: self.villages[village as usize].rural,
            standing: 0,
            first: first as u32,
            size: 0,
            aid: None,
        };
        let mut founder = Founder {
            dice: &mut dice,
            today: self.today,
            numbers,
            people: &mut self.people,
            household: index,
        };
        founder.found(shape);
        let mut living = Living {
            dice: &mut dice,
            today: self.today,
            companies: self.companies.len() as u32,
            home: &mut home,
        };
        living.live(&mut self.people[first..]);
        home.size = (self.people.len() - first) as u32;
        self.households.push(home);
        first
    }

    /// The members of a household, the dead and the gone included.
    pub fn members(&self, household: &Household) -> &[Person] {
        &self.people[household.first as usize..(household.first + household.size) as usize]
    }

    /// The household of a person.
    pub fn household_of(&self, person: &Person) -> &Household {
        &self.households[person.household as usize]
    }

    /// Who has this number.
    pub fn find(&self, number: &PersonNumber) -> Option<&Person> {
        let at = self.by_number.binary_search_by_key(number, |(key, _)| *key);
        self.people.get(self.by_number[at.ok()?].1 as usize)
    }

    /// How many people live in the city.
    pub fn residents(&self) -> usize {
        self.people.iter().filter(|person| person.alive()).count()
    }

    /// The families of the story: found by what is true of them, in the order
    /// of households. See [`Story`].
    pub fn story_families(&self) -> Vec<StoryFamily> {
        story::families(self)
    }

    /// The bank card benefits are paid to: 19 digits that pass Luhn, of an
    /// issuer (9900…) that does not exist.
    pub fn card_of(&self, person: &Person) -> String {
        card_of(person.index)
    }
}

fn villages(regions: &RegionTree, within: RegionCode, today: Date) -> Vec<Village> {
    let name = |code: Option<RegionCode>| {
        let name = code.and_then(|code| regions.name(code, today));
        name.unwrap_or_default()
    };
    let inside = regions.all(today).filter(|region| {
        region.code.level() == RegionLevel::Village && within.contains(region.code)
    });
    let village = |region: &kernel::Region| {
        let county = name(region.code.within(RegionLevel::County));
        let town = name(region.code.within(RegionLevel::Town));
        Village {
            code: region.code,
            name: format!("{county}{town}{}", region.name),
            // 001–199 residents' committees, 200 and above villages.
            rural: region.code.as_u64() % 1_000 >= 200,
        }
    };
    inside.map(village).collect()
}

fn companies(residents: usize) -> Vec<Company> {
    let trades = [
        "箱包", "服装", "光电", "汽配", "食品", "物流", "家具", "纸业",
    ];
    let count = (residents / 120).clamp(30, 60_000) as u32;
    let company = |index: u32| {
        let code = Uscc::build(&format!("91990482{:08}9", index + 1)).ok()?;
        let trade = trades[index as usize % trades.len()];
        let name = format!("合成{:05}{trade}有限公司", index + 1);
        Some(Company { index, name, code })
    };
    (0..count).filter_map(company).collect()
}

/// See [`City::card_of`].
pub(crate) fn card_of(index: u32) -> String {
    luhn(format!("99000000{index:010}"))
}

/// Another card of somebody: same issuer, a number no first card has.
pub(crate) fn second_card(person: PersonId) -> String {
    luhn(format!("99000001{:010}", person.0))
}

fn luhn(body: String) -> String {
    let digit = |(at, byte): (usize, u8)| {
        let digit = u32::from(byte - b'0');
        match (at % 2, digit * 2) {
            (1, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        }
    };
    let sum: u32 = body.bytes().rev().enumerate().map(digit).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}
