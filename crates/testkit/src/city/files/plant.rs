//! 「自相矛盾」 Rows that are well formed and contradict another department's. Only
//! in files: asked directly, departments answer the truth.

use super::manifest::{Contradicted, Truth};
use crate::city::cell::{Cell, Row};
use crate::city::departments::{Sheet, pension_benefit, record_no, register_unemployed};
use crate::city::dice::mix;
use crate::city::{City, Fate, Marital, Pension, Person, Work, rates};
use chrono::Datelike;
use kernel::Slug;

/// What is done to the file that errs.
#[derive(Clone, Copy)]
enum Deed {
    /// One more record of this kind.
    Add(fn(&mut Sheet<'_>, &Person)),
    /// A code field of the person's record gets another code.
    Recode(&'static str, fn(&Person) -> &'static str),
}

/// A kind of contradiction.
struct Kind {
    name: &'static str,
    right: &'static str,
    wrong: &'static str,
    wrong_no: u32,
    right_no: u32,
    whom: fn(&City, &Person) -> bool,
    deed: Deed,
}

/// Numbers are the catalogue's (`no`).
const KINDS: &[Kind] = &[
    Kind {
        name: "unemployed_with_wage",
        right: "wage_tax",
        right_no: 80,
        wrong: "unemployment_reg",
        wrong_no: 45,
        whom: |_, p| matches!(p.work, Work::Employed(_)) && p.present(),
        deed: Deed::Add(register_unemployed),
    },
    Kind {
        name: "married_registered_single",
        right: "marriage_record",
        right_no: 16,
        wrong: "hukou_person",
        wrong_no: 23,
        // Married young enough to stand in the electronic archive.
        whom: |city, p| {
            let local = !city.household_of(p).on_permit;
            p.marital == Marital::Married && p.born.year() > 1972 && p.present() && local
        },
        deed: Deed::Recode("marital", |_| "single"),
    },
    Kind {
        name: "pension_after_death",
        right: "death_cancel",
        right_no: 25,
        wrong: "pension_benefit",
        wrong_no: 38,
        whom: |city, p| {
            let long_ago = city.today - chrono::Days::new(70);
            matches!(p.fate, Fate::Died(day) if day < long_ago)
        },
        deed: Deed::Add(still_paid),
    },
    Kind {
        name: "disability_grade_differs",
        right: "disability_cert",
        right_no: 119,
        wrong: "disability_nursing",
        wrong_no: 11,
        whom: |_, p| p.benefits.disability_nursing && p.present(),
        deed: Deed::Recode("grade", |p| match p.disability {
            Some(disability) if disability.grade == 1 => "g2",
            _ => "g1",
        }),
    },
];

fn still_paid(sheet: &mut Sheet<'_>, person: &Person) {
    let mut alive = person.clone();
    alive.pension = Pension::Employee(2_480 * rates::YUAN);
    pension_benefit(sheet, &alive);
}

/// Who is spoken of wrongly, by category.
pub(super) struct Plants {
    chosen: Vec<(&'static str, u32, Deed)>,
}

impl Plants {
    /// Chooses whom, and writes it into the truth.
    pub(super) fn choose(city: &City, truth: &mut Truth) -> Self {
        let told: Vec<u32> = city.story_families().iter().map(|f| f.household).collect();
        let wanted = city.people.len() as u64 * rates::CONTRADICTIONS_PER_100_000_PEOPLE;
        let wanted = (wanted / 100_000).max(1) as usize;
        let mut chosen = Vec::new();
        for (nth, kind) in KINDS.iter().enumerate() {
            let may = |p: &&Person| (kind.whom)(city, p) && !told.contains(&p.household);
            let mut people: Vec<&Person> = city.people.iter().filter(may).collect();
            people.sort_by_key(|p| mix(city.seed, u64::from(p.index), 500 + nth as u64));
            for person in people.into_iter().take(wanted) {
                chosen.push((kind.wrong, person.index, kind.deed));
                let number = |no| record_no(city.seed, no, u64::from(person.index), 1);
                truth.contradictions.push(Contradicted {
                    kind: kind.name.to_owned(),
                    id_no: person.number.reveal().to_owned(),
                    right: (kind.right.to_owned(), number(kind.right_no)),
                    wrong: (kind.wrong.to_owned(), number(kind.wrong_no)),
                });
            }
        }
        Plants { chosen }
    }

    /// Does to a category's rows what was chosen for it.
    pub(super) fn apply(&self, sheet: &mut Sheet<'_>) {
        let id = sheet.category.id.clone();
        for (_, index, deed) in self
            .chosen
            .iter()
            .filter(|(wrong, ..)| *wrong == id.as_str())
        {
            let city = sheet.city;
            let person = &city.people[*index as usize];
            match deed {
                Deed::Add(emit) => emit(sheet, person),
                Deed::Recode(field, code) => {
                    let mut fields = sheet.category.fields.iter();
                    let at = fields.position(|f: &engine_pool::Field| is(&f.id, field));
                    let of = |row: &&mut Row| row.key == Cell::Person(person.number);
                    if let (Some(at), Some(row)) = (at, sheet.rows.iter_mut().find(of)) {
                        row.cells[at] = Cell::Word(code(person));
                    }
                }
            }
        }
    }
}

fn is(id: &Slug, name: &str) -> bool {
    id.as_str() == name
}
