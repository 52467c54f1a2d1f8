//! Every page over an empty house: one program, so that the law is read and a private
//! PostgreSQL begun once for all of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod access;
mod audit;
mod authorisation;
mod board;
mod bookings;
mod citizen;
mod desk;
mod elsewhere;
mod exports;
mod found;
mod holo;
mod hostile;
mod law;
mod leads;
mod life;
mod metrics;
mod orders;
mod plan;
mod push;
mod session;
mod set_back;
mod simulate;
mod site;
mod take_in;
