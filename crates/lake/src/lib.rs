//! 「数据湖」 The optional second binary: what discovery may read of everybody and what
//! departments delivered, as Parquet without names; analysts' SQL over it; DataFusion as
//! an oracle of the rules; the same plans on a cluster when one machine is outgrown.
//! Reads what `nuanxin facts` wrote. The other way a department's Parquet becomes a file
//! for the house's one gate. Absent on purpose: the database (only the house opens it),
//! decisions, and answers coming back.

pub mod check;
pub mod cluster;
pub mod compare;
pub mod deliver;
mod error;
pub mod export;
pub mod function;
mod lake;
pub mod plans;
mod records;
pub mod shape;
pub mod views;

pub use error::{LakeError, Result};
pub use lake::{Lake, Meta, load};
