//! The synthetic city, the simulators, the story.

pub mod bank;
pub mod city;
pub mod departments;
mod serving;
mod signed;
pub mod sms;
pub mod sso;
pub mod story;
pub mod witness;

pub use serving::Serving;
pub use signed::{demo_pem, demo_ring, demo_signer};
