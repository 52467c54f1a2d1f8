//! 「去看一眼」 Something is received and the rules no longer find it: what whoever goes
//! there should look at. Absent on purpose: any way to hold, lower or stop a payment; that
//! is a review of its own, heard and signed.

use super::LedTo;
use crate::Result;
use crate::case::Desk;
use crate::case::file::{Receiving, received};
use crate::resident::check::{Reason, discover, reasons};
use crate::resident::home::Home;
use engine_payment::Beneficiary;
use engine_policy::Subject;
use kernel::Truth;
use store::Tx;

/// What is received and no longer found: a person looks, the payment goes on.
#[derive(Clone, Debug)]
pub struct LookAgain {
    /// Which conditions of the rule do not hold by the departments' data, each with its
    /// article; none where the reader may not see what they speak of.
    pub why: Vec<Reason>,
    /// What the household is paid by this house.
    pub paid: Vec<Receiving>,
}

impl Desk {
    pub(super) async fn look(&self, tx: &mut Tx, found: &LedTo, home: &Home) -> Result<LookAgain> {
        let standings = tx.pool_standings().await?;
        let day = self.now.today();
        let facts = discover(tx, &self.app().law, home, &standings, day).await?;
        let told = self
            .app()
            .law
            .judge
            .judge(found.service.as_str(), &facts, day);
        let told = told.map_err(|why| crate::AppError::Fault(why.to_string()))?;
        let numbered = home.members.iter().filter(|one| one.number.is_some());
        let place = numbered
            .map(|one| Some(one.person))
            .position(|one| one == found.beneficiary);
        let own = told.iter().find(|one| match one.subject {
            Subject::Household => true,
            Subject::Member(at) => Some(at) == place,
        });
        let mut why = own.map_or_else(Vec::new, |one| reasons(one, &home.permit));
        why.retain(|one| one.truth == Truth::False);
        let people = home.members.iter();
        let mut whose = vec![Beneficiary::Household(home.id)];
        whose.extend(people.map(|one| Beneficiary::Person(one.person)));
        let paid = received(tx, self.app(), whose).await?;
        Ok(LookAgain { why, paid })
    }
}
