//! 「银行文件」 What was sent to the bank, byte for byte, and what it answered, each
//! line once by (bank, file, line). Lines we never sent go to suspense (挂账) and
//! stay there until somebody says what they were.

use crate::error::{Result, StoreError};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use engine_payment::{BankFile, LineOutcome, ReplyLine};
use kernel::{Money, Now, PaymentBatchId};

/// A file as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its reference.
    pub reference: String,
    /// The batch it pays.
    pub batch: PaymentBatchId,
    /// SHA-256 of its bytes, lower-case hex.
    pub digest: String,
    /// The bytes.
    pub body: Vec<u8>,
}

/// A line the bank speaks of and we never sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspenseLine {
    /// Its number.
    pub id: i64,
    /// Which bank.
    pub bank: String,
    /// In its answer to which file.
    pub file: String,
    /// The line number it gave.
    pub line: u32,
    /// The line reference it gave.
    pub reference: String,
    /// The amount it gave.
    pub amount: Money,
    /// What it turned out to be.
    pub cleared: Option<String>,
}

sealed! {
    SENT = bank_file.body (reference: Text);
    SPOKEN = bank_reply.outcome (bank: Text, file: Text, line: Int);
    CLEARED = suspense.cleared (id: Int);
}

statements! {
    KEEP = "INSERT INTO bank_file (reference, batch, digest, body, at)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT (reference) DO NOTHING";
    FILE = "SELECT reference, batch, digest, body FROM bank_file WHERE reference = $1";
    LINE = "INSERT INTO bank_reply (bank, file, line, reference, amount, outcome, reply, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (bank, file, line) DO NOTHING";
    SAID = "SELECT bank, file, line, reference, amount, outcome FROM bank_reply
            WHERE bank = $1 AND file = $2 AND line = $3";
    PAID = "SELECT bank, file, line, reference, amount, outcome FROM bank_reply
            WHERE bank = $1 AND file = $2 ORDER BY line";
    SUSPEND = "INSERT INTO suspense (id, bank, file, line, reference, amount, at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (bank, file, line, reference) DO NOTHING";
    OPEN = "SELECT id, bank, file, line, reference, amount, cleared FROM suspense
            WHERE cleared IS NULL ORDER BY id";
    CLEAR = "UPDATE suspense SET cleared = $2 WHERE id = $1 AND cleared IS NULL";
}

impl Tx {
    /// Keeps a file before its bytes leave. The same reference again must have
    /// the same bytes: a resend is identical or it is refused.
    pub async fn keep_bank_file(
        &mut self,
        batch: PaymentBatchId,
        file: &BankFile,
        now: Now,
    ) -> Result<()> {
        let body = self.seal(&SENT, &row![file.reference], &file.bytes)?;
        let row = args![file.reference, batch, file.digest, body, now.at];
        if self.execute(KEEP, row).await? == 0 {
            let kept = self.bank_file(&file.reference).await?;
            if kept.batch != batch || kept.body != file.bytes {
                let told = format!("银行文件 {} 已经发过，内容不能再变", file.reference);
                return Err(self.fail(StoreError::Forbidden(told)));
            }
        }
        Ok(())
    }

    /// A file as it was sent.
    pub async fn bank_file(&mut self, reference: &str) -> Result<StoredFile> {
        let Some(row) = self.fetch_optional(FILE, args![reference]).await? else {
            return Err(StoreError::NotFound {
                what: "银行文件",
                id: reference.to_owned(),
            });
        };
        Ok(StoredFile {
            reference: row.get("reference")?,
            batch: row.get("batch")?,
            digest: row.get("digest")?,
            body: row.unsealed(&SENT)?,
        })
    }

    /// Keeps the lines of an answer, `reply` being its digest; gives how many
    /// were new. A line said before is not taken again, whatever it says now.
    pub async fn keep_reply_lines(
        &mut self,
        bank: &str,
        file: &str,
        reply: &str,
        lines: &[ReplyLine],
        now: Now,
    ) -> Result<u64> {
        let mut new = 0;
        for line in lines {
            let outcome = json(&line.outcome)?;
            let outcome = self.seal(&SPOKEN, &row![bank, file, line.line], outcome)?;
            let (reference, amount) = (&line.reference, line.amount);
            let row = args![
                bank, file, line.line, reference, amount, outcome, reply, now.at
            ];
            new += self.execute(LINE, row).await?;
        }
        Ok(new)
    }

    /// What the bank said first of a line.
    pub async fn reply_line(
        &mut self,
        bank: &str,
        file: &str,
        line: u32,
    ) -> Result<Option<(String, Money, LineOutcome)>> {
        match self.fetch_optional(SAID, args![bank, file, line]).await? {
            Some(row) => Ok(Some((
                row.get("reference")?,
                row.get("amount")?,
                row.unsealed_json(&SPOKEN)?,
            ))),
            None => Ok(None),
        }
    }

    /// Everything the bank said of a file: line, reference, amount, outcome.
    pub async fn reply_lines(
        &mut self,
        bank: &str,
        file: &str,
    ) -> Result<Vec<(u32, String, Money, LineOutcome)>> {
        let rows = self.fetch_all(PAID, args![bank, file]).await?;
        rows.iter()
            .map(|row| {
                Ok((
                    row.get("line")?,
                    row.get("reference")?,
                    row.get("amount")?,
                    row.unsealed_json(&SPOKEN)?,
                ))
            })
            .collect()
    }

    /// Puts a line we never sent into suspense; once.
    pub async fn suspend(
        &mut self,
        bank: &str,
        file: &str,
        line: u32,
        reference: &str,
        amount: Money,
        now: Now,
    ) -> Result<bool> {
        let id = self.next_id("suspense").await?;
        let row = args![id, bank, file, line, reference, amount, now.at];
        Ok(self.execute(SUSPEND, row).await? == 1)
    }

    /// What is in suspense.
    pub async fn suspense(&mut self) -> Result<Vec<SuspenseLine>> {
        let rows = self.fetch_all(OPEN, args![]).await?;
        rows.iter()
            .map(|row| {
                Ok(SuspenseLine {
                    id: row.get("id")?,
                    bank: row.get("bank")?,
                    file: row.get("file")?,
                    line: row.get("line")?,
                    reference: row.get("reference")?,
                    amount: row.get("amount")?,
                    cleared: row.unsealed_text(&CLEARED)?,
                })
            })
            .collect()
    }

    /// Says what a line in suspense was.
    pub async fn clear_suspense(&mut self, id: i64, words: &str) -> Result<()> {
        let words = self.seal(&CLEARED, &row![id], words)?;
        self.execute_one(CLEAR, args![id, words], "挂账").await
    }
}
