//! 「导入」 The one gate for department data: files by hand today, the same gate
//! for every later way in.

mod arrive;
pub(crate) mod attempt;
pub(crate) mod child;
mod decode;
mod desk;
mod digest;
pub mod drop;
mod gate;
mod keep;
mod life;
mod manifest;
mod mending;
mod owed;
mod progress;
mod questions;
mod reading;
mod register;
mod renew;
mod rows;
mod run;
mod set_back;
mod sheet;
mod template;
mod told;
mod touched;

pub use arrive::sha256_hex;
pub use arrive::{ARRIVAL_BYTES_MAX, Announced, Arrival, Head, TurnedAway};
pub use decode::TextEncoding;
pub use desk::{Bringable, BroughtFile, DeliveryReport, LookedAt, RepairLine};
pub use engine_pool::gate::RowFault;
pub use engine_pool::{FileKind, QualityReport, RowName};
pub use gate::{ImportOutcome, ImportReport, Imported};
pub use manifest::{Manifest, ManifestFault, WrittenIn};
pub use mending::{AS_IT_CAME, MendedFrom};
pub use owed::CaughtUp;
pub use progress::Progress;
pub use questions::{ANSWERS, OpenQuestion};
pub use reading::{SET_BACK_MAX, SetBack};
pub use register::{Registered, Unborn};
pub use rows::{FileFault, FileFormat, RawRow, Rows};
pub(crate) use run::Numbers;
pub use run::UnderWay;
pub use set_back::{
    MendColumn, MendForm, Mended, ROWS_SHOWN, SetBackDelivery, SetBackLine, SetBackPage,
};
pub use touched::Touched;
