//! 「凭文件办」 Where there is no line to the bank: the file carried out and the
//! reply carried in by hand. The same steps and the same proofs as by the line:
//! leaving is written down before the bytes are given, and the bytes are always
//! the same.

use super::{Payments, Progress};
use crate::{AppError, Context, Result};
use engine_access::Action;
use engine_payment::{BatchException, BatchState, Command, Event, ReplyFault, decide, read_reply};
use kernel::PaymentBatchId;
use serde::{Deserialize, Serialize};
use store::{StoreError, StoredFile, Tx};

/// What a reply on paper was, and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperReply {
    /// Which file it says it answers; empty when it does not say.
    pub file_reference: String,
    /// Everything wrong with it, named.
    pub faults: Vec<ReplyFault>,
    /// What it says that does not fit, new with this reply; lines never sent are in
    /// suspense.
    pub exceptions: Vec<BatchException>,
    /// The batch after it; `None` when the reply does not say whose it is.
    pub progress: Option<Progress>,
}

impl PaperReply {
    /// Whether nothing could be taken from it.
    pub fn is_unusable(&self) -> bool {
        self.progress.is_none() || self.faults.iter().any(ReplyFault::is_fatal)
    }
}

impl Payments {
    /// 取银行文件 Gives the file of a released batch, and writes down that it left. Given
    /// again, it is the same file byte for byte, and the copy is on record.
    ///
    /// # Errors
    /// [`AppError::Refused`]: no right, not released.
    pub async fn take_file(&self, ctx: &Context, id: PaymentBatchId) -> Result<StoredFile> {
        let (desk, ctx) = (self.clone(), ctx.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            let loaded = tx.payment_batch(id).await?;
            desk.authorise(tx, &ctx, Action::Reconcile, Some(&loaded.state))
                .await?;
            let left = loaded
                .state
                .file
                .clone()
                .filter(|_| loaded.state.state > BatchState::Released);
            let reference = match left {
                Some(file) => file.reference,
                None => {
                    let command = Command::Send;
                    let events = decide(&loaded.state, command, &ctx.actor, &desk.config, now)
                        .map_err(AppError::refused)?;
                    let after = desk.keep(tx, &ctx, &loaded, &events, now).await?;
                    let file = after.file.map(|file| file.reference);
                    file.ok_or_else(|| AppError::Fault("已发送的批次没有文件".to_owned()))?
                }
            };
            let file = tx.bank_file(&reference).await?;
            let subject = format!("payment_batch:{id}");
            ctx.record(tx, "payment.file_taken", &subject, &file.digest, now)
                .await?;
            Ok::<_, AppError>(file)
        };
        self.app.db.write(write).await
    }

    /// 读回盘文件 Reads a reply that came as a file; the batch is the one it answers. The
    /// same reply again changes nothing.
    ///
    /// # Errors
    /// [`AppError::BadInput`] for a reply to a file that never was;
    /// [`AppError::Refused`]: no right, nothing was sent.
    pub async fn read_paper(&self, ctx: &Context, bytes: &[u8]) -> Result<PaperReply> {
        let reading = read_reply(bytes);
        let file_reference = reading.file_reference.clone();
        if file_reference.is_empty() {
            return Ok(PaperReply {
                file_reference,
                faults: reading.faults,
                exceptions: Vec::new(),
                progress: None,
            });
        }
        let wanted = file_reference.clone();
        let read = async move |tx: &mut Tx| Ok::<_, AppError>(tx.bank_file(&wanted).await?.batch);
        let id = self.app.db.read(read).await.map_err(|why| match why {
            AppError::Store(StoreError::NotFound { .. }) => AppError::BadInput(format!(
                "它回答的文件“{file_reference}”不是我们发的，请向银行核实"
            )),
            other => other,
        })?;
        let (batch, events) = self
            .step(ctx, id, Command::ReadReply(reading), None)
            .await?;
        let mut told = PaperReply {
            file_reference,
            faults: Vec::new(),
            exceptions: Vec::new(),
            progress: Some(Progress::of(&batch)),
        };
        for event in events {
            if let Event::ReplyRead {
                faults, exceptions, ..
            } = event
            {
                told.faults.extend(faults);
                told.exceptions.extend(exceptions);
            }
        }
        Ok(told)
    }
}
