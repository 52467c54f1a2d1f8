//! Department data: batches, records, quality, verification.
