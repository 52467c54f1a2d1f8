//! 「先后」 Who comes before whom of those who wait: classes in the pack's order, within a
//! class who waits longest. One order for who is asked next and for what people are told.

use crate::config::BookingType;
use crate::model::{Span, Stock, Waiting};
use kernel::{BookingId, Slug};

/// Those who wait for a sort (and a slot) and have no offer, in their order; a sort or a
/// slot of `None` is waited for by everybody.
pub fn line<'s>(
    stock: &'s Stock,
    ty: &BookingType,
    sort: Option<&Slug>,
    span: Option<Span>,
) -> Vec<&'s Waiting> {
    let Some(rule) = &ty.waiting else {
        return Vec::new();
    };
    let wants = |one: &&Waiting| {
        one.offer.is_none()
            && (one.span.is_none() || span.is_none() || one.span == span)
            && (one.sort.is_none() || sort.is_none() || one.sort.as_ref() == sort)
    };
    let mut line: Vec<&Waiting> = stock.waiting.values().filter(wants).collect();
    line.sort_by_key(|one| (rule.place(&one.class), one.since, one.id));
    line
}

/// 前面几位 How many are asked before somebody who waits; `None`: they do not wait, or were
/// asked already.
pub fn ahead(stock: &Stock, ty: &BookingType, id: BookingId) -> Option<usize> {
    let mine = stock.waiting.get(&id)?;
    let line = line(stock, ty, mine.sort.as_ref(), mine.span);
    line.iter().position(|one| one.id == id)
}
