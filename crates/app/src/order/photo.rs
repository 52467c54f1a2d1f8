//! 「照片」 A photograph that proves something: kept for one order and shown with it
//! alone. A proof that names another document is refused.

use crate::attachment::{OpenedFile, picture};
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_order::{Act, ProofGiven, ProofValue};
use kernel::{DocumentId, OrderId};
use sha2::{Digest as _, Sha256};
use store::{Document, Reply, StoreError, Tx};

fn kind(order: OrderId) -> String {
    format!("order.{order}.photo")
}

impl App {
    /// 交照片 Keeps a photograph for an order the actor does.
    ///
    /// # Errors
    /// A refusal; no photograph; the store's.
    pub async fn keep_photo(
        &self,
        context: &Context,
        order: OrderId,
        name: &str,
        body: Vec<u8>,
    ) -> Result<Reply<DocumentId>> {
        let (_, media, body) = picture(name, body)?;
        let digest: [u8; 32] = Sha256::digest(&body).into();
        let key = context.key("order.photo", &(order, digest))?;
        let desk = self.order_desk(context);
        self.db
            .write(async move |tx| {
                let (body, desk) = (body.clone(), &desk);
                let does = async move |tx: &mut Tx| {
                    let state = tx.order(order).await?.state;
                    let asked = state.requested.clone();
                    let asked = asked.ok_or_else(|| AppError::Fault("nobody asked".into()))?;
                    let ty = desk.app.order_type(&asked.ty)?;
                    desk.permit(tx, Action::ReadOrder, &state, &asked, &ty)
                        .await?;
                    let id = DocumentId(tx.next_id("document").await?);
                    let document = Document {
                        id,
                        case: None,
                        kind: kind(order),
                        media: media.to_owned(),
                        body,
                    };
                    tx.keep_document(&document, desk.now).await?;
                    let subject = format!("order:{order}");
                    desk.context
                        .record(tx, "order.photo", &subject, &id, desk.now)
                        .await?;
                    Ok::<_, AppError>(id)
                };
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 看照片 A photograph of an order; the reading is on record.
    ///
    /// # Errors
    /// A refusal; no such photograph with this order; the store's.
    pub async fn order_photo(
        &self,
        context: &Context,
        order: OrderId,
        document: DocumentId,
    ) -> Result<OpenedFile> {
        let view = self.order(context, order).await?;
        let proofs = view.order.proofs.iter();
        let there = proofs
            .filter(|one| one.value == ProofValue::Photo(document))
            .count()
            > 0;
        let missing = || {
            AppError::Store(StoreError::NotFound {
                what: "照片",
                id: document.to_string(),
            })
        };
        if !there {
            return Err(missing());
        }
        let read = async move |tx: &mut Tx| Ok::<_, AppError>(tx.document(document).await?);
        let found = self.db.read(read).await?;
        let ending = found.media.rsplit('/').next().unwrap_or("jpg");
        Ok(OpenedFile {
            name: format!("照片{document}.{ending}"),
            media: found.media.clone(),
            body: found.body,
        })
    }
}

/// Every photograph a proof names was kept for this very order.
pub(super) async fn own(tx: &mut Tx, order: OrderId, act: &Act) -> Result<()> {
    let none: &[ProofGiven] = &[];
    let proofs = match act {
        Act::Step { proofs, .. } | Act::Finish { proofs, .. } => proofs.as_slice(),
        _ => none,
    };
    for proof in proofs {
        if let ProofValue::Photo(document) = proof.value {
            let found = tx.document(document).await?;
            if found.kind != kind(order) {
                let says = "这张照片不是这张工单的".to_owned();
                return Err(AppError::BadInput(says));
            }
        }
    }
    Ok(())
}
