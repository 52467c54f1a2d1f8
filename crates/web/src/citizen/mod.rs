//! 「居民」 The pages of residents: phone first, plain words, nothing asked that a
//! department already knows.

mod home;

use crate::guard::May;
use crate::routes::Route;
use kernel::Role;

/// Who acts for themselves or for a relative.
pub(crate) const RESIDENTS: &[Role] = &[Role::Citizen, Role::Agent];

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/", May::Anyone, home::show)]
}
