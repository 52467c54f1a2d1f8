//! Orders on both databases: alarms, a hotline, quotas, lines, who sees what.

mod alarms;
mod alone;
mod coverage;
mod hotline;
mod sight;
mod standing;
mod world;
