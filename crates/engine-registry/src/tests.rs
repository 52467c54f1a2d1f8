//! 「检验」 Tables of the register.
