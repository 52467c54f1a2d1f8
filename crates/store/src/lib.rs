//! 「存取」 SQL on SQLite and PostgreSQL: one code path, one text per statement.
//! Nouns are saved and loaded here; what may happen to them is decided in the
//! engines. Absent on purpose: business rules, and asking which database it is
//! anywhere but in `dialect`.

mod access;
mod api_token;
mod ask;
mod assessment;
mod attachment;
pub mod audit;
pub mod backup;
mod booking;
mod bulk;
mod card;
mod case;
mod colour;
mod custody;
mod db;
mod dialect;
mod error;
mod event;
mod figures;
mod finding;
pub mod fund;
pub mod fund_org;
mod hook;
mod idempotency;
mod insight;
mod lane;
mod law;
mod lead;
pub mod ledger;
mod life;
mod list_export;
mod list_view;
mod mandate;
mod migrate;
mod notify;
mod order;
mod outbox;
mod paper;
mod partner;
mod passkey;
mod past;
mod payment;
mod policy;
mod pool;
mod pulse;
mod registry;
mod seal;
mod sequence;
mod set_aside;
mod set_back;
mod sign_in;
mod statement;
mod survey;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod value;
mod warning;
mod ways;

pub use api_token::ApiToken;
pub use ask::AskUse;
pub use assessment::{AssessedBody, AssessmentLine};
pub use attachment::{AttachedTo, Attachment};
pub use booking::{BookingLine, BookingStage};
pub use card::{Card, CardScan};
pub use case::{CaseLine, Document, OpenAfter, OpenCases, OpenPage};
pub use colour::SetColour;
pub use db::{Db, Settings};
pub use error::{Cause, Result, StoreError};
pub use event::{Loaded, Recorded};
pub use figures::{FindingLine, PaidLine, RightLine};
pub use finding::{FactTurn, FindingChange, LeadOutcome, OutcomeCount, OutcomeKept};
pub use idempotency::{Reply, RequestKey};
pub use insight::{CountedLine, SeriesLine};
pub use law::LawLine;
pub use lead::FollowedLead;
pub use life::LifeLine;
pub use list_export::ListExport;
pub use list_view::{KeptView, ListView};
pub use mandate::Mandate;
pub use order::{Device, OrderLine, ProviderKept};
pub use outbox::{ATTEMPTS, DeadLetter, Lease};
pub use paper::{KeptPaper, digest_hex};
pub use partner::{PartnerDb, PartnerPage, PartnerView};
pub use passkey::StoredPasskey;
pub use past::PastRow;
pub use payment::{StoredFile, SuspenseLine};
pub use policy::{Found, FoundCount, Screening};
pub use pool::{ContradictionCount, ContradictionSide, FoundContradiction, OfWhom};
pub use pool::{
    ImportRun, KeptReport, KeptRuling, OthersPage, Owed, PoolRecord, ReportInputs, Silence,
    StoredRecord,
};
pub use pulse::Pulse;
pub use registry::{
    MergeSuspect, NumberIndex, NumbersMark, Register, RegisterAnswer, RegisterQuestion,
    RegisterSlice,
};
pub use seal::{Profile, SealingKey, SealingKeys};
pub use set_back::{SetBackCount, SetBackRow, Waived};
pub use sign_in::Login;
pub use survey::SurveyWritten;
pub use tx::Tx;
pub use warning::{SignStanding, Warning, WarningClosed};
pub use ways::{KeptRepair, PullRun};
