//! 「键」 Every key a pack may have, declared once. Read by the walk, by the
//! readers and by the JSON Schema for editors. One file per kind of document.

mod agreement;
mod booking;
mod department;
mod flow;
mod ledger;
mod life;
mod order;
mod pack;
mod plan;
mod service;
mod sheet;
mod vocabulary;

use crate::shape::Shape;

pub(crate) use pack::PACK_FILE;
pub(crate) use vocabulary::TRAITS;

/// What a file of a pack can be, by its root table.
pub(crate) const ROOTS: &[(&str, &Shape)] = &[
    ("service", &service::SERVICE_FILE),
    ("vocabulary", &vocabulary::VOCABULARY_FILE),
    ("department", &department::DEPARTMENT_FILE),
    ("overlay", &service::OVERLAY_FILE),
    ("joint", &service::JOINT_FILE),
    ("agreements", &agreement::AGREEMENTS_FILE),
    ("order", &order::ORDER_FILE),
    ("sheet", &sheet::SHEET_FILE),
    ("booking", &booking::BOOKING_FILE),
    ("plan", &plan::PLAN_FILE),
    ("life_event", &life::LIFE_FILE),
    ("ledger", &ledger::LEDGER_FILE),
];
