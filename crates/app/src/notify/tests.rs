//! Messages on both databases: sent once however often the work runs, received by
//! receipt or by reading, and on the phone list when nothing else helps.

use super::{Carried, SmsLine};
use crate::case::tests::town::*;
use crate::sms::{Outgoing, Receipt, SmsTrouble, Taken};
use engine_case::Channel as Came;
use engine_notify::{Channel, Status};
use kernel::*;
use std::collections::BTreeMap;
use std::sync::Mutex;
use store::testing::both;

/// A centre that knows what it was given, and answers as told.
struct Centre {
    taken: Mutex<BTreeMap<String, String>>,
    up: bool,
    receipt: Receipt,
}

impl Centre {
    fn new(up: bool, receipt: Receipt) -> Self {
        Centre {
            taken: Mutex::default(),
            up,
            receipt,
        }
    }
}

impl SmsLine for Centre {
    async fn send(&self, message: &Outgoing) -> Result<Taken, SmsTrouble> {
        if !self.up {
            return Err(SmsTrouble("没有连上".into()));
        }
        let mut taken = self.taken.lock().unwrap();
        taken.insert(message.key.clone(), message.text.clone());
        Ok(Taken {
            reference: format!("R{}", message.key),
        })
    }

    async fn receipt(&self, _: &str) -> Result<Receipt, SmsTrouble> {
        Ok(self.receipt.clone())
    }
}

/// A case somebody opened at the window and submitted: one message is due.
async fn told(town: &Town, channel: Came) -> CaseId {
    let case = town.open_by("living", channel).await;
    let context = town.by(mum(), Some(case));
    let consents = vec![consent(MUM), consent(SON)];
    town.app
        .submit_case(&context, case, consents)
        .await
        .unwrap();
    let missing = vec![engine_case::MissingPaper {
        kind: slug("lease"),
        name: "租房合同".into(),
        why: "没有部门登记".into(),
    }];
    town.act(
        super::super::case::tests::town::town(),
        case,
        engine_case::Act::Return { missing },
    )
    .await;
    case
}

async fn about(town: &Town, case: CaseId) -> Vec<engine_notify::State> {
    let read = async move |tx: &mut store::Tx| tx.messages_about(case).await;
    let messages = town.app.db().read(read).await.unwrap();
    messages.into_iter().map(|one| one.state).collect()
}

#[tokio::test]
async fn an_sms_is_handed_over_once_and_received_by_receipt() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = told(&town, Came::Window).await;
        let centre = Centre::new(true, Receipt::Delivered);
        let first = town.app.send_messages(&centre, 10).await.unwrap();
        let waiting = about(&town, case).await.len() as u32;
        assert!(waiting > 0);
        assert_eq!(first.sms, waiting);
        assert_eq!(
            town.app.send_messages(&centre, 10).await.unwrap(),
            Carried::default(),
            "nothing is sent twice, receipts are asked for later"
        );
        town.on("2026-03-03");
        let second = town.app.send_messages(&centre, 10).await.unwrap();
        assert_eq!((second.sms, second.delivered), (0, waiting));
        for state in about(&town, case).await {
            assert_eq!(state.status, Status::Delivered);
        }
        for text in centre.taken.lock().unwrap().values() {
            assert!(text.starts_with("试甲，您的"), "{text}");
            assert!(
                !text.contains("租房合同"),
                "what is missing is not for an SMS"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_dead_centre_ends_on_the_phone_list_of_that_place() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = told(&town, Came::Window).await;
        let centre = Centre::new(false, Receipt::Pending);
        for day in ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"] {
            town.on(day);
            town.app.send_messages(&centre, 10).await.unwrap();
        }
        let officer = crate::case::tests::town::town;
        let context = town.by(officer(), Some(case));
        let place = "990101001000".parse().unwrap();
        let list = town.app.phone_list(&context, place).await.unwrap();
        assert_eq!(list.len(), about(&town, case).await.len());
        let attempts = &list[0].attempts;
        assert_eq!(attempts.len(), 4, "three tries, then the phone");
        assert_eq!(attempts[3].channel, Channel::Phone);
        let elsewhere = town.by(elsewhere(), Some(case));
        assert!(town.app.phone_list(&elsewhere, place).await.is_err());
        for message in list {
            let id = message.message.unwrap().id;
            let context = town.by(officer(), Some(case));
            let how = "打通了，说知道了".to_owned();
            let reply = town.app.called(&context, id, how, true).await.unwrap();
            assert_eq!(reply.value, Status::Delivered);
        }
        let context = town.by(officer(), Some(case));
        assert_eq!(town.app.phone_list(&context, place).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn reading_the_inbox_is_receiving() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = told(&town, Came::Online).await;
        let centre = Centre::new(true, Receipt::Pending);
        let carried = town.app.send_messages(&centre, 10).await.unwrap();
        assert_eq!(carried.sms, 0, "whoever applied online is written to there");
        assert!(carried.in_app > 0);
        assert_eq!(
            town.app.inbox(&town.by(stranger(), None)).await.unwrap(),
            []
        );
        let inbox = town.app.inbox(&town.by(mum(), None)).await.unwrap();
        assert!(!inbox.is_empty());
        for state in about(&town, case).await {
            assert_eq!(state.status, Status::Delivered);
        }
    })
    .await;
}
