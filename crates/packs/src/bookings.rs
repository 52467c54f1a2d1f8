//! 「可约事项」 The kinds of things of a pack that can be booked.

use crate::model::Pack;
use engine_booking::BookingType;
use std::sync::Arc;

impl Pack {
    /// All kinds, in the order of the files.
    pub fn bookings(&self) -> &[Arc<BookingType>] {
        &self.bookings
    }

    /// A kind by id.
    pub fn booking(&self, id: &str) -> Option<&Arc<BookingType>> {
        self.bookings.iter().find(|one| one.id.as_str() == id)
    }
}
