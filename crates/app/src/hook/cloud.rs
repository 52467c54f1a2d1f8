//! 「事件的样子」 What happened as a CloudEvent 1.0: structured JSON, or binary with its
//! attributes in headers. What of a person the agreement allows is put in here, at the
//! moment of sending, and nothing else.

use super::Happened;
use crate::Result;
use engine_pool::{Agreement, EventField};
use engine_registry::Config;
use kernel::PersonId;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use store::{RegisterSlice, Tx};

/// The media type of structured events.
pub(super) const STRUCTURED: &str = "application/cloudevents+json; charset=utf-8";

/// Name and value of each.
type Headers = Vec<(&'static str, String)>;

/// An event, ready to go.
pub(super) struct Cloud {
    id: String,
    source: String,
    kind: String,
    subject: String,
    time: String,
    data: Map<String, Value>,
    /// Whether it says something of a person.
    pub(super) is_personal: bool,
}

impl Cloud {
    /// From what happened, by an agreement.
    pub(super) async fn of(
        tx: &mut Tx,
        origin: &str,
        agreement: &Agreement,
        happened: &Happened,
    ) -> Result<Cloud> {
        let text = |(key, value): (&String, &String)| (key.clone(), Value::from(value.as_str()));
        let mut data: Map<String, Value> = happened.data.iter().map(text).collect();
        let own = data.len();
        if let Some(person) = happened.person {
            personal(tx, &agreement.event_fields, person, &mut data).await?;
        }
        if let Some(amount) = happened.amount
            && agreement.event_fields.contains(&EventField::AmountFen)
        {
            data.insert("amount_fen".to_owned(), amount.fen().into());
        }
        Ok(Cloud {
            id: happened.id(),
            source: format!("//{origin}/agreements/{}", agreement.id),
            kind: format!("nuanxin.{}.v1", happened.kind.word()),
            subject: happened.subject.clone(),
            time: happened
                .at
                .to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            is_personal: data.len() > own,
            data,
        })
    }

    /// The body and its headers: structured, or binary.
    pub(super) fn written(&self, binary: bool) -> Result<(Vec<u8>, Headers)> {
        let fault = |why: serde_json::Error| crate::AppError::Fault(why.to_string());
        if binary {
            let headers = vec![
                ("content-type", "application/json".to_owned()),
                ("ce-specversion", "1.0".to_owned()),
                ("ce-id", self.id.clone()),
                ("ce-source", self.source.clone()),
                ("ce-type", self.kind.clone()),
                ("ce-subject", self.subject.clone()),
                ("ce-time", self.time.clone()),
            ];
            return Ok((serde_json::to_vec(&self.data).map_err(fault)?, headers));
        }
        let whole = json!({
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.kind,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": "application/json",
            "data": self.data,
        });
        let headers = vec![("content-type", STRUCTURED.to_owned())];
        Ok((serde_json::to_vec(&whole).map_err(fault)?, headers))
    }
}

async fn personal(
    tx: &mut Tx,
    allowed: &BTreeSet<EventField>,
    person: PersonId,
    data: &mut Map<String, Value>,
) -> Result<()> {
    if !allowed.contains(&EventField::IdNo) && !allowed.contains(&EventField::Name) {
        return Ok(());
    }
    let slice = RegisterSlice {
        people: BTreeSet::from([person]),
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let Some(known) = register.people.get(&register.resolve(person)) else {
        return Ok(());
    };
    let config = Config::default();
    if let (true, Some(number)) = (allowed.contains(&EventField::IdNo), known.number(&config)) {
        data.insert("id_no".to_owned(), number.reveal().into());
    }
    if let (true, Some(name)) = (allowed.contains(&EventField::Name), known.name(&config)) {
        data.insert("name".to_owned(), name.to_string().into());
    }
    Ok(())
}
