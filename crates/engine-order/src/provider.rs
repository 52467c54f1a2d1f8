//! 「服务方」 Who can be sent, and who best: skill, area, load, colour decide whether;
//! nearness, load and stars decide in which order. Absent on purpose: routes and traffic;
//! distance is a straight line in whole metres, in integers (no float in the house).

use crate::model::{Order, Requested};
use crate::refusal::Refusal;
use kernel::{PersonId, ProviderId, RegionCode, RegionLevel, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A place on earth, millionths of a degree (CGCS2000).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Latitude.
    pub lat: i32,
    /// Longitude.
    pub lon: i32,
}

/// Thousandths of the cosine of a whole degree of latitude, 0° to 60°.
const COSINES: [i64; 61] = [
    1000, 1000, 999, 999, 998, 996, 995, 993, 990, 988, 985, 982, 978, 974, 970, 966, 961, 956,
    951, 946, 940, 934, 927, 921, 914, 906, 899, 891, 883, 875, 866, 857, 848, 839, 829, 819, 809,
    799, 788, 777, 766, 755, 743, 731, 719, 707, 695, 682, 669, 656, 643, 629, 616, 602, 588, 574,
    559, 545, 530, 515, 500,
];

impl Point {
    /// Metres in a straight line, good to about one in a hundred within a county of
    /// China. A degree of latitude is taken as 111,195 m.
    pub fn metres_to(self, other: Point) -> i64 {
        let middle = (i64::from(self.lat) + i64::from(other.lat)) / 2_000_000;
        let degree = usize::try_from(middle.abs()).unwrap_or(60).min(60);
        let cosine = COSINES.get(degree).copied().unwrap_or(500);
        let north = (i64::from(self.lat) - i64::from(other.lat)) * 111_195 / 1_000_000;
        let east = (i64::from(self.lon) - i64::from(other.lon)) * 111_195 / 1_000_000;
        let east = east * cosine / 1000;
        // A sum of squares is never negative.
        let square = u64::try_from(north * north + east * east).unwrap_or(0);
        i64::try_from(square.isqrt()).unwrap_or(i64::MAX)
    }
}

/// 三色
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// 绿
    #[default]
    Green,
    /// 黄
    Yellow,
    /// 红 A person is asked to look: stop them or not.
    Red,
}

impl Colour {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Colour::Green => "绿",
            Colour::Yellow => "黄",
            Colour::Red => "红",
        }
    }
}

/// When a partner, or an item, turns yellow or red.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColourRule {
    /// Days looked back.
    pub days: u32,
    /// Late or bad in those days from which it is yellow.
    pub yellow: u32,
    /// …from which it is red.
    pub red: u32,
    /// Growth of an item's volume, per cent, from which it is yellow.
    pub growth: u32,
    /// Whether no new order is sent while an unsafe mark waits for a person.
    pub hold_unsafe: bool,
    /// How long what waits for a person may wait until the centre is reminded, hours.
    pub remind_hours: u32,
}

impl Default for ColourRule {
    /// The proposal of the fact book: 3 and 5 in 30 days, half as much again; a demo
    /// value, no source names numbers.
    fn default() -> Self {
        ColourRule {
            days: 30,
            yellow: 3,
            red: 5,
            growth: 50,
            hold_unsafe: false,
            remind_hours: 24,
        }
    }
}

/// What is remembered of a partner over the days of the rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Offers that lapsed or were late.
    pub late: u32,
    /// Low ratings and work done again.
    pub bad: u32,
    /// Complaints that touch safety.
    pub safety: u32,
    /// Stars added up.
    pub stars: u32,
    /// How many rated.
    pub rated: u32,
    /// Of those, what a person looked at and decided on: it counts no more.
    #[serde(default)]
    pub seen: Seen,
}

/// Marks a person has looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Of the late ones.
    pub late: u32,
    /// Of the bad ones.
    pub bad: u32,
    /// Of those that touch safety.
    pub safety: u32,
}

impl Record {
    /// Marks that touch safety and that nobody has looked at.
    pub fn unsafe_unseen(&self) -> u32 {
        self.safety.saturating_sub(self.seen.safety)
    }

    /// The partner's colour, by the marks nobody has decided on yet.
    pub fn colour(&self, rule: &ColourRule) -> Colour {
        let late = self.late.saturating_sub(self.seen.late);
        let count = late.saturating_add(self.bad.saturating_sub(self.seen.bad));
        if self.unsafe_unseen() > 0 || count >= rule.red {
            Colour::Red
        } else if count >= rule.yellow {
            Colour::Yellow
        } else {
            Colour::Green
        }
    }

    /// Tenths of a star; `None` while nobody rated.
    pub fn tenths(&self) -> Option<u32> {
        (self.rated > 0).then(|| self.stars * 10 / self.rated)
    }
}

/// An item's colour: asked for much more than before, or often late or bad.
pub fn item_colour(now: u32, before: u32, late_or_bad: u32, rule: &ColourRule) -> Colour {
    // Without a time before there is nothing to compare with.
    let grown =
        before > 0 && u64::from(now) * 100 >= u64::from(before) * u64::from(100 + rule.growth);
    if late_or_bad >= rule.red {
        Colour::Red
    } else if grown || late_or_bad >= rule.yellow {
        Colour::Yellow
    } else {
        Colour::Green
    }
}

/// Who can be sent, as they are at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Number.
    pub id: ProviderId,
    /// Name.
    pub name: String,
    /// The human being who answers for them.
    pub person: PersonId,
    /// Where they work: these nodes and everything below.
    pub areas: Vec<RegionCode>,
    /// What they can do.
    pub skills: BTreeSet<Slug>,
    /// Where they are.
    pub place: Option<Point>,
    /// Where they sit in the tree of regions.
    pub home: RegionCode,
    /// Orders under way.
    pub load: u32,
    /// The most orders at once.
    pub most: u32,
    /// What is remembered of them.
    pub record: Record,
    /// 停派 Struck off by a person, whatever the colour.
    pub stopped: bool,
}

/// How near somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Nearness {
    /// 0 the same village, 1 the same town, 2 the same county, 3 beyond.
    pub tier: u8,
    /// Metres, where both places are known.
    pub metres: Option<i64>,
}

impl Nearness {
    fn of(provider: &Provider, asked: &Requested) -> Nearness {
        let same = |level| {
            let home = provider.home.within(level);
            home.is_some() && home == asked.region.within(level)
        };
        let tier = match () {
            () if same(RegionLevel::Village) => 0,
            () if same(RegionLevel::Town) => 1,
            () if same(RegionLevel::County) => 2,
            () => 3,
        };
        let both = provider.place.zip(asked.place);
        Nearness {
            tier,
            metres: both.map(|(from, to)| from.metres_to(to)),
        }
    }

    /// Metres to compare by: known ones, or what the tier usually means. Estimates are
    /// for ranking and are never shown as metres.
    fn reckoned(self) -> i64 {
        self.metres.unwrap_or(match self.tier {
            0 => 800,
            1 => 4_000,
            2 => 15_000,
            _ => 60_000,
        })
    }

    /// In words.
    pub fn says(self) -> String {
        match (self.metres, self.tier) {
            (Some(metres), _) if metres < 1_000 => format!("{metres} 米"),
            (Some(metres), _) => format!("{}.{} 公里", metres / 1_000, metres % 1_000 / 100),
            (None, 0) => "同村社".to_owned(),
            (None, 1) => "同镇街".to_owned(),
            (None, 2) => "同县市".to_owned(),
            (None, _) => "外县市".to_owned(),
        }
    }
}

/// A provider who can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked<'a> {
    /// Who.
    pub provider: &'a Provider,
    /// How near.
    pub near: Nearness,
}

impl Provider {
    /// Whether new orders wait until a person has looked at an unsafe mark. Nobody has
    /// been struck off: what they have under way goes on.
    pub fn held(&self, rule: &ColourRule) -> bool {
        rule.hold_unsafe && self.record.unsafe_unseen() > 0
    }

    /// Whether they can be sent to this order at all.
    ///
    /// # Errors
    /// Why not, the first reason that applies.
    pub fn fits(
        &self,
        order: &Order,
        asked: &Requested,
        skills: &BTreeSet<&Slug>,
        rule: &ColourRule,
    ) -> Result<(), Refusal> {
        let name = || self.name.clone();
        if self.stopped {
            return Err(Refusal::Stopped(name()));
        }
        if self.held(rule) {
            return Err(Refusal::Held(name()));
        }
        if let Some(lacking) = skills.iter().find(|skill| !self.skills.contains(**skill)) {
            return Err(Refusal::NoSkill {
                provider: name(),
                skill: (*lacking).clone(),
            });
        }
        if !self.areas.iter().any(|area| area.contains(asked.region)) {
            return Err(Refusal::OutOfArea(name()));
        }
        let mine = order.offer().is_some_and(|offer| offer.provider == self.id);
        if self.load >= self.most && !mine {
            return Err(Refusal::Full {
                provider: name(),
                most: self.most,
            });
        }
        Ok(())
    }
}

/// Everybody who can be sent, best first: nearest (the next 500 m count as equal), then
/// least loaded, then most stars, then by number so that the answer is always the same.
/// `skip` leaves out who declined or let it lapse since the last time it was opened.
pub fn rank<'a>(
    order: &Order,
    asked: &Requested,
    skills: &BTreeSet<&Slug>,
    rule: &ColourRule,
    providers: &'a [Provider],
    skip: &BTreeSet<ProviderId>,
) -> Vec<Ranked<'a>> {
    let fitting = providers.iter().filter(|provider| {
        !skip.contains(&provider.id) && provider.fits(order, asked, skills, rule).is_ok()
    });
    let mut ranked: Vec<Ranked<'a>> = fitting
        .map(|provider| Ranked {
            provider,
            near: Nearness::of(provider, asked),
        })
        .collect();
    ranked.sort_by_key(|one| {
        let provider = one.provider;
        (
            provider.record.colour(rule),
            one.near.reckoned() / 500,
            u64::from(provider.load) * 100 / u64::from(provider.most.max(1)),
            // Nobody's rating counts as 3.5 stars until somebody rated.
            std::cmp::Reverse(provider.record.tenths().unwrap_or(35)),
            provider.id,
        )
    });
    ranked
}
