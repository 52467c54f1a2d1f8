//! 「排名」 Places by score. Equal scores share a place and the next is left out; no
//! name and no number breaks a tie.

use crate::points::Points;

/// A place in a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<T> {
    /// From 1.
    pub place: usize,
    /// How many share it.
    pub shared: usize,
    /// The score.
    pub score: Points,
    /// Who.
    pub who: T,
}

/// Highest score first; among equals in the order given.
pub fn rank<T>(scores: Vec<(T, Points)>) -> Vec<Place<T>> {
    let mut scores = scores;
    scores.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
    let points: Vec<Points> = scores.iter().map(|(_, score)| *score).collect();
    let placed = scores.into_iter().map(|(who, score)| Place {
        place: 1 + points.iter().filter(|one| **one > score).count(),
        shared: points.iter().filter(|one| **one == score).count(),
        score,
        who,
    });
    placed.collect()
}
