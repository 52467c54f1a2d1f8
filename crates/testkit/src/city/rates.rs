//! 「比例」 How often what happens in the synthetic city. Every figure here is
//! assumed: chosen so that the city looks plausible and every situation occurs,
//! not taken from any statistics. None of them decides anything about people;
//! standards and limits live in packs. Rates are per 10,000 unless said.

use super::household::Shape;

/// Yuan in fen.
pub(crate) const YUAN: i64 = 100;

/// Around what income per head and month the city's own need is set (fen). Only
/// decides who *receives* something in the invented past; packs judge by theirs.
pub(crate) const NEED_LINE: i64 = 1_150 * YUAN;
/// Savings per head above which the invented past gave nothing (fen).
pub(crate) const SAVINGS_LINE: i64 = 24 * NEED_LINE;

/// Shapes of households, by weight.
pub(crate) const SHAPES: &[(Shape, u32)] = &[
    (Shape::Couple, 1000),
    (Shape::CoupleWithChildren, 3300),
    (Shape::ThreeGenerations, 1700),
    (Shape::ElderCouple, 1300),
    (Shape::LoneElder, 1000),
    (Shape::LoneAdult, 900),
    (Shape::SingleParent, 400),
    (Shape::GrandparentsWithChild, 170),
    (Shape::DisabledAdultWithParents, 150),
    (Shape::ChildInInstitution, 10),
];

/// Households that live here on a residence permit.
pub(crate) const PERMIT_HOUSEHOLDS: u32 = 600;
/// Adults registered here who live elsewhere (人户分离).
pub(crate) const SPLIT: u32 = 450;
/// Registered people who moved their registration away within three years.
pub(crate) const MOVED_OUT: u32 = 60;
/// Adults in prison, detention or compulsory detoxification.
pub(crate) const CUSTODY: u32 = 12;
/// Adults reported missing and not found.
pub(crate) const LOST: u32 = 2;
/// Elder couples of whom one died within two years (kept, as departments do).
pub(crate) const WIDOWED_LATELY: u32 = 350;

/// Disability certificates by age: below 18, below 60, from 60.
pub(crate) const DISABILITY: [u32; 3] = [80, 190, 420];
/// Severe illness by age: below 40, below 60, from 60.
pub(crate) const ILLNESS: [u32; 3] = [40, 150, 330];
/// Elders from 75 who lost abilities.
pub(crate) const DEPENDENT_ELDER: u32 = 1_200;

/// Adults without work, by the household's standing: below 600, below 1,500, above.
pub(crate) const WITHOUT_WORK: [u32; 3] = [4_000, 1_800, 450];
/// Wages a month in yuan by standing.
pub(crate) const WAGES: &[(u32, i64)] = &[
    (0, 1_600),
    (500, 2_490),
    (1_000, 3_000),
    (2_500, 4_200),
    (5_000, 5_800),
    (7_500, 8_200),
    (9_000, 12_500),
    (9_700, 20_000),
    (10_000, 48_000),
];
/// Deposits of an adult in yuan by standing.
pub(crate) const DEPOSITS: &[(u32, i64)] = &[
    (0, 60),
    (500, 1_500),
    (1_000, 5_000),
    (3_000, 18_000),
    (5_000, 52_000),
    (7_500, 130_000),
    (9_000, 320_000),
    (9_900, 1_200_000),
    (10_000, 4_000_000),
];
/// Poor by income, rich by savings.
pub(crate) const HIDDEN_SAVINGS: u32 = 600;
/// Workers outside any payroll whose earnings no department knows.
pub(crate) const UNRECORDED_EARNINGS: u32 = 1_500;

/// Of the households in need: who receives 低保, who 低保边缘.
pub(crate) const NEEDY_RECEIVING: u32 = 5_500;
/// Of the households a little above: who is confirmed as 低保边缘.
pub(crate) const EDGE_CONFIRMED: u32 = 4_000;
/// Of the households not in need: who still receives 低保.
pub(crate) const NO_LONGER_NEEDY: u32 = 25;
/// Of those entitled by their person (disability, age, orphans): who receives.
pub(crate) const PERSONAL_RECEIVING: u32 = 7_800;
/// Of those not entitled: who receives a personal benefit wrongly.
pub(crate) const PERSONAL_WRONGLY: u32 = 40;

/// Faulty rows of one kind, per 100,000 rows, at least one in a file of 500.
pub(crate) const FAULTY_ROWS_PER_100_000: u64 = 60;
/// Pairs of departments that contradict each other about a person, per kind.
pub(crate) const CONTRADICTIONS_PER_100_000_PEOPLE: u64 = 40;
/// Files that come late: how many of the catalogue.
pub(crate) const LATE_FILES: usize = 4;
/// Files that do not come.
pub(crate) const MISSING_FILES: usize = 3;
/// Files sent twice.
pub(crate) const REPEATED_FILES: usize = 1;
