//! 「核对」 `nuanxin check report | remake`.

use super::acting::acts;
use super::print_json;
use crate::ending::{Ending, Failure, Outcome};
use crate::options::{AtCase, CheckCommand, Format};
use crate::{house, say};
use app::papers::PaperAddress;
use app::{App, Context};
use engine_access::Purpose;
use kernel::CaseId;
use serde_json::json;

pub(crate) async fn run(command: CheckCommand, format: Format) -> Outcome {
    match command {
        CheckCommand::Report { at, pdf } => {
            let (house, ctx, case) = open(&at).await?;
            let given = house.check_report(&ctx, case).await?;
            let none = || Failure::BadInput(format!("办件 {case} 还没有核对报告"));
            let given = given.ok_or_else(none)?;
            if let Some(file) = pdf {
                let settings = super::serve::settings(&house);
                let address = PaperAddress {
                    base: String::new(),
                    office: settings.office,
                };
                let printed = house.print_check_report(&ctx, case, &address).await?;
                std::fs::write(&file, printed.pdf)?;
            }
            house.db().close().await;
            say!("{}", given.text);
            Ok(Ending::Yes)
        }
        CheckCommand::Remake(at) => {
            let (house, ctx, case) = open(&at).await?;
            let remade = house.remake_check_report(&ctx, case).await?;
            house.db().close().await;
            match format.is_json() {
                true => print_json(&json!({
                    "was": remade.was, "is": remade.is, "holds": remade.holds(),
                }))?,
                false if remade.holds() => say!("同一份：{}", remade.is),
                false => say!("不是同一份：当时 {}，现在 {}", remade.was, remade.is),
            }
            Ok(Ending::of(remade.holds()))
        }
    }
}

async fn open(at: &AtCase) -> Result<(App, Context, CaseId), Failure> {
    let house = house::open(&at.place).await?;
    let case = CaseId(at.case);
    let ctx = acts(&house, &at.acting, Purpose::Case(case)).await?;
    Ok((house, ctx, case))
}
