//! Who may do what, where, for what purpose.
