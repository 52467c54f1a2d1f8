//! 「检验」 The vectors of the standards, and: what is printed reads back, and
//! nothing makes a reader fall over.
