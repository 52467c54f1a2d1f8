//! 「成家」 Puts households together: who lives with whom, of what age. Nobody is
//! younger than their child; couples, parents and children point at each other.

use super::dice::Dice;
use super::household::Shape;
use super::names;
use super::person::{Assets, Benefits, Custody, Fate, Marital, Pension, Person, Work};
use super::rates;
use kernel::{CitizenId, Date, PersonNumber, Relation, Sex, months_after};
use std::collections::BTreeMap;

/// Gives out citizens' numbers, no two alike.
#[derive(Default)]
pub(crate) struct Numbers {
    /// Numbers given for a birthday and sex.
    given: BTreeMap<(Date, bool), u32>,
}

/// Area codes of the synthetic city: no table has one beginning with 99.
const AREAS: [u32; 8] = [
    990_482, 990_402, 990_411, 990_421, 990_424, 990_481, 990_483, 990_502,
];
/// Sequences of one sex below 1,000.
const PER_AREA: u32 = 499;

impl Numbers {
    /// The next number; `None` when a birthday is used up (4,000 people).
    fn next(&mut self, born: Date, male: bool) -> Option<CitizenId> {
        let given = self.given.entry((born, male)).or_default();
        let area = *AREAS.get((*given / PER_AREA) as usize)?;
        let step = *given % PER_AREA;
        *given += 1;
        let sequence = 2 * step + if male { 1 } else { 2 };
        CitizenId::build(area, born, sequence as u16).ok()
    }
}

/// Puts one household together.
pub(crate) struct Founder<'a> {
    pub(crate) dice: &'a mut Dice,
    pub(crate) today: Date,
    pub(crate) numbers: &'a mut Numbers,
    pub(crate) people: &'a mut Vec<Person>,
    pub(crate) household: u32,
}

impl Founder<'_> {
    /// Adds the household's members.
    pub(crate) fn found(&mut self, shape: Shape) {
        match shape {
            Shape::Couple => {
                let age = self.dice.between(23, 58);
                self.couple(age, Relation::HEAD);
            }
            Shape::CoupleWithChildren => {
                let age = self.dice.between(25, 56);
                let pair = self.couple(age, Relation::HEAD);
                self.children(pair.0, pair.1);
            }
            Shape::ThreeGenerations => self.three_generations(),
            Shape::ElderCouple => self.elder_couple(),
            Shape::LoneElder => self.lone_elder(),
            Shape::LoneAdult => {
                let (sex, age) = (self.any_sex(), self.dice.between(22, 59));
                let one = self.add(sex, age, Relation::HEAD, None);
                if age > 30 && self.dice.happens(3_500) {
                    self.person(one).marital = Marital::Divorced;
                }
            }
            Shape::SingleParent => self.single_parent(),
            Shape::GrandparentsWithChild => self.grandparents_with_child(),
            Shape::DisabledAdultWithParents => {
                let age = self.dice.between(52, 74);
                let (father, mother) = self.couple(age, Relation::HEAD);
                let mother_age = self.age_of(mother);
                let age = mother_age - self.dice.between(22, 30);
                let sex = self.any_sex();
                let surname = self.surname_of(father);
                let child = self.add(sex, age, only_child(sex), Some(surname));
                self.parents(child, Some(father), Some(mother));
            }
            Shape::ChildInInstitution => {
                let (sex, age) = (self.any_sex(), self.dice.between(1, 16));
                self.add(sex, age, Relation::HEAD, None);
            }
        }
    }

    fn person(&mut self, index: u32) -> &mut Person {
        &mut self.people[index as usize]
    }

    fn age_of(&self, index: u32) -> u32 {
        self.people[index as usize].age(self.today)
    }

    fn surname_of(&self, index: u32) -> String {
        self.people[index as usize].name.chars().take(1).collect()
    }

    fn any_sex(&mut self) -> Sex {
        // About 104 men to 100 women, as everywhere.
        if self.dice.happens(5_100) {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// Adds a person of that age and returns their place.
    fn add(&mut self, sex: Sex, age: u32, relation: Relation, surname: Option<String>) -> u32 {
        let male = sex == Sex::Male;
        let surname = surname.unwrap_or_else(|| names::surname(self.dice).to_owned());
        let name = names::name(self.dice, &surname);
        let birthday = months_after(self.today, -(12 * age as i32)).unwrap_or(self.today);
        let mut born = birthday - chrono::Days::new(u64::from(self.dice.below(360)));
        let number = loop {
            match self.numbers.next(born, male) {
                Some(number) => break number,
                // 4,000 people share the birthday: take the day before.
                None => born = born - chrono::Days::new(1),
            }
        };
        let index = self.people.len() as u32;
        self.people.push(Person {
            index,
            household: self.household,
            number: PersonNumber::Citizen(number),
            name,
            sex,
            born,
            relation,
            marital: Marital::Single,
            spouse: None,
            father: None,
            mother: None,
            fate: Fate::Present,
            lives_away: false,
            school: None,
            work: Work::Outside,
            earnings: 0,
            recorded: false,
            pension: Pension::None,
            disability: None,
            illness: None,
            dependence: None,
            assets: Assets::default(),
            benefits: Benefits::default(),
        });
        index
    }

    fn marry(&mut self, one: u32, other: u32) {
        for (who, spouse) in [(one, other), (other, one)] {
            let person = self.person(who);
            person.spouse = Some(spouse);
            person.marital = Marital::Married;
        }
    }

    fn parents(&mut self, child: u32, father: Option<u32>, mother: Option<u32>) {
        let child = self.person(child);
        (child.father, child.mother) = (father, mother);
    }

    /// A married couple; returns (husband, wife).
    fn couple(&mut self, husband_age: u32, husband_is: Relation) -> (u32, u32) {
        let husband = self.add(Sex::Male, husband_age, husband_is, None);
        let wife_age = (husband_age + self.dice.below(8)).saturating_sub(6).max(22);
        let wife_is = if husband_is.is_head() {
            Relation::SPOUSE
        } else {
            relation(52)
        };
        let wife = self.add(Sex::Female, wife_age, wife_is, None);
        self.marry(husband, wife);
        (husband, wife)
    }

    /// One to three children of a couple, those that still live at home.
    fn children(&mut self, father: u32, mother: u32) {
        let (young, surname) = (self.age_of(mother), self.surname_of(father));
        let father_age = self.age_of(father);
        let wanted = self.dice.weighted(&[(1_u32, 60), (2, 35), (3, 5)]);
        let mut at_birth = self.dice.between(21, 32);
        let (mut sons, mut daughters) = (0, 0);
        for _ in 0..wanted {
            let too_early = at_birth > young || father_age < young - at_birth + 18;
            let age = young.saturating_sub(at_birth);
            at_birth += self.dice.between(2, 6);
            if too_early || age > 29 || (age > 23 && self.dice.happens(5_000)) {
                continue;
            }
            let sex = self.any_sex();
            let relation = if wanted == 1 {
                only_child(sex)
            } else if sex == Sex::Male {
                sons += 1;
                relation(21 + sons)
            } else {
                daughters += 1;
                relation(31 + daughters)
            };
            let child = self.add(sex, age, relation, Some(surname.clone()));
            self.parents(child, Some(father), Some(mother));
        }
    }

    fn three_generations(&mut self) {
        let age = self.dice.between(26, 52);
        let (husband, wife) = self.couple(age, Relation::HEAD);
        self.children(husband, wife);
        let surname = self.surname_of(husband);
        let mother_age = age + self.dice.between(20, 30);
        let father_age = mother_age + self.dice.below(5);
        match self.dice.below(10) {
            0..5 => {
                let father = self.add(Sex::Male, father_age, relation(51), Some(surname));
                let mother = self.add(Sex::Female, mother_age, relation(52), None);
                self.marry(father, mother);
                self.parents(husband, Some(father), Some(mother));
            }
            5..8 => {
                let mother = self.add(Sex::Female, mother_age, relation(52), None);
                self.person(mother).marital = Marital::Widowed;
                self.parents(husband, None, Some(mother));
            }
            _ => {
                let father = self.add(Sex::Male, father_age, relation(51), Some(surname));
                self.person(father).marital = Marital::Widowed;
                self.parents(husband, Some(father), None);
            }
        }
    }

    fn elder_couple(&mut self) {
        let age = self.dice.between(62, 88);
        let (husband, wife) = self.couple(age, Relation::HEAD);
        if self.dice.happens(rates::WIDOWED_LATELY) {
            self.person(wife).marital = Marital::Widowed;
            self.dies(husband, 700);
            self.person(wife).relation = Relation::HEAD;
            self.person(husband).relation = relation(99);
        }
    }

    fn lone_elder(&mut self) {
        let sex = if self.dice.happens(6_500) {
            Sex::Female
        } else {
            Sex::Male
        };
        let age = match self.dice.below(1_000) {
            0..3 => self.dice.between(100, 104),
            3..60 => self.dice.between(90, 99),
            60..330 => self.dice.between(80, 89),
            _ => self.dice.between(60, 79),
        };
        let one = self.add(sex, age, Relation::HEAD, None);
        self.person(one).marital = Marital::Widowed;
        if self.dice.happens(1_200) {
            self.person(one).marital = Marital::Single;
        }
    }

    fn single_parent(&mut self) {
        let sex = if self.dice.happens(7_000) {
            Sex::Female
        } else {
            Sex::Male
        };
        let age = self.dice.between(27, 50);
        let parent = self.add(sex, age, Relation::HEAD, None);
        let mut other = None;
        if self.dice.happens(2_500) {
            let spouse_sex = if sex == Sex::Male {
                Sex::Female
            } else {
                Sex::Male
            };
            let spouse_age = age + self.dice.below(4);
            let spouse = self.add(spouse_sex, spouse_age, Relation::SPOUSE, None);
            self.marry(parent, spouse);
            self.dies(spouse, 2_500);
            self.person(parent).marital = Marital::Widowed;
            other = Some(spouse);
        } else {
            self.person(parent).marital = Marital::Divorced;
        }
        let surname = self.surname_of(parent);
        let count = self.dice.weighted(&[(1_u32, 75), (2, 25)]);
        for nth in 0..count {
            let most = (age - 22).min(17);
            let child_age = self.dice.between(most / 3, most).saturating_sub(nth * 2);
            let child_sex = self.any_sex();
            let child = self.add(
                child_sex,
                child_age,
                any_child(child_sex),
                Some(surname.clone()),
            );
            match sex {
                Sex::Male => self.parents(child, Some(parent), other),
                _ => self.parents(child, other, Some(parent)),
            }
        }
    }

    /// The parents stay in the household's books: away, dead, imprisoned or lost.
    fn grandparents_with_child(&mut self) {
        let age = self.dice.between(54, 72);
        let (grandfather, grandmother) = self.couple(age, Relation::HEAD);
        let surname = self.surname_of(grandfather);
        let father_age = self
            .age_of(grandmother)
            .saturating_sub(self.dice.between(21, 27))
            .max(24);
        let father = self.add(Sex::Male, father_age, relation(21), Some(surname.clone()));
        self.parents(father, Some(grandfather), Some(grandmother));
        let mother_age = father_age - self.dice.below(3);
        let mother = self.add(Sex::Female, mother_age, relation(38), None);
        self.marry(father, mother);
        let child_age = self.dice.between(1, (mother_age - 20).clamp(1, 15));
        let sex = self.any_sex();
        let grandchild = if sex == Sex::Male {
            relation(41)
        } else {
            relation(42)
        };
        let child = self.add(sex, child_age, grandchild, Some(surname));
        self.parents(child, Some(father), Some(mother));
        let since = self.dice.between(200, 1_500);
        match self.dice.below(10) {
            0..5 => {
                self.person(father).lives_away = true;
                self.person(mother).lives_away = true;
            }
            5 => {
                self.dies(father, 1_000);
                self.dies(mother, 1_000);
            }
            6 => {
                self.dies(father, 1_200);
                let day = self.days_ago(since);
                self.person(mother).marital = Marital::Widowed;
                self.person(mother).fate = Fate::Lost(day);
            }
            7 | 8 => {
                let day = self.days_ago(since);
                self.person(father).fate = Fate::Custody(Custody::Prison, day);
                let day = self.days_ago(since / 2 + 190);
                self.person(mother).fate = Fate::Lost(day);
            }
            _ => {
                let day = self.days_ago(since);
                self.person(father).fate = Fate::Custody(Custody::Prison, day);
                self.person(mother).fate = Fate::Custody(Custody::Detox, day);
            }
        }
    }

    fn days_ago(&self, days: u32) -> Date {
        self.today - chrono::Days::new(u64::from(days))
    }

    /// Dies within the last so many days, two weeks ago at the latest.
    fn dies(&mut self, who: u32, within_days: u32) {
        let days = self.dice.between(14, within_days);
        let day = self.days_ago(days);
        self.person(who).fate = Fate::Died(day);
    }
}

/// A code of GB/T 4761 that the table above has.
fn relation(code: u8) -> Relation {
    Relation::from_code(code).unwrap_or(Relation::NOT_RELATED)
}

fn only_child(sex: Sex) -> Relation {
    relation(if sex == Sex::Male { 21 } else { 31 })
}

fn any_child(sex: Sex) -> Relation {
    if sex == Sex::Male {
        Relation::SON
    } else {
        Relation::DAUGHTER
    }
}
