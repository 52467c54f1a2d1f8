//! 「分区」 The pool's records in parts by ranges of people, on a database that has parts:
//! an operator's decision, made once, in one transaction. The text of every statement
//! stays as it is. Absent: parts on other machines (docs/scale.md says what of it works).

use crate::error::{Result, StoreError};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;

/// The fewest and the most parts.
const PARTS: std::ops::RangeInclusive<u32> = 2..=1_024;

statements! {
    LAST = "SELECT CAST(coalesce(max(id), 0) AS BIGINT) AS n FROM person";
}

impl Tx {
    /// Puts the records into `parts` parts over people numbered up to `last` (absent: the
    /// last one registered). Whoever comes later is in the last part. Gives where parts
    /// begin. Nobody reads or writes the pool meanwhile.
    ///
    /// # Errors
    /// A number of parts that makes no sense; a database without parts; records that lie
    /// in parts already.
    pub async fn partition_pool(&mut self, parts: u32, last: Option<i64>) -> Result<Vec<i64>> {
        let last = match last {
            Some(last) => last,
            None => self.fetch_one(LAST, args![]).await?.get("n")?,
        };
        if !PARTS.contains(&parts) || last < i64::from(parts) {
            let says = format!(
                "分成 {parts} 份、按 {last} 人算，分不了：要 2 到 1024 份，人数不能比份数少"
            );
            return Err(self.fail(StoreError::Forbidden(says)));
        }
        let begins: Vec<i64> = (1..i64::from(parts))
            .map(|at| 1 + at * last / i64::from(parts))
            .collect();
        let done = self.conn.partition_pool(&begins).await;
        let Some(done) = done else {
            let says = "SQLite 不分区，一个文件就是一份。要分区请用 PostgreSQL".to_owned();
            return Err(self.fail(StoreError::Forbidden(says)));
        };
        let parted = done.map_err(crate::dialect::fault)?;
        match parted {
            true => Ok(begins),
            false => {
                let says = "数据海已经分过区，没有再动".to_owned();
                Err(self.fail(StoreError::Forbidden(says)))
            }
        }
    }
}
