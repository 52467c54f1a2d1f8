//! 「联办」 Services that are asked for together, each already resolved.

use super::{Draft, JointAt, named, steps};
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::load::Rooted;
use crate::model::Joint;
use crate::read::flow::Ground;
use crate::read::scope::Scope;
use crate::suggest::meant;
use expr::Level;
use kernel::Slug;
use std::sync::Arc;

pub(super) fn joints(desk: &Desk<'_>, documents: &[Rooted], shared: &Scope, draft: &mut Draft) {
    let known: Vec<Slug> = draft
        .services
        .iter()
        .map(|one| one.service.id.clone())
        .collect();
    let mut all = Vec::new();
    for document in documents.iter().filter(|one| one.root == "joint") {
        let table = &document.table;
        let Some(head) = table.table("joint") else {
            continue;
        };
        let Some(id) = head.slug("id") else { continue };
        for name in head.slugs("services") {
            if !known.contains(&name.value) {
                let message = format!("没有服务“{}”", name.value);
                let help = meant(name.value.as_str(), known.iter().map(Slug::as_str));
                let fault = Fault::error("unknown_name", name.place, message);
                desk.fault(fault.maybe_help(help));
            }
        }
        let visible = draft
            .facts
            .iter()
            .map(|fact| (fact.origin.id.clone(), fact))
            .collect();
        let ground = Ground {
            desk,
            schema: &shared.schema,
            at: Level::Household,
            catalogue: &draft.catalogue,
            facts: &named(&visible),
        };
        let needs = head.flag("needs_application").unwrap_or(true);
        let flow = ground.flow(&id, &head.words("name"), needs, table);
        let services = head.slugs("services").into_iter().map(|one| one.value);
        let joint = Joint {
            id: id.value.clone(),
            name: head.words("name"),
            says: head.words("says"),
            brand: head.maybe_words("brand"),
            basis: head.sentences("basis"),
            rows: head.sentences("rows"),
            services: services.collect(),
            form: ground.form(table),
            documents: ground.documents(table),
            flow: Arc::new(flow),
            notices: ground.notices(table),
            at: desk.sources.spot(id.place),
        };
        all.push(JointAt {
            joint,
            place: id.place,
            steps: steps(table),
        });
    }
    draft.joints = all;
}
