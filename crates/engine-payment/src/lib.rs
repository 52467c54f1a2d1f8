//! Entitlements, obligations, batches, bank files.
