//! 「人物」 Who works in the story, with the roles two security administrators gave
//! them. Invented numbers far above any resident's.

use app::{App, Context, Result};
use engine_access::{Grant, GrantCommand, Holder, Purpose};
use kernel::{Actor, CaseId, Date, PersonId, RegionCode, Role, Slug};
use std::collections::BTreeSet;

/// The gateway of the demonstration's devices.
pub(super) const GATEWAY: &str = "demo";

/// Numbers of the staff begin here: no resident has them.
const FIRST: i64 = 9_000_000_001;

/// A member of the staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Admin(u8),
    Village(u8),
    Town,
    County,
    SecondCounty,
    Maker,
    Checker,
    Releaser,
    Leader,
    Auditor,
    Author,
    Approver(u8),
    Operator,
    Provider(u8),
}

const STAFF: [Who; 16] = [
    Who::Village(1),
    Who::Village(2),
    Who::Town,
    Who::County,
    Who::SecondCounty,
    Who::Maker,
    Who::Checker,
    Who::Releaser,
    Who::Leader,
    Who::Auditor,
    Who::Author,
    Who::Approver(1),
    Who::Approver(2),
    Who::Operator,
    Who::Provider(1),
    Who::Provider(2),
];

impl Who {
    pub(super) fn person(self) -> PersonId {
        PersonId(
            FIRST
                + match self {
                    Who::Admin(nth) => i64::from(nth),
                    Who::Village(nth) => 10 + i64::from(nth),
                    Who::Town => 20,
                    Who::County => 30,
                    Who::SecondCounty => 31,
                    Who::Maker => 40,
                    Who::Checker => 41,
                    Who::Releaser => 42,
                    Who::Leader => 50,
                    Who::Auditor => 60,
                    Who::Author => 70,
                    Who::Approver(nth) => 70 + i64::from(nth),
                    Who::Operator => 80,
                    Who::Provider(nth) => 80 + i64::from(nth),
                },
        )
    }

    fn role(self) -> Role {
        match self {
            Who::Admin(_) => Role::SecurityAdministrator,
            Who::Village(_) => Role::VillageWorker,
            Who::Town => Role::TownOfficer,
            Who::County | Who::SecondCounty => Role::CountyApprover,
            Who::Maker | Who::Checker | Who::Releaser => Role::Finance,
            Who::Leader => Role::Leader,
            Who::Auditor => Role::Auditor,
            Who::Author => Role::RuleAuthor,
            Who::Approver(_) => Role::RuleApprover,
            Who::Operator => Role::AlarmOperator,
            Who::Provider(_) => Role::Provider,
        }
    }

    pub(super) fn actor(self) -> Actor {
        let account = format!("{self:?}").to_lowercase();
        Actor {
            account,
            person: Some(self.person()),
            role: self.role(),
        }
    }

    /// This person, for that purpose; `request` is the same at every telling.
    pub(super) fn acts(self, purpose: Purpose, request: impl Into<String>) -> Context {
        Context {
            actor: self.actor(),
            purpose,
            request: request.into(),
        }
    }

    /// This person, in a case.
    pub(super) fn on(self, case: CaseId, request: impl Into<String>) -> Context {
        self.acts(Purpose::Case(case), request)
    }
}

/// A resident acting for himself.
pub(super) fn resident(person: PersonId, request: impl Into<String>) -> Context {
    let actor = Actor {
        account: format!("citizen:{person}"),
        person: Some(person),
        role: Role::Citizen,
    };
    Context {
        actor,
        purpose: Purpose::Own,
        request: request.into(),
    }
}

/// The house itself.
pub(super) fn itself(purpose: Purpose, request: impl Into<String>) -> Context {
    let actor = Actor {
        account: "system".to_owned(),
        person: None,
        role: Role::System,
    };
    Context {
        actor,
        purpose,
        request: request.into(),
    }
}

/// A department's system, acting for its people.
pub(super) fn machine(department: &Slug, purpose: Purpose, request: impl Into<String>) -> Context {
    let actor = Actor {
        account: account(department),
        person: None,
        role: Role::DepartmentMachine,
    };
    Context {
        actor,
        purpose,
        request: request.into(),
    }
}

fn account(department: &Slug) -> String {
    format!("department:{department}")
}

/// Departments that answer parts of a joint case.
fn departments(app: &App) -> BTreeSet<Slug> {
    let joints = app.law().pack.joints().iter();
    let steps = joints.flat_map(|joint| joint.flow.steps.iter());
    let parts = steps.flat_map(|step| step.parts.iter());
    parts.map(|part| part.department.clone()).collect()
}

/// Gives everyone their role; told again, nothing changes.
pub(super) async fn hire(app: &App, region: RegionCode, from: Date) -> Result<usize> {
    let admins = [Who::Admin(1), Who::Admin(2)];
    app.found_house([admins[0].person(), admins[1].person()], region)
        .await?;
    let staff = STAFF
        .iter()
        .map(|who| (Holder::Person(who.person()), who.role(), format!("{who:?}")));
    let machines = departments(app);
    let machines = machines.iter().map(|department| {
        let account = account(department);
        (
            Holder::Account(account.clone()),
            Role::DepartmentMachine,
            account,
        )
    });
    let gateway = format!("gateway:{GATEWAY}");
    let gateway = (
        Holder::Account(gateway.clone()),
        Role::DepartmentMachine,
        gateway,
    );
    for (holder, role, name) in staff.chain(machines).chain([gateway]) {
        let standing = app.grants_of(holder.clone()).await?;
        if !standing.grants.is_empty() {
            continue;
        }
        if standing.proposals.is_empty() {
            let grant = Grant {
                holder: holder.clone(),
                role,
                region,
                from,
                to: None,
            };
            let ctx = admins[0].acts(Purpose::Administration, format!("propose/{name}"));
            app.grant(&ctx, holder.clone(), GrantCommand::Propose(grant))
                .await?;
        }
        let ctx = admins[1].acts(Purpose::Administration, format!("approve/{name}"));
        app.grant(&ctx, holder, GrantCommand::Approve(0)).await?;
    }
    Ok(STAFF.len() + admins.len())
}
