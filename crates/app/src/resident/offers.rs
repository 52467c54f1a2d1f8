//! 「能办什么」 What the law in force offers, by family of services; for people who
//! have not said who they are. Absent on purpose: any person's data.

use crate::App;
use engine_policy::Every;
use kernel::Slug;

/// A family of services.
#[derive(Clone, Debug)]
pub struct Family {
    /// `basic`, `special`, `urgent`, `welfare`.
    pub id: String,
    /// Its services, in the pack's order.
    pub services: Vec<Offer>,
}

/// A service on offer.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Which.
    pub service: Slug,
    /// Its name.
    pub name: String,
    /// How people would ask for it.
    pub says: String,
    /// Whether somebody must apply.
    pub needs_application: bool,
    /// How often it is paid; `None`: no money, a status.
    pub every: Option<Every>,
    /// The law it rests on.
    pub basis: Vec<String>,
    /// The steps, by name, each with how long it may take.
    pub steps: Vec<String>,
    /// What must be brought.
    pub papers: Vec<String>,
}

impl App {
    /// 能办什么 Every service on offer, by family, families in the order they first
    /// appear.
    pub fn offers(&self) -> Vec<Family> {
        let mut families: Vec<Family> = Vec::new();
        for service in self.law.pack.services() {
            let benefit = self.law.pack.rules().benefit(service.id.as_str());
            let offer = Offer {
                service: service.id.clone(),
                name: service.name.clone(),
                says: service.says.clone(),
                needs_application: service.needs_application,
                every: benefit.and_then(|one| one.amount.as_ref().map(|rule| rule.every)),
                basis: service.basis.clone(),
                steps: service
                    .flow
                    .steps
                    .iter()
                    .map(|one| one.name.clone())
                    .collect(),
                papers: service
                    .documents
                    .iter()
                    .map(|one| one.name.clone())
                    .collect(),
            };
            match families.iter_mut().find(|one| one.id == service.family) {
                Some(same) => same.services.push(offer),
                None => families.push(Family {
                    id: service.family.clone(),
                    services: vec![offer],
                }),
            }
        }
        families
    }
}
