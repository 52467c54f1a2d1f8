//! 「规定」 The law's own pages: the register of rules that anybody may read, the desk
//! where versions come into force and out of it, and what a change would do.

mod names;
mod publish;
mod register;
mod simulate;

use crate::guard::May;
use crate::pace::Limit;
use crate::routes::Route;
use kernel::Role;

/// Who sees what a change would do.
pub(crate) const TRIERS: &[Role] = &[Role::RuleAuthor, Role::RuleApprover, Role::CountyApprover];

/// Who tries a draft on everyone.
const WRITERS: &[Role] = &[Role::RuleAuthor, Role::RuleApprover];

/// Who drafts.
const AUTHORS: &[Role] = &[Role::RuleAuthor];

/// Who signs and suspends.
const SIGNERS: &[Role] = &[Role::RuleApprover];

/// Who puts right what a suspended version decided.
const REVIEWERS: &[Role] = &[Role::CountyApprover];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/rules", May::Anyone, register::list),
        Route::get("/rules/{service}", May::Anyone, register::show),
        Route::get("/desk/law", May::Roles(TRIERS), publish::list),
        Route::post("/desk/law/draft", May::Roles(AUTHORS), publish::draft),
        Route::post(
            "/desk/law/{hash}/try",
            May::Roles(WRITERS),
            publish::try_out,
        ),
        Route::post("/desk/law/{hash}/sign", May::Proved(SIGNERS), publish::sign),
        Route::post(
            "/desk/law/{hash}/suspend",
            May::Proved(SIGNERS),
            publish::suspend,
        ),
        Route::get(
            "/desk/law/{hash}/again",
            May::Roles(REVIEWERS),
            publish::again,
        ),
        Route::post(
            "/desk/law/{hash}/again",
            May::Proved(REVIEWERS),
            publish::sign_again,
        ),
        Route::get("/desk/simulate", May::Roles(TRIERS), simulate::show).paced(Limit::Search),
        Route::get("/desk/simulate/names", May::Roles(REVIEWERS), names::show).paced(Limit::Search),
        Route::get(
            "/desk/simulate/export",
            May::Roles(TRIERS),
            simulate::export,
        )
        .paced(Limit::Search),
    ]
}
