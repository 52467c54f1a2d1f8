//! Messages, channels, receipts.
