//! Tests of orders: a world in `world`, then alarms, sending, doing, money, chance.

mod alarms;
mod chance;
mod doing;
mod money;
mod sending;
mod world;
