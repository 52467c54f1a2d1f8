//! 「检验」 Tables of slots, stays, waiting lists and chains; and chance.

mod chains;
mod chance;
mod slots;
mod stays;
mod world;
