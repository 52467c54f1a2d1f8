//! 「封存之处」 Which column is sealed, and which columns of its row it is bound to.

use super::Secrets;
use crate::error::Result;
use crate::value::{Kind, Value};

/// A sealed column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    /// `table.column`, part of what a value is bound to.
    pub(crate) name: &'static str,
    /// The column in a result.
    pub(crate) column: &'static str,
    /// The columns of the row it is bound to, in this order.
    pub(crate) row: &'static [(&'static str, Kind)],
}

/// Declares a file's sealed columns: `NAME = table.column (key: Kind, …);`,
/// and lists them in `SEALED`.
macro_rules! sealed {
    ($($vis:vis $name:ident = $table:ident . $column:ident ($($key:ident: $kind:ident),+);)*) => {
        $($vis const $name: $crate::seal::Spot = $crate::seal::Spot {
            name: concat!(stringify!($table), ".", stringify!($column)),
            column: stringify!($column),
            row: &[$((stringify!($key), $crate::value::Kind::$kind)),+],
        };)*
        /// What the test of the schema knows to be sealed.
        #[cfg(test)]
        pub(crate) const SEALED: &[$crate::seal::Spot] = &[$($name),*];
    };
}
pub(crate) use sealed;

impl Spot {
    /// What an envelope in this row is bound to: the column's name and each key,
    /// every part after its length.
    pub(crate) fn bound(&self, row: &[Value]) -> Vec<u8> {
        debug_assert_eq!(row.len(), self.row.len(), "{}", self.name);
        let mut bound = Vec::with_capacity(64);
        part(&mut bound, b'c', self.name.as_bytes());
        for value in row {
            match value {
                Value::Int(Some(number)) => part(&mut bound, b'i', &number.to_be_bytes()),
                Value::Text(Some(text)) => part(&mut bound, b't', text.as_bytes()),
                Value::Bytes(Some(bytes)) => part(&mut bound, b'b', bytes),
                Value::Int(None) | Value::Text(None) | Value::Bytes(None) => {
                    part(&mut bound, b'n', b"");
                }
            }
        }
        bound
    }

    /// Seals `plain` into this column of that row.
    pub(crate) fn seal(&self, secrets: &Secrets, row: &[Value], plain: &[u8]) -> Result<Vec<u8>> {
        secrets.seal(&self.bound(row), plain)
    }
}

fn part(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    out.push(kind);
    out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::Spot;
    use crate::testing::sqlite;
    use sqlx::{Connection as _, Row as _, SqliteConnection};
    use std::collections::BTreeSet;

    const SEALED: &[&[Spot]] = &[
        crate::access::SEALED,
        crate::api_token::SEALED,
        crate::card::SEALED,
        crate::assessment::SEALED,
        crate::attachment::SEALED,
        crate::booking::SEALED,
        crate::custody::SEALED,
        crate::fund::SEALED,
        crate::ledger::BOOK_SEALED,
        crate::case::SEALED,
        crate::colour::SEALED,
        crate::event::SEALED,
        crate::idempotency::SEALED,
        crate::finding::SEALED,
        crate::insight::SEALED,
        crate::law::SEALED,
        crate::life::SEALED,
        crate::ledger::SEALED,
        crate::list_export::SEALED,
        crate::list_view::SEALED,
        crate::mandate::SEALED,
        crate::notify::SEALED,
        crate::order::SEALED,
        crate::order::DEVICE_SEALED,
        crate::order::PROVIDER_SEALED,
        crate::outbox::SEALED,
        crate::paper::SEALED,
        crate::passkey::SEALED,
        crate::past::SEALED,
        crate::payment::SEALED,
        crate::payment::BANK_SEALED,
        crate::policy::SEALED,
        crate::pool::SEALED,
        crate::pool::CONTRADICTION_SEALED,
        crate::pool::OWED_SEALED,
        crate::pool::RECORD_SEALED,
        crate::pool::REPORT_SEALED,
        crate::pool::RULING_SEALED,
        crate::pool::SHARE_SEALED,
        crate::registry::SEALED,
        crate::registry::MERGE_SEALED,
        crate::registry::QUESTION_SEALED,
        crate::set_aside::SEALED,
        crate::sign_in::SEALED,
        crate::survey::SEALED,
        crate::warning::SEALED,
        crate::set_back::SEALED,
        crate::ways::SEALED,
    ];

    /// Keyed hashes and digests: they say nothing to whoever has no key.
    const HASHED: &[&str] = &[
        "person_number.number",
        "pool_gap.number",
        "pool_record.record_no",
        "pool_other.subject",
        "pool_other.record_no",
        "contradiction.subject",
        "contradiction.left_no",
        "contradiction.right_no",
        "contradiction_ruling.subject",
        "contradiction_ruling.left_no",
        "contradiction_ruling.right_no",
        "register_answer.record_no",
        "register_question.record_no",
        "api_token.token",
        "audit.digest",
        "audit.mac",
        "login_number.number",
        "passkey.credential",
        "session.token",
        "card.number",
        "paper.code",
        "paper.content",
        "paper_guess.source",
        "pool_repair.record_no",
        "set_aside.key",
        "transfer.print",
        "import_record.record_no",
        "import_other.subject",
        "import_other.record_no",
    ];

    /// Envelopes on their way, bound to the column of the pool they will be filed in.
    const WAITING: &[&str] = &["import_record.field_values import_other.field_values"];

    /// Clear on purpose: ids, days, words of the law, digests of whole texts, what
    /// lists and unique keys ask for. A new column is sealed, or argued into here.
    const CLEAR: &[&str] = &[
        "assessed_body.class",
        "assessed_body.kind",
        "assessed_body.name",
        "assessment.confirmed",
        "assessment.mend_by",
        "assessment.phase",
        "assessment.sheet",
        "assessment.until",
        "random_draw.sheet",
        "booking.sort booking.stage booking.type booking_stock.type booking_turn.type custody.code",
        "account.name account.unit agency.from_day agency.to_day api_token.login",
        "api_token.scopes audit.account audit.action",
        "audit.purpose audit.role audit.subject audit_checkpoint.note",
        "audit_checkpoint.edge audit_checkpoint.signature audit_cosignature.line",
        "audit_cosignature.witness audit_head.edge audit_leaf.leaf bank_file.digest",
        "bank_file.reference bank_reply.bank bank_reply.file bank_reply.reference",
        "bank_reply.reply break_glass.account case_file.due case_file.joint_part",
        "case_file.pack case_file.phase case_file.service certificate.benefit",
        "certificate.digest contradiction.rule data_batch.as_of data_batch.category data_batch.department",
        "data_batch.digest document.digest document.kind document.media",
        "entitlement.beneficiary entitlement.first_month entitlement.last_month",
        "entitlement.programme event.account event.kind event.role finding.benefit",
        "finding_change.after finding_change.before finding_change.benefit finding_change.cause",
        "lead_outcome.benefit lead_outcome.finding lead_outcome.outcome",
        "finding.finding finding.next_fact finding.verdict grants.holder hold.legs",
        // The law is public; who wrote and signed it lies sealed beside it.
        "law_review.hash law_version.body law_version.hash law_version.name law_version.standing",
        "hold.reference hold.state idempotency.digest idempotency.key idempotency.scope",
        "ledger_reference.reference login_account.login login_account.role message.occasion message.status obligation.beneficiary",
        "obligation.component obligation.period obligation.programme outbox.key paper.kind paper.subject",
        "outbox.lease_owner outbox.topic payment_batch.period payment_batch.phase",
        "payment_item.phase pool_category.slug pool_field.slug pool_gap.category pool_other.as_of",
        "pool_record.as_of register_entry.key register_entry.kind register_answer.as_of register_answer.category register_answer.kind register_question.as_of",
        "register_question.category register_question.kind schema_version.digest",
        "screening.as_of screening.data_mark screening.pack_hash sealing_key.proof",
        "login_number.login passkey.login set_aside.kind",
        "device.id order_quota.item order_quota.period provider_day.day provider_skill.skill",
        "work_order.item work_order.open_source work_order.stage work_order.type",
        // Months gone by, warnings, check reports, requests to share, rulings: kinds, days and
        // numbers; of whom and why lies sealed beside them.
        "check_report.digest check_report.pack check_silence.department contradiction_ruling.rule",
        "past_proposal.beneficiary past_proposal.component past_proposal.period",
        "past_proposal.programme past_proposal.standing share_request.category share_request.due",
        "warning.due warning.outcome warning.rule",
        // Who is told of events and asks, how often, why it stopped; nobody's data.
        "ask_use.agreement ask_use.day ask_use.kind ask_use.party hook.agreement hook.state",
        // What came from where and how far; whose it is lies sealed beside it.
        "pool_repair.category pool_repair.field pull_page.category pull_page.source pull_run.category",
        "pull_run.source pull_run.state push_batch.category push_batch.digest push_batch.number",
        "push_batch.party push_nonce.nonce push_nonce.party import_record.as_of import_other.as_of",
        "import_run.category import_run.day import_run.digest import_run.law",
        // Funds are the public's; of people's books only ids and words of the law are clear:
        // who a donor is and why something is to be undone lies sealed.
        "account.purposes book_account.book book_account.part book_claim.book book_claim.day",
        "book_claim.kind book_claim.stage donation.gift donation.shown fund.began fund.book",
        "fund.ends fund.name fund.says fund_shown.day fund_shown.says fund_spending.purpose",
        "fund_spending.says fund_spending.stage hold.purpose reversal_asked.book",
        "reversal_asked.stage transfer.purpose fund_org.book fund_org.books_from fund_org.kind",
        "fund_org.name fund_look.day fund_look.rule fund_look.says",
        // Plans are the public's; of what a figure counted, and of what happened to whom, only
        // numbers, kinds and days are clear.
        "insight_series.indicator plan_report.plan plan_report.as_of plan_report_line.indicator",
        "plan_report_line.record plan_report_line.who life_event.kind life_event.once life_event.day",
        "sequence.kind session.login survey_report.step suspense.bank suspense.file suspense.reference transfer.reference",
    ];

    #[tokio::test]
    async fn every_column_is_sealed_hashed_or_clear_on_purpose() {
        let place = sqlite();
        place.open().await.close().await;
        let mut conn = SqliteConnection::connect(&place.url).await.unwrap();
        let columns = "SELECT t.name AS t, c.name AS c, c.type AS k FROM sqlite_master t, \
                       pragma_table_info(t.name) c WHERE t.type = 'table' AND c.type <> 'BIGINT'";
        let rows = sqlx::query(columns).fetch_all(&mut conn).await.unwrap();
        let (mut found, mut bytes) = (BTreeSet::new(), BTreeSet::new());
        for row in rows {
            let name = format!("{}.{}", row.get::<&str, _>("t"), row.get::<&str, _>("c"));
            if row.get::<&str, _>("k") == "BYTEA" {
                bytes.insert(name.clone());
            }
            found.insert(name);
        }
        let sealed: BTreeSet<String> = SEALED
            .iter()
            .flat_map(|spots| spots.iter().map(|spot| spot.name.to_owned()))
            .collect();
        let words = |lists: &[&str]| -> BTreeSet<String> {
            let words = lists.iter().flat_map(|line| line.split(' '));
            words.map(str::to_owned).collect()
        };
        assert!(sealed.is_subset(&bytes), "an envelope is bytes");
        let sealed = &sealed | &words(WAITING);
        let known: BTreeSet<String> = &(&sealed | &words(HASHED)) | &words(CLEAR);
        assert_eq!(found, known, "undeclared, or gone");
    }
}
