//! 「过日子」 What happens to the people of a household: school, work, pensions,
//! illness, disability, what they own and what they receive.

use super::dice::{Dice, quantile};
use super::household::{Aid, AidKind, Household, Shape};
use super::person::{Custody, Disability, Fate, Illness, Marital, Pension, Person, School, Work};
use super::rates::{self, YUAN};
use kernel::{Date, Sex};

/// Lives one household through. `companies` is how many employers there are.
pub(crate) struct Living<'a> {
    pub(crate) dice: &'a mut Dice,
    pub(crate) today: Date,
    pub(crate) companies: u32,
    pub(crate) home: &'a mut Household,
}

impl Living<'_> {
    /// Everything, in the order in which one thing bears on the next.
    pub(crate) fn live(&mut self, members: &mut [Person]) {
        for person in members.iter_mut() {
            self.fate(person);
            self.health(person);
        }
        self.standing(members);
        for person in members.iter_mut().filter(|p| p.alive()) {
            self.school(person);
            self.work(person);
            self.pension(person);
            self.savings(person);
        }
        self.property(members);
        self.aid(members);
        let on_living_aid = matches!(self.home.aid, Some(aid) if aid.kind == AidKind::Living);
        let orphaned: Vec<(bool, bool)> = members
            .iter()
            .map(|child| parents_gone(child, members))
            .collect();
        for (person, gone) in members.iter_mut().zip(orphaned) {
            if person.present() {
                self.personal(person, on_living_aid, gone);
            }
        }
    }

    fn days_ago(&mut self, low: u32, high: u32) -> Date {
        self.today - chrono::Days::new(u64::from(self.dice.between(low, high)))
    }

    fn fate(&mut self, person: &mut Person) {
        let age = person.age(self.today);
        if person.fate != Fate::Present || age < 20 || person.relation.is_head() {
            return;
        }
        if self.dice.happens(rates::CUSTODY) && age < 65 {
            let kind = self.dice.pick(&[
                Custody::Prison,
                Custody::Prison,
                Custody::Detention,
                Custody::Detox,
            ]);
            person.fate = Fate::Custody(kind, self.days_ago(30, 1_500));
        } else if self.dice.happens(rates::LOST) {
            person.fate = Fate::Lost(self.days_ago(200, 2_000));
        } else if self.dice.happens(rates::MOVED_OUT) && person.marital == Marital::Single {
            person.fate = Fate::MovedOut(self.days_ago(20, 1_000));
        } else if self.dice.happens(rates::SPLIT) && age < 50 {
            person.lives_away = true;
        }
    }

    fn health(&mut self, person: &mut Person) {
        let age = person.age(self.today);
        let disabled_child =
            self.home.shape == Shape::DisabledAdultWithParents && person.relation.is_child();
        let band = usize::from(age >= 18) + usize::from(age >= 60);
        if disabled_child || self.dice.happens(rates::DISABILITY[band]) {
            let category = if disabled_child {
                self.dice.pick(&[4, 5, 5, 6, 7])
            } else {
                self.dice
                    .weighted(&[(1, 12), (2, 20), (3, 2), (4, 48), (5, 8), (6, 8), (7, 2)])
            };
            let grade = self.dice.weighted(&[(1, 12), (2, 20), (3, 30), (4, 38)]);
            let grade = if disabled_child { 1 + grade % 2 } else { grade };
            person.disability = Some(Disability { category, grade });
        }
        let band = usize::from(age >= 40) + usize::from(age >= 60);
        if self.dice.happens(rates::ILLNESS[band]) {
            person.illness = Some(Illness {
                kind: self.dice.weighted(&[(0, 45), (1, 15), (2, 30), (3, 10)]),
                since: self.days_ago(60, 1_400),
                stays: self.dice.between(1, 4) as u8,
            });
        }
        if age >= 75 && self.dice.happens(rates::DEPENDENT_ELDER) {
            person.dependence = Some(self.dice.weighted(&[(1, 40), (2, 30), (3, 20), (4, 10)]));
        }
    }

    /// Illness, disability and being alone make poor.
    fn standing(&mut self, members: &[Person]) {
        let mut standing = self.dice.below(10_000);
        let hard = matches!(
            self.home.shape,
            Shape::SingleParent | Shape::GrandparentsWithChild | Shape::DisabledAdultWithParents
        );
        if hard
            || members
                .iter()
                .any(|p| p.disability.is_some_and(|d| d.grade <= 2))
        {
            standing = standing * 6 / 10;
        }
        if members.iter().any(|p| p.illness.is_some()) {
            standing = standing * 7 / 10;
        }
        self.home.standing = standing;
    }

    fn school(&mut self, person: &mut Person) {
        let (school, share) = match person.age(self.today) {
            3..=5 => (School::Preschool, 9_000),
            6..=14 => (School::Compulsory, 9_970),
            15..=17 => (School::SeniorHigh, 9_300),
            18..=21 => (School::College, 5_500),
            22..=24 => (School::Postgraduate, 500),
            _ => return,
        };
        if person.present() && self.dice.happens(share) {
            person.school = Some(school);
        }
    }

    fn can_work(&self, person: &Person) -> bool {
        let age = person.age(self.today);
        let last = if person.sex == Sex::Male { 59 } else { 54 };
        let disabled = person.disability.is_some_and(|d| d.grade <= 2);
        (18..=last).contains(&age) && person.present() && person.school.is_none() && !disabled
    }

    fn work(&mut self, person: &mut Person) {
        if !self.can_work(person) {
            return;
        }
        let standing = self.home.standing;
        let band = usize::from(standing >= 600) + usize::from(standing >= 1_500);
        let own = self.dice.below(10_000);
        let share = (standing * 6 + own * 4) / 10;
        let ill = person.illness.is_some();
        if self.dice.happens(rates::WITHOUT_WORK[band]) || (ill && self.dice.happens(6_000)) {
            let home = person.sex == Sex::Female && self.dice.happens(4_000);
            person.work = if home { Work::Home } else { Work::Unemployed };
            return;
        }
        let public = if standing > 4_000 { 600 } else { 0 };
        let farmer = if self.home.rural { 900 } else { 0 };
        let kind =
            self.dice
                .weighted(&[(0, 6_600), (1, public), (2, 1_300), (3, 800), (4, farmer)]);
        person.work = match kind {
            0 => Work::Employed(self.dice.below(self.companies)),
            1 => Work::Public,
            2 => Work::Flexible,
            3 => Work::Business,
            _ => Work::Farmer,
        };
        let payroll = kind <= 1;
        person.recorded = payroll || !self.dice.happens(rates::UNRECORDED_EARNINGS);
        let wage = quantile(rates::WAGES, share) * YUAN;
        let wage = if payroll { wage } else { wage * 8 / 10 };
        // Whole ten yuan, as wages are agreed.
        person.earnings = wage / 1_000 * 1_000;
    }

    fn pension(&mut self, person: &mut Person) {
        let age = person.age(self.today);
        let early = if person.sex == Sex::Male { 60 } else { 55 };
        if age < early || !person.alive() {
            return;
        }
        let standing = self.home.standing;
        let employee = if standing < 1_000 { 3_000 } else { 7_400 };
        let public = if standing > 6_000 { 1_200 } else { 0 };
        let band = i64::from(standing) * 3 / 10;
        if self.dice.happens(public) {
            person.pension =
                Pension::Public((4_500 + band + i64::from(self.dice.below(900))) * YUAN);
        } else if self.dice.happens(employee) {
            let amount = 1_750 + band * 8 / 10 + i64::from(self.dice.below(700));
            person.pension = Pension::Employee(amount * YUAN);
        } else if age >= 60 {
            let own = i64::from(self.dice.between(20, 160));
            let local = i64::from(self.dice.between(120, 260));
            person.pension = Pension::Resident(213 * YUAN, own * YUAN, local * YUAN);
        }
    }

    fn savings(&mut self, person: &mut Person) {
        if person.age(self.today) < 18 {
            return;
        }
        let standing = self.home.standing;
        let own = self.dice.below(10_000);
        let share = (standing * 6 + own * 4) / 10;
        let mut deposits =
            quantile(rates::DEPOSITS, share) * YUAN + i64::from(self.dice.below(9_999));
        if standing < 1_500 && self.dice.happens(rates::HIDDEN_SAVINGS) {
            deposits = (deposits + 9_000 * YUAN) * 20;
        }
        person.assets.deposits = deposits;
        let tenth = deposits / 10;
        let younger = person.age(self.today) < 65;
        if share > 3_500 && self.dice.happens(2_500) {
            person.assets.wealth = tenth * i64::from(self.dice.between(2, 12));
        }
        if share > 4_500 && self.dice.happens(1_500) {
            person.assets.stocks = tenth * i64::from(self.dice.between(1, 9));
        }
        if share > 4_000 && self.dice.happens(1_800) {
            person.assets.funds = tenth * i64::from(self.dice.between(1, 6));
        }
        if share > 2_500 && self.dice.happens(3_500) {
            person.assets.insurance = i64::from(self.dice.between(2, 60)) * 1_000 * YUAN;
        }
        if younger && self.dice.happens(7_500) {
            person.assets.online = tenth / 4 + i64::from(self.dice.below(90_000));
        }
        if share > 7_000 && self.dice.happens(700) {
            person.assets.shares = i64::from(self.dice.between(5, 200)) * 10_000 * YUAN;
        }
    }

    /// Homes and cars belong to the first adults.
    fn property(&mut self, members: &mut [Person]) {
        let standing = self.home.standing;
        let none = self.home.on_permit || self.home.shape == Shape::ChildInInstitution;
        let share = if standing < 1_000 { 9_000 } else { 9_700 };
        let mut homes = u8::from(!none && self.dice.happens(share));
        if homes == 1 && standing > 6_000 && self.dice.happens(3_000) {
            homes = 2;
        }
        let area = if self.home.rural {
            (90, 260)
        } else {
            (48, 145)
        };
        let area = self.dice.between(area.0, area.1) as u16;
        let today = self.today;
        let mut adults = members
            .iter_mut()
            .filter(|p| p.present() && p.age(today) >= 18);
        if let Some(owner) = adults.next() {
            (owner.assets.homes, owner.assets.home_area) = (homes, area);
        }
        let cars = match standing {
            0..800 => [400, 0],
            800..3_000 => [3_500, 200],
            _ => [7_500, 2_500],
        };
        let mut drivers = members
            .iter_mut()
            .filter(|p| p.present() && (20..70).contains(&p.age(today)) && p.earnings > 0);
        for rate in cars {
            if let Some(driver) = drivers.next() {
                driver.assets.cars = u8::from(self.dice.happens(rate));
            }
        }
    }

    /// Who received what in the invented past: by the city's own measure, with
    /// its errors on both sides.
    fn aid(&mut self, members: &mut [Person]) {
        let Need {
            heads,
            income,
            poor,
        } = need(members);
        if heads == 0 || self.home.on_permit || self.home.shape == Shape::ChildInInstitution {
            return;
        }
        let per_head = income / i64::from(heads);
        let since = self.days_ago(60, 1_800);
        if poor && per_head < rates::NEED_LINE {
            if !self.dice.happens(rates::NEEDY_RECEIVING) {
                return;
            }
            let lone = self.home.shape == Shape::LoneElder;
            if lone && self.dice.happens(4_000) {
                members[0].benefits.tekun = true;
                return;
            }
            let amount = (rates::NEED_LINE - per_head) * i64::from(heads) / 100 * 100;
            self.receive(AidKind::Living, amount.max(50 * YUAN), since, true);
        } else if poor && per_head < rates::NEED_LINE * 3 / 2 {
            if self.dice.happens(rates::EDGE_CONFIRMED) {
                self.receive(AidKind::Edge, 0, self.today - chrono::Days::new(200), true);
            }
        } else if self.dice.happens(rates::NO_LONGER_NEEDY) {
            let amount = i64::from(self.dice.between(200, 900)) * YUAN;
            self.receive(AidKind::Living, amount, since, false);
        } else if per_head < rates::NEED_LINE * 4
            && members.iter().any(|p| p.illness.is_some() && p.present())
            && self.dice.happens(1_500)
        {
            let since = self.days_ago(20, 340);
            self.receive(AidKind::RigidExpense, 0, since, true);
        }
    }

    fn receive(&mut self, kind: AidKind, amount: i64, since: Date, rightly: bool) {
        self.home.aid = Some(Aid {
            kind,
            amount,
            since,
            rightly,
        });
    }

    fn personal(&mut self, person: &mut Person, on_living_aid: bool, gone: (bool, bool)) {
        let age = person.age(self.today);
        let local = !self.home.on_permit;
        let mut given = |entitled: bool| {
            let rate = if entitled {
                rates::PERSONAL_RECEIVING
            } else {
                return false;
            };
            local && self.dice.happens(rate)
        };
        let (orphan, unattended) = gone;
        let institution = self.home.shape == Shape::ChildInInstitution;
        let grade = person.disability.map_or(9, |d| d.grade);
        person.benefits.orphan = given(age < 18 && (orphan || institution));
        person.benefits.unattended = given(age < 18 && unattended);
        let child_aid = person.benefits.unattended || person.benefits.orphan;
        person.benefits.disability_living = given(grade <= 4 && on_living_aid && !child_aid);
        person.benefits.disability_nursing = given(grade <= 2);
        person.benefits.age_allowance = given(age >= 80);
        person.benefits.child_in_difficulty =
            given(age < 18 && grade <= 4 && !child_aid && !on_living_aid);
        if local && grade == 4 && self.dice.happens(rates::PERSONAL_WRONGLY) {
            person.benefits.disability_nursing = true;
        }
    }
}

/// A household's need by the city's own measure.
pub(crate) struct Need {
    /// Members that count.
    pub(crate) heads: u32,
    /// Income of a month in fen.
    pub(crate) income: i64,
    /// Little enough is owned.
    pub(crate) poor: bool,
}

/// Measures the need of a household.
pub(crate) fn need(members: &[Person]) -> Need {
    let counted: Vec<&Person> = members.iter().filter(|p| p.present()).collect();
    let heads = counted.len() as u32;
    let savings: i64 = counted.iter().map(|p| p.assets.financial()).sum();
    let cars = counted.iter().any(|p| p.assets.cars > 0);
    let homes: u32 = counted.iter().map(|p| u32::from(p.assets.homes)).sum();
    let shares = counted.iter().any(|p| p.assets.shares > 0);
    Need {
        heads,
        income: counted.iter().map(|p| p.income()).sum(),
        poor: savings <= rates::SAVINGS_LINE * i64::from(heads) && !cars && homes <= 1 && !shares,
    }
}

/// (both parents dead, neither able and not both dead).
fn parents_gone(child: &Person, members: &[Person]) -> (bool, bool) {
    let first = members.first().map_or(0, |p| p.index);
    let fate = |parent: Option<u32>| {
        let parent = members.get((parent? - first) as usize)?;
        Some(parent.fate)
    };
    let (Some(father), Some(mother)) = (fate(child.father), fate(child.mother)) else {
        return (false, false);
    };
    let dead = |fate: Fate| matches!(fate, Fate::Died(_));
    let gone = |fate: Fate| matches!(fate, Fate::Died(_) | Fate::Custody(..) | Fate::Lost(_));
    let both_dead = dead(father) && dead(mother);
    (both_dead, gone(father) && gone(mother) && !both_dead)
}
