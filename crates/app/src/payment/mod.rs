//! 「发放」 Paying: entitlements from decisions, the monthly batch step by step, the
//! bank, the match, the family's statement.

pub mod bank_wire;
mod gateway;

pub use gateway::{BankGateway, NoWord};
