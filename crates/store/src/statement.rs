//! 「语句」 Every SQL text of the house is a constant made here, so that a test can
//! PREPARE each one on both databases. A text built at run time cannot be one.

/// A statement that a test has prepared on both databases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sql {
    pub(crate) text: &'static str,
}

/// Declares a file's statements as constants and lists them in `STATEMENTS`.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* const $name: $crate::statement::Sql = $crate::statement::Sql { text: $text };)*
        /// What the statement test prepares.
        #[cfg(test)]
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $text)),*];
    };
}
pub(crate) use statements;

#[cfg(test)]
mod tests {
    use crate::testing::{postgres, sqlite};
    use sqlx::{Column as _, Connection as _, Executor as _, SqlSafeStr as _, Statement as _};
    use sqlx::{PgConnection, SqliteConnection, TypeInfo as _};

    /// Every file with statements; the second test finds one that is forgotten.
    const FILES: &[(&str, &[(&str, &str)])] = &[
        ("access", crate::access::STATEMENTS),
        ("api_token", crate::api_token::STATEMENTS),
        ("ask", crate::ask::STATEMENTS),
        ("assessment", crate::assessment::STATEMENTS),
        ("attachment", crate::attachment::STATEMENTS),
        ("audit", crate::audit::STATEMENTS),
        ("audit/cosign", crate::audit::COSIGN_STATEMENTS),
        ("audit/look", crate::audit::LOOK_STATEMENTS),
        ("audit/verify", crate::audit::VERIFY_STATEMENTS),
        ("booking", crate::booking::STATEMENTS),
        ("card", crate::card::STATEMENTS),
        ("case", crate::case::STATEMENTS),
        ("colour", crate::colour::STATEMENTS),
        ("custody", crate::custody::STATEMENTS),
        ("event", crate::event::STATEMENTS),
        ("figures", crate::figures::STATEMENTS),
        ("finding", crate::finding::STATEMENTS),
        ("fund", crate::fund::STATEMENTS),
        ("fund_org", crate::fund_org::STATEMENTS),
        ("hook", crate::hook::STATEMENTS),
        ("idempotency", crate::idempotency::STATEMENTS),
        ("insight", crate::insight::STATEMENTS),
        ("law", crate::law::STATEMENTS),
        ("lead", crate::lead::STATEMENTS),
        ("ledger", crate::ledger::STATEMENTS),
        ("ledger/book", crate::ledger::BOOK_STATEMENTS),
        ("ledger/prove", crate::ledger::PROOF_STATEMENTS),
        ("life", crate::life::STATEMENTS),
        ("list_export", crate::list_export::STATEMENTS),
        ("list_view", crate::list_view::STATEMENTS),
        ("mandate", crate::mandate::STATEMENTS),
        ("migrate", crate::migrate::STATEMENTS),
        ("notify", crate::notify::STATEMENTS),
        ("order", crate::order::STATEMENTS),
        ("order/device", crate::order::DEVICE_STATEMENTS),
        ("order/provider", crate::order::PROVIDER_STATEMENTS),
        ("outbox", crate::outbox::STATEMENTS),
        ("paper", crate::paper::STATEMENTS),
        ("passkey", crate::passkey::STATEMENTS),
        ("past", crate::past::STATEMENTS),
        ("payment", crate::payment::STATEMENTS),
        ("payment/bank", crate::payment::BANK_STATEMENTS),
        ("policy", crate::policy::STATEMENTS),
        ("pool", crate::pool::STATEMENTS),
        ("pool/contradictions", crate::pool::CONTRADICTION_STATEMENTS),
        ("pool/filing", crate::pool::FILING_STATEMENTS),
        ("pool/gaps", crate::pool::GAP_STATEMENTS),
        ("pool/names", crate::pool::NAME_STATEMENTS),
        ("pool/owed", crate::pool::OWED_STATEMENTS),
        ("pool/parts", crate::pool::PART_STATEMENTS),
        ("pool/records", crate::pool::RECORD_STATEMENTS),
        ("pool/reports", crate::pool::REPORT_STATEMENTS),
        ("pool/rulings", crate::pool::RULING_STATEMENTS),
        ("pool/run", crate::pool::RUN_STATEMENTS),
        ("pool/shares", crate::pool::SHARE_STATEMENTS),
        ("pulse", crate::pulse::STATEMENTS),
        ("registry", crate::registry::STATEMENTS),
        ("registry/homes", crate::registry::HOMES_STATEMENTS),
        ("registry/merges", crate::registry::MERGE_STATEMENTS),
        ("registry/numbers", crate::registry::NUMBER_STATEMENTS),
        ("registry/questions", crate::registry::QUESTION_STATEMENTS),
        ("seal/keys", crate::seal::KEY_STATEMENTS),
        ("sequence", crate::sequence::STATEMENTS),
        ("set_aside", crate::set_aside::STATEMENTS),
        ("set_back", crate::set_back::STATEMENTS),
        ("sign_in", crate::sign_in::STATEMENTS),
        ("survey", crate::survey::STATEMENTS),
        ("warning", crate::warning::STATEMENTS),
        ("ways", crate::ways::STATEMENTS),
    ];

    fn all() -> impl Iterator<Item = (String, &'static str)> {
        FILES.iter().flat_map(|(file, statements)| {
            statements
                .iter()
                .map(move |(name, text)| (format!("{file}::{name}"), *text))
        })
    }

    #[tokio::test]
    async fn every_statement_prepares_on_both_databases() {
        let place = sqlite();
        place.open().await.close().await;
        let mut conn = SqliteConnection::connect(&place.url).await.unwrap();
        for text in temporary() {
            conn.execute(text.into_sql_str()).await.unwrap();
        }
        for (name, text) in all() {
            if let Err(error) = conn.prepare(text.into_sql_str()).await {
                panic!("{name} on SQLite: {error}\n{text}");
            }
        }
        let Some(place) = postgres() else { return };
        place.open().await.close().await;
        let mut conn = PgConnection::connect(&place.url).await.unwrap();
        for text in temporary() {
            conn.execute(text.into_sql_str()).await.unwrap();
        }
        for (name, text) in all() {
            let statement = match conn.prepare(text.into_sql_str()).await {
                Ok(statement) => statement,
                Err(error) => panic!("{name} on PostgreSQL: {error}\n{text}"),
            };
            // Only the three kinds both databases agree on (sum() gives NUMERIC
            // on PostgreSQL: CAST it).
            for column in statement.columns() {
                let kind = column.type_info().name();
                let agreed = ["INT8", "TEXT", "BYTEA"].contains(&kind);
                assert!(agreed, "{name}: column {} is {kind}", column.name());
            }
        }
    }

    /// What makes a table of the transaction's own: others speak of it.
    fn temporary() -> impl Iterator<Item = &'static str> {
        all()
            .map(|(_, text)| text)
            .filter(|text| text.starts_with("CREATE TEMP TABLE"))
    }

    #[test]
    fn every_file_with_statements_is_listed() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders = vec![root.clone()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read_to_string(&path)
                    .unwrap()
                    .contains("\nstatements! {")
                {
                    let name = path.strip_prefix(&root).unwrap().with_extension("");
                    found.push(name.to_str().unwrap().to_owned());
                }
            }
        }
        found.sort();
        let listed: Vec<&str> = FILES.iter().map(|(file, _)| *file).collect();
        assert_eq!(found, listed);
    }

    #[test]
    fn no_statement_means_one_thing_here_and_another_there() {
        for (name, text) in all() {
            let banned = banned(text);
            assert!(
                banned.is_empty(),
                "{name} uses {banned:?}, which the two databases read differently\n{text}"
            );
        }
    }

    /// What differs silently, or exists in one only (measured; docs/decisions/0010).
    fn banned(text: &str) -> Vec<&'static str> {
        let flat = text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_uppercase();
        let mut found: Vec<&'static str> = [
            "ILIKE",
            " LIKE ",
            "INTERVAL",
            "ANY(ARRAY",
            "= ANY",
            "$.",
            "::",
            "SKIP LOCKED",
            "GREATEST",
            "LEAST(",
            "NOW()",
            "CURRENT_TIMESTAMP",
            "RANDOM()",
            "FOR UPDATE",
            "GROUP_CONCAT",
            "IFNULL",
            "LAST_INSERT",
            "SERIAL",
            "AUTOINCREMENT",
            "OR REPLACE",
            "OR IGNORE",
            "GLOB ",
            "REGEXP",
            "DATE(",
            "STRFTIME",
        ]
        .into_iter()
        .filter(|banned| flat.contains(banned))
        .collect();
        if flat.contains("->>") && !flat.contains("CAST(") {
            found.push("->> without CAST");
        }
        if flat.contains("SUM(") && !flat.contains("CAST(") {
            found.push("SUM without CAST");
        }
        found
    }

    #[test]
    fn the_ban_bites() {
        for text in [
            "SELECT a FROM t WHERE data->>'n' = '5'",
            "SELECT data->>'$.o.k' FROM t",
            "SELECT a FROM t WHERE a ILIKE $1",
            "SELECT a FROM t WHERE a < now() - INTERVAL '1 day'",
            "SELECT a FROM t WHERE a = ANY($1)",
            "SELECT sum(a) FROM t",
        ] {
            assert!(!banned(text).is_empty(), "{text}");
        }
        assert!(banned("SELECT CAST(data->>'n' AS BIGINT) FROM t").is_empty());
    }
}
