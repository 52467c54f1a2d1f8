//! What the law owes a household, and why.
