//! Cases on both databases: the stories, who may not, what follows of itself.

mod beside;
mod joint;
pub(crate) mod publish;
mod rights;
mod stories;
pub(crate) mod town;
