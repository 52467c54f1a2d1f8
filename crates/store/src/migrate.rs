//! 「升级」 Brings a database to this program's version, all steps in one
//! transaction: killed in the middle, it is as it was. Refuses a newer database
//! and one whose past is not ours. Absent: steps back.

use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// One SQL text for both databases each; never edited once released.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_core.sql")),
    (2, include_str!("../migrations/0002_registry_pool.sql")),
    (3, include_str!("../migrations/0003_case.sql")),
    (4, include_str!("../migrations/0004_money.sql")),
    (5, include_str!("../migrations/0005_notify_access.sql")),
    (6, include_str!("../migrations/0006_audit_subject.sql")),
    (20, include_str!("../migrations/0020_access_policy.sql")),
    (21, include_str!("../migrations/0021_pool_gap.sql")),
    (22, include_str!("../migrations/0022_accepted_once.sql")),
    (40, include_str!("../migrations/0040_sign_in.sql")),
    (41, include_str!("../migrations/0041_api_token.sql")),
    (60, include_str!("../migrations/0060_sealing.sql")),
    (61, include_str!("../migrations/0061_witness.sql")),
    (70, include_str!("../migrations/0070_contradiction.sql")),
    (71, include_str!("../migrations/0071_register_question.sql")),
    (80, include_str!("../migrations/0080_field.sql")),
    (81, include_str!("../migrations/0081_settled.sql")),
    (90, include_str!("../migrations/0090_paper.sql")),
    (91, include_str!("../migrations/0091_card.sql")),
    (92, include_str!("../migrations/0092_message_read.sql")),
    (100, include_str!("../migrations/0100_audit_look.sql")),
    (110, include_str!("../migrations/0110_other_sign_in.sql")),
    (190, include_str!("../migrations/0190_list_export.sql")),
    (191, include_str!("../migrations/0191_list_view.sql")),
    (210, include_str!("../migrations/0210_law.sql")),
    (211, include_str!("../migrations/0211_finding_change.sql")),
    (220, include_str!("../migrations/0220_colour.sql")),
    (310, include_str!("../migrations/0310_past.sql")),
    (311, include_str!("../migrations/0311_fact_turns.sql")),
    (315, include_str!("../migrations/0315_gap_by_number.sql")),
    (316, include_str!("../migrations/0316_delivery_owed.sql")),
    (319, include_str!("../migrations/0319_booking_turn.sql")),
    (320, include_str!("../migrations/0320_ways_in.sql")),
    (321, include_str!("../migrations/0321_mending.sql")),
    (322, include_str!("../migrations/0322_set_back_waived.sql")),
    (323, include_str!("../migrations/0323_import_run.sql")),
    (326, include_str!("../migrations/0326_merge.sql")),
    (330, include_str!("../migrations/0330_check_report.sql")),
    (331, include_str!("../migrations/0331_share_request.sql")),
    (
        332,
        include_str!("../migrations/0332_contradiction_ruling.sql"),
    ),
    (333, include_str!("../migrations/0333_warning.sql")),
    (340, include_str!("../migrations/0340_order.sql")),
    (350, include_str!("../migrations/0350_assessment.sql")),
    (355, include_str!("../migrations/0355_booking.sql")),
    (356, include_str!("../migrations/0356_booking_reach.sql")),
    (
        357,
        include_str!("../migrations/0357_provider_standing.sql"),
    ),
    (358, include_str!("../migrations/0358_order_settle.sql")),
    (360, include_str!("../migrations/0360_pool_field.sql")),
    (362, include_str!("../migrations/0362_hook.sql")),
    (363, include_str!("../migrations/0363_ask.sql")),
    (370, include_str!("../migrations/0370_ledger_parts.sql")),
    (380, include_str!("../migrations/0380_insight.sql")),
    (381, include_str!("../migrations/0381_life_event.sql")),
    (384, include_str!("../migrations/0384_fund_org.sql")),
];

const FIRST: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version BIGINT NOT NULL PRIMARY KEY, digest BYTEA NOT NULL)";

statements! {
    APPLIED = "SELECT version, digest FROM schema_version ORDER BY version";
    RECORD = "INSERT INTO schema_version (version, digest) VALUES ($1, $2)";
}

/// Every table of the house, those that are pointed at before those that point.
pub(crate) fn tables() -> Vec<&'static str> {
    let mut tables: Vec<&'static str> = Vec::new();
    for line in MIGRATIONS.iter().flat_map(|(_, text)| text.lines()) {
        let words: Vec<&'static str> = line.split([' ', ';', '(']).collect();
        match words.as_slice() {
            ["CREATE", "TABLE", table, ..] => tables.push(table),
            ["DROP", "TABLE", table, ..] => tables.retain(|one| one != table),
            ["ALTER", "TABLE", old, "RENAME", "TO", new, ..] => {
                let renamed = tables.iter_mut().filter(|one| *one == old);
                renamed.for_each(|one| *one = new);
            }
            _ => {}
        }
    }
    tables
}

/// This program's migrations: version and digest of the text.
pub(crate) fn schema() -> Vec<(i64, String)> {
    let digest = |text: &str| format!("{:x}", Sha256::digest(text.as_bytes()));
    MIGRATIONS
        .iter()
        .map(|(v, text)| (*v, digest(text)))
        .collect()
}

/// Runs what is missing.
pub(crate) async fn migrate(db: &Db) -> Result<()> {
    db.write(async |tx| apply(tx, MIGRATIONS).await).await
}

async fn apply(tx: &mut Tx, migrations: &[(i64, &str)]) -> Result<()> {
    let locked = tx.conn.lock_for_migration().await;
    tx.note(locked)?;
    tx.control(FIRST).await?;
    let mut applied = BTreeSet::new();
    for row in tx.fetch_all(APPLIED, args![]).await? {
        let version: i64 = row.get("version")?;
        let digest: Vec<u8> = row.get("digest")?;
        let known = migrations.last().map_or(0, |(version, _)| *version);
        let Some((_, text)) = migrations.iter().find(|(v, _)| *v == version) else {
            return Err(StoreError::Newer {
                found: version,
                known,
            });
        };
        if Sha256::digest(text.as_bytes()).as_slice() != digest {
            return Err(StoreError::Altered { version });
        }
        applied.insert(version);
    }
    for (version, text) in migrations.iter().filter(|(v, _)| !applied.contains(v)) {
        let translated = tx.conn.migration(text);
        tx.control(&translated).await?;
        let digest = Sha256::digest(text.as_bytes()).to_vec();
        tx.execute(RECORD, args![*version, digest]).await?;
    }
    Ok(())
}
