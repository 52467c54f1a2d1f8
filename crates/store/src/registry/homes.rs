//! 「在领的人家」 The households of everyone who is or was entitled to something, in
//! one reading each: for counting, where asking household by household takes too long.

use super::HOUSEHOLD_STATE;
use crate::error::Result;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args};
use engine_payment::Beneficiary;
use engine_policy::Finding;
use engine_registry::Household;
use kernel::{Date, HouseholdId, PersonId, RegionCode};
use std::collections::BTreeMap;
use std::sync::Arc;

statements! {
    HOUSEHOLDS = "SELECT id, version, state FROM household
                  WHERE region >= $1 AND region <= $2 AND id IN
                      (SELECT CAST(substr(beneficiary, 11) AS BIGINT) FROM entitlement
                       WHERE substr(beneficiary, 1, 10) = 'household:')";
    PEOPLE = "SELECT m.person, h.id, h.version, h.state
              FROM membership m JOIN household h ON h.id = m.household
              WHERE h.region >= $1 AND h.region <= $2 AND m.person IN
                  (SELECT CAST(substr(beneficiary, 8) AS BIGINT) FROM entitlement
                   WHERE substr(beneficiary, 1, 7) = 'person:')
              ORDER BY m.person, h.id";
    FOUND = "SELECT id, version, state FROM household
             WHERE region >= $1 AND region <= $2 AND id IN
                 (SELECT household FROM finding WHERE screening = $3 AND finding = $4)";
}

impl Tx {
    /// Where whoever is or was entitled lives on a day: households between two
    /// codes, both included.
    pub async fn homes_of_entitled(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        day: Date,
    ) -> Result<BTreeMap<Beneficiary, Arc<Household>>> {
        let mut homes: BTreeMap<Beneficiary, Arc<Household>> = BTreeMap::new();
        for row in self.fetch_all(HOUSEHOLDS, args![from, to]).await? {
            let id: HouseholdId = row.get("id")?;
            let home = Arc::new(row.unsealed_json(&HOUSEHOLD_STATE)?);
            homes.insert(Beneficiary::Household(id), home);
        }
        for row in self.fetch_all(PEOPLE, args![from, to]).await? {
            let (person, id): (PersonId, HouseholdId) = (row.get("person")?, row.get("id")?);
            let home = match homes.get(&Beneficiary::Household(id)) {
                Some(home) => home.clone(),
                None => Arc::new(row.unsealed_json::<Household>(&HOUSEHOLD_STATE)?),
            };
            // Who lives nowhere today (moved on, dead) is told by where he last was.
            let whose = Beneficiary::Person(person);
            let lives = home.members_on(day).any(|one| one.person == person);
            if lives || !homes.contains_key(&whose) {
                homes.insert(whose, home);
            }
        }
        Ok(homes)
    }

    /// The households between two codes a run found something of that kind about.
    pub async fn homes_of_found(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        screening: i64,
        finding: Finding,
    ) -> Result<BTreeMap<HouseholdId, Arc<Household>>> {
        let kind = crate::policy::name(&finding)?;
        let rows = self
            .fetch_all(FOUND, args![from, to, screening, kind])
            .await?;
        let home = |row: &Row| {
            let home = Arc::new(row.unsealed_json(&HOUSEHOLD_STATE)?);
            Ok((row.get("id")?, home))
        };
        rows.iter().map(home).collect()
    }
}
