//! 「验」 placeholder
