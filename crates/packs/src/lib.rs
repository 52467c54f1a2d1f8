//! TOML into typed packs, or diagnostics.
