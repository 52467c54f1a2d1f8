//! 「跟进」 What a delivery that came by itself sets going: contradictions of the people
//! it is about, their households judged again. A large one waits for the next screening.

use super::gate::Imported;
use crate::{App, Context, Result};
use engine_access::Purpose;
use kernel::{Actor, Role};

impl App {
    /// Looks again at whom a small delivery is about, as the house itself.
    ///
    /// # Errors
    /// A fault of the store or of a rule.
    pub async fn follow(&self, imported: &Imported) -> Result<()> {
        if imported.touched.is_empty() {
            return Ok(());
        }
        self.look_about(&imported.touched).await?;
        let ctx = Context {
            actor: Actor {
                account: "system".to_owned(),
                person: None,
                role: Role::System,
            },
            purpose: Purpose::Discovery,
            request: format!("watch {}", imported.category),
        };
        let today = self.now().today();
        self.watch(&ctx, &imported.touched, &imported.category, today)
            .await?;
        Ok(())
    }
}
