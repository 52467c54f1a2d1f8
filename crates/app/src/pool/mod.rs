//! 「数据海」 What people see of the pool: the catalogue with its standing and quality,
//! the public dictionary, requests to share, and the whole on one screen. Absent on
//! purpose: anybody's data; everything here is counts and descriptions.

mod catalogue;
mod overview;
mod shares;

pub use catalogue::{
    CatalogueLine, CataloguePage, CategoryPage, DeliveryLine, Dictionary, FieldTold, Sides,
};
pub use engine_pool::rates::Dimension;
pub use engine_pool::share::{ShareCommand, ShareKind};
pub use overview::{DataList, DataListLine, DataOf, DataOverview, SourceLine};
pub use shares::{AnswerLine, ShareAsked, ShareLine};

#[cfg(test)]
pub(crate) mod tests;
