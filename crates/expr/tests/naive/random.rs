//! 「随机」 Random well-typed expressions as text, and random worlds with missing
//! values, zeros, extremes and days at the edges of windows.

use super::naive::{Facts, Household, Person, World};
use expr::*;
use kernel::{Date, Slug};
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

/// What an expression is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sort {
    Bool,
    /// 元/月, 元, 岁 or none, by place in [`UNITS`].
    Number(usize),
    Date,
    Code,
}

pub(crate) const UNITS: [&str; 4] = ["元/月", "元", "岁", "倍"];

/// (id, level, sort, scale)
const FACTS: [(&str, Level, Sort, u8); 14] = [
    ("h_rent", Level::Household, Sort::Number(0), 2),
    ("h_assets", Level::Household, Sort::Number(1), 2),
    ("h_share", Level::Household, Sort::Number(3), 4),
    ("h_owner", Level::Household, Sort::Bool, 0),
    ("h_since", Level::Household, Sort::Date, 0),
    ("h_kind", Level::Household, Sort::Code, 0),
    ("p_wage", Level::Person, Sort::Number(0), 2),
    ("p_deposit", Level::Person, Sort::Number(1), 2),
    ("p_ratio", Level::Person, Sort::Number(3), 6),
    ("p_years", Level::Person, Sort::Number(2), 0),
    ("p_student", Level::Person, Sort::Bool, 0),
    ("p_disabled", Level::Person, Sort::Bool, 0),
    ("p_born", Level::Person, Sort::Date, 0),
    ("p_kind", Level::Person, Sort::Code, 0),
];
const PARAMETERS: [(&str, Sort, u8); 4] = [
    ("standard", Sort::Number(0), 2),
    ("old", Sort::Number(2), 0),
    ("factor", Sort::Number(3), 1),
    ("began", Sort::Date, 0),
];
const FIELDS: [(&str, Sort, u8); 4] = [
    ("paid_on", Sort::Date, 0),
    ("pay", Sort::Number(1), 2),
    ("serious", Sort::Bool, 0),
    ("r_kind", Sort::Code, 0),
];
const CODES: [&str; 3] = ["none", "visual", "hearing"];

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

pub(crate) struct Random {
    pub(crate) rng: ChaCha8Rng,
    pub(crate) schema: Schema,
    /// Whether numbers may be near the end of what can be.
    huge: bool,
    /// Of numbers in a hundred, how many are 0, and how many nobody told.
    zeros: u32,
    missing: u32,
    set: std::sync::Arc<CodeSet>,
    /// Derived facts so far: name, level, sort.
    derived: Vec<(String, Level, Sort)>,
}

impl Random {
    pub(crate) fn new(rng: ChaCha8Rng) -> Random {
        let mut schema = Schema::new();
        let members = CODES.map(|id| CodeMember {
            id: slug(id),
            label: id.to_owned(),
        });
        let set = CodeSet {
            id: slug("kind"),
            label: "类别".to_owned(),
            members: members.into(),
        };
        let set = schema.add_codes(set).unwrap();
        let mut random = Random {
            rng,
            schema,
            huge: true,
            zeros: 0,
            missing: 0,
            set,
            derived: Vec::new(),
        };
        for (id, level, sort, scale) in FACTS {
            let decl = FactDecl {
                id: slug(id),
                label: id.to_owned(),
                level,
                ty: random.ty(sort, scale),
            };
            random.schema.add_fact(id, decl).unwrap();
        }
        for (id, sort, scale) in PARAMETERS {
            let decl = ParameterDecl {
                id: slug(id),
                label: id.to_owned(),
                ty: random.ty(sort, scale),
            };
            random.schema.add_parameter(id, decl).unwrap();
        }
        let fields = FIELDS.map(|(id, sort, scale)| FieldDecl {
            id: slug(id),
            label: id.to_owned(),
            ty: random.ty(sort, scale),
        });
        let kind = RecordKind {
            id: slug("bill"),
            label: "费用".to_owned(),
            fields: fields.into(),
            date_field: 0,
        };
        random.schema.add_records(kind).unwrap();
        random
    }

    pub(crate) fn ty(&self, sort: Sort, scale: u8) -> Type {
        match sort {
            Sort::Bool => Type::Bool,
            Sort::Number(unit) => Type::Number {
                unit: UNITS[unit].parse().unwrap(),
                scale,
            },
            Sort::Date => Type::Date,
            Sort::Code => Type::Code(self.set.clone()),
        }
    }

    pub(crate) fn sort(&mut self) -> Sort {
        match self.rng.random_range(0..10) {
            0..5 => Sort::Bool,
            5..8 => Sort::Number(self.rng.random_range(0..UNITS.len())),
            8 => Sort::Date,
            _ => Sort::Code,
        }
    }

    /// Adds a derived fact with a random formula.
    pub(crate) fn derive(&mut self) {
        let level = *[Level::Household, Level::Person]
            .choose(&mut self.rng)
            .unwrap();
        let sort = self.sort();
        let text = self.expression(sort, level, 3);
        let is = self.check(&text, level);
        let name = format!("d_{}", self.derived.len());
        let level = is.level().max(Level::Household);
        let decl = DerivedDecl {
            id: slug(&name),
            label: name.clone(),
            is,
        };
        if sort == Sort::Bool {
            self.schema.add_verdict(slug(&name), decl.clone()).unwrap();
        }
        self.schema.add_derived(&name, decl).unwrap();
        self.derived.push((name, level, sort));
    }

    pub(crate) fn check(&self, text: &str, at: Level) -> Typed {
        let ast = parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let again = parse(&ast.to_string()).unwrap_or_else(|e| panic!("{ast}: {e:?}"));
        assert_eq!(again, ast, "printed differently: {text}");
        check(&ast, &self.schema, at).unwrap_or_else(|e| panic!("{text}: {e:?}"))
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    /// A well-typed expression that may stand at a level.
    pub(crate) fn expression(&mut self, sort: Sort, at: Level, depth: u32) -> String {
        if depth == 0 || self.chance(15) {
            return self.leaf(sort, at);
        }
        let next = depth - 1;
        if self.chance(8) {
            let c = self.expression(Sort::Bool, at, next);
            let (a, b) = (
                self.expression(sort, at, next),
                self.expression(sort, at, next),
            );
            return format!("(if {c} then {a} else {b})");
        }
        match sort {
            Sort::Bool => self.truth(at, next),
            Sort::Number(unit) => self.number(unit, at, next),
            Sort::Date => self.date(at, next),
            Sort::Code => self.leaf(sort, at),
        }
    }

    fn leaf(&mut self, sort: Sort, at: Level) -> String {
        let mut names: Vec<String> = Vec::new();
        let facts = FACTS.iter().filter(|f| f.1 <= at && f.2 == sort);
        names.extend(facts.map(|f| f.0.to_owned()));
        let parameters = PARAMETERS.iter().filter(|p| p.1 == sort);
        names.extend(parameters.map(|p| p.0.to_owned()));
        if at == Level::Record {
            let fields = FIELDS.iter().filter(|f| f.1 == sort);
            // Fields twice: they are what such an expression is about.
            names.extend(fields.clone().chain(fields).map(|f| f.0.to_owned()));
        }
        let derived = self.derived.iter().filter(|d| d.1 <= at && d.2 == sort);
        for (name, ..) in derived {
            names.push(name.clone());
            if sort == Sort::Bool {
                names.push(format!("verdict.{name}"));
            }
        }
        if names.is_empty() || self.chance(25) {
            return self.literal(sort);
        }
        names.choose(&mut self.rng).unwrap().clone()
    }

    fn literal(&mut self, sort: Sort) -> String {
        match sort {
            Sort::Bool => self.rng.random_bool(0.5).to_string(),
            Sort::Number(3) if self.chance(30) => format!("{}%", self.rng.random_range(0..200)),
            Sort::Number(unit) => {
                let number = match self.rng.random_range(0..4) {
                    0 => "0".to_owned(),
                    1 => self.rng.random_range(1..100).to_string(),
                    2 => format!(
                        "{}.{}",
                        self.rng.random_range(0..2_000),
                        self.rng.random_range(0..10)
                    ),
                    _ => format!(
                        "{}.{:04}",
                        self.rng.random_range(0..9),
                        self.rng.random_range(0..9_999)
                    ),
                };
                format!("{number} {}", UNITS[unit])
            }
            Sort::Date if self.chance(20) => "as_of".to_owned(),
            Sort::Date if self.chance(20) => format!("2020-{:02}", self.rng.random_range(1..13)),
            Sort::Date => day(&mut self.rng).to_string(),
            Sort::Code => format!("kind.{}", CODES.choose(&mut self.rng).unwrap()),
        }
    }

    fn truth(&mut self, at: Level, next: u32) -> String {
        match self.rng.random_range(0..10) {
            0..2 => {
                let (a, b) = self.pair(Sort::Bool, at, next);
                let op = ["and", "or"].choose(&mut self.rng).unwrap();
                format!("({a} {op} {b})")
            }
            2 => format!("(not {})", self.expression(Sort::Bool, at, next)),
            3..6 => {
                let sort = match self.rng.random_range(0..8) {
                    0 => Sort::Date,
                    _ => Sort::Number(self.rng.random_range(0..UNITS.len())),
                };
                let (a, b) = self.pair(sort, at, next);
                let signs = ["==", "!=", "<", "<=", ">", ">="];
                format!("({a} {} {b})", signs.choose(&mut self.rng).unwrap())
            }
            6 => {
                let sort = *[Sort::Code, Sort::Bool].choose(&mut self.rng).unwrap();
                let (a, b) = self.pair(sort, at, next);
                format!("({a} {} {b})", ["==", "!="].choose(&mut self.rng).unwrap())
            }
            7 => {
                let sort = *[Sort::Code, Sort::Number(2), Sort::Date]
                    .choose(&mut self.rng)
                    .unwrap();
                let x = self.expression(sort, at, next);
                let items: Vec<_> = (0..self.rng.random_range(1..4))
                    .map(|_| self.expression(sort, at, next.min(1)))
                    .collect();
                format!("({x} in [{}])", items.join(", "))
            }
            _ => match self.over(at, next) {
                Some((over, inner, filtered)) => {
                    let op = *["any", "all"].choose(&mut self.rng).unwrap();
                    if op == "any" && filtered && self.chance(40) {
                        return format!("any({over})");
                    }
                    let value = self.expression(Sort::Bool, inner, next);
                    format!("{op}({over}, {value})")
                }
                None => self.leaf(Sort::Bool, at),
            },
        }
    }

    /// Anything but a literal 0, which the checker refuses.
    fn divisor(&mut self, sort: Sort, at: Level, next: u32) -> String {
        let found = self.expression(sort, at, next);
        match parse(&found).unwrap().root.kind {
            ExprKind::Number(number, _) if number.mantissa == 0 => format!("(-{found})"),
            _ => found,
        }
    }

    fn pair(&mut self, sort: Sort, at: Level, next: u32) -> (String, String) {
        let a = self.expression(sort, at, next);
        (a, self.expression(sort, at, next))
    }

    /// `members where …` or `records.bill within … where …`, the level inside,
    /// and whether there is a filter.
    fn over(&mut self, at: Level, next: u32) -> Option<(String, Level, bool)> {
        let (mut over, inner) = match at {
            Level::Constant => return None,
            Level::Household => ("members".to_owned(), Level::Person),
            _ if self.chance(30) => ("members".to_owned(), Level::Person),
            _ => ("records.bill".to_owned(), Level::Record),
        };
        if inner == Level::Record && self.chance(50) {
            over += &format!(
                " within {} months",
                [1, 6, 12].choose(&mut self.rng).unwrap()
            );
        }
        let filtered = self.chance(50);
        if filtered {
            over += &format!(" where {}", self.expression(Sort::Bool, inner, next));
        }
        Some((over, inner, filtered))
    }

    fn number(&mut self, unit: usize, at: Level, next: u32) -> String {
        let sort = Sort::Number(unit);
        match self.rng.random_range(0..14) {
            0..3 => {
                let (a, b) = self.pair(sort, at, next);
                format!("({a} {} {b})", ["+", "-"].choose(&mut self.rng).unwrap())
            }
            3..5 => {
                let a = self.expression(sort, at, next);
                let b = self.divisor(Sort::Number(3), at, next);
                format!("({a} {} {b})", ["*", "/"].choose(&mut self.rng).unwrap())
            }
            5 => format!("(-{})", self.expression(sort, at, next)),
            6 => {
                let (a, b) = self.pair(sort, at, next);
                let c = self.leaf(sort, at);
                format!(
                    "{}({a}, {b}, {c})",
                    ["min", "max"].choose(&mut self.rng).unwrap()
                )
            }
            7 => {
                let x = self.expression(sort, at, next);
                let how = ["round", "round_up", "round_down"]
                    .choose(&mut self.rng)
                    .unwrap();
                let step = ["0.01", "0.1", "1", "10", "100"]
                    .choose(&mut self.rng)
                    .unwrap();
                format!("{how}({x}, {step})")
            }
            8 => format!("abs({})", self.expression(sort, at, next)),
            9 if unit == 2 => {
                let (a, b) = self.pair(Sort::Date, at, next);
                format!("age_on({a}, {b})")
            }
            9 if unit == 3 => self.ratio(at, next),
            _ => match self.over(at, next) {
                Some((over, inner, _)) => {
                    let op = *["sum", "sum", "min", "max"].choose(&mut self.rng).unwrap();
                    format!("{op}({over}, {})", self.expression(sort, inner, next))
                }
                None => self.leaf(sort, at),
            },
        }
    }

    /// Something without a unit made of things with one.
    fn ratio(&mut self, at: Level, next: u32) -> String {
        match self.rng.random_range(0..4) {
            0 => {
                let a = self.expression(Sort::Number(0), at, next);
                let b = self.divisor(Sort::Number(0), at, next);
                format!("({a} / {b})")
            }
            1 => {
                let (a, b) = self.pair(Sort::Date, at, next);
                format!("(months_between({a}, {b}) / 1 月)")
            }
            2 => {
                let (a, b) = self.pair(Sort::Date, at, next);
                format!("(days_between({a}, {b}) / 7 日)")
            }
            _ => match self.over(at, next) {
                Some((over, Level::Record, _)) => format!("(count({over}) / 1 次)"),
                Some((over, ..)) => format!("(count({over}) / 1 人)"),
                None => self.literal(Sort::Number(3)),
            },
        }
    }

    fn date(&mut self, at: Level, next: u32) -> String {
        match self.over(at, next) {
            Some((over, inner, _)) if self.chance(60) => {
                let op = ["min", "max"].choose(&mut self.rng).unwrap();
                format!("{op}({over}, {})", self.expression(Sort::Date, inner, next))
            }
            _ => {
                let (a, b) = self.pair(Sort::Date, at, next);
                format!(
                    "{}({a}, {b})",
                    ["min", "max"].choose(&mut self.rng).unwrap()
                )
            }
        }
    }

    pub(crate) fn value(&mut self, sort: Sort, scale: u8) -> Value {
        match sort {
            Sort::Bool => Value::Bool(self.rng.random_bool(0.5)),
            Sort::Number(_) => {
                if self.chance(self.zeros) {
                    return Value::Number(Decimal { mantissa: 0, scale });
                }
                let kinds = if self.huge { 40 } else { 37 };
                let mantissa = match self.rng.random_range(0..kinds) {
                    0..10 => 0,
                    10..36 => self.rng.random_range(-200..2_000) * 10_i64.pow(u32::from(scale)) / 4,
                    36 => self.rng.random_range(-99..99),
                    37 => i64::MAX - self.rng.random_range(0..3),
                    38 => i64::MIN + self.rng.random_range(0..3),
                    _ => self.rng.random_range(i64::MIN / 1_000..i64::MAX / 1_000),
                };
                Value::Number(Decimal { mantissa, scale })
            }
            Sort::Date => Value::Date(day(&mut self.rng)),
            Sort::Code => Value::Code(self.rng.random_range(0..CODES.len() as u16)),
        }
    }

    fn facts(&mut self, wanted: &[(&str, Sort, u8)], missing: u32) -> Facts {
        let mut facts = Facts::new();
        for (id, sort, scale) in wanted {
            let often = match sort {
                // Some numbers of a world, not all.
                Sort::Number(_) if id.len() % 2 == 0 => self.missing.max(missing),
                _ => missing,
            };
            if !self.chance(often) {
                facts.insert((*id).to_owned(), self.value(*sort, *scale));
            }
        }
        facts
    }

    pub(crate) fn world(&mut self, households: usize, regions: usize) -> World {
        let as_of = "2021-02-28".parse().unwrap();
        // Numbers near the end of 64 bits, numbers hardly anybody has, numbers hardly
        // anybody told: each in worlds of their own, and together.
        self.huge = self.chance(50);
        self.zeros = *[0, 0, 85].choose(&mut self.rng).unwrap();
        self.missing = *[0, 0, 85].choose(&mut self.rng).unwrap();
        let parameters = (0..regions).map(|_| self.facts(&PARAMETERS, 10)).collect();
        let households = (0..households).map(|_| self.household(regions)).collect();
        World {
            as_of,
            parameters,
            households,
        }
    }

    fn household(&mut self, regions: usize) -> Household {
        let at = |level: Level| {
            let facts = FACTS.iter().filter(move |f| f.1 == level);
            facts.map(|f| (f.0, f.2, f.3)).collect::<Vec<_>>()
        };
        let missing = *[0, 10, 40].choose(&mut self.rng).unwrap();
        let members = self.rng.random_range(0..5);
        let members = (0..members).map(|_| {
            let facts = self.facts(&at(Level::Person), missing);
            let bills = self.rng.random_range(0..4);
            let bills = (0..bills).map(|_| self.facts(&FIELDS, missing)).collect();
            let answered = !self.chance(missing);
            Person {
                facts,
                records: [("bill".to_owned(), (answered, bills))].into(),
            }
        });
        let members = members.collect();
        Household {
            region: self.rng.random_range(0..regions),
            facts: self.facts(&at(Level::Household), missing),
            members,
        }
    }

    /// Fills in what is missing, except what `keep` says; returns how many.
    pub(crate) fn fill(&mut self, world: &mut World, keep: impl Fn(&str, Row) -> bool) -> usize {
        let (mut filled, mut person, mut bill) = (0, 0, 0);
        let mut set =
            |this: &mut Random, facts: &mut Facts, (id, sort, scale): (&str, Sort, u8), row| {
                if !facts.contains_key(id) && !keep(id, row) {
                    facts.insert(id.to_owned(), this.value(sort, scale));
                    filled += 1;
                }
            };
        for (place, household) in world.households.iter_mut().enumerate() {
            for (id, level, sort, scale) in FACTS {
                if level == Level::Household {
                    set(
                        self,
                        &mut household.facts,
                        (id, sort, scale),
                        Row::Household(place),
                    );
                }
            }
            for member in &mut household.members {
                for (id, level, sort, scale) in FACTS {
                    if level == Level::Person {
                        set(
                            self,
                            &mut member.facts,
                            (id, sort, scale),
                            Row::Person(person),
                        );
                    }
                }
                for (answered, bills) in member.records.values_mut() {
                    *answered |= !keep("bill", Row::Person(person));
                    for facts in bills {
                        let row = || Row::Record {
                            kind: slug("bill"),
                            record: bill,
                            person,
                        };
                        for field in FIELDS {
                            set(self, facts, field, row());
                        }
                        bill += 1;
                    }
                }
                person += 1;
            }
        }
        filled
    }
}

fn day(rng: &mut ChaCha8Rng) -> Date {
    // Month ends and the edges of windows ending on 2021-02-28 come up often.
    let edges = [
        "2020-02-28",
        "2020-02-29",
        "2020-03-01",
        "2021-01-28",
        "2021-02-28",
        "2021-03-01",
    ];
    if rng.random_range(0..4) == 0 {
        return edges[rng.random_range(0..edges.len())].parse().unwrap();
    }
    let start: Date = "1940-01-01".parse().unwrap();
    start + chrono::Days::new(rng.random_range(0..31_000))
}
