//! 「站点」 What every handler is given: the house and how it is served.

use crate::board::Counts;
use crate::pace::{Limit, Pace};
use app::App;
use app::audit::LogKeys;
use app::payment::{BankGateway, Payments};
use app::sign_in::Passkeys;
use app::sign_in::elsewhere::Elsewhere;
use app::signing::{KeyRing, Nonces, Signer};
use app::verify::Departments;
use kernel::{Clock, Now};
use std::sync::{Arc, Mutex};

/// How the site is served.
#[derive(Clone, Debug, Default)]
pub struct SiteSettings {
    /// `平湖市民政局`: who answers for what is shown.
    pub office: String,
    /// The hotline.
    pub hotline: String,
    /// How it is reached from outside, `https://host`: printed on papers.
    pub address: String,
    /// Whether browsers reach it by https: cookies are then bound to it.
    pub secure: bool,
    /// Accounts shown on the sign-in page of a demonstration, with the secrets of
    /// their code generators; empty anywhere else.
    pub demo: Vec<DemoAccount>,
}

/// An account of a demonstration.
#[derive(Clone, Debug)]
pub struct DemoAccount {
    /// What is typed.
    pub login: String,
    /// Its password.
    pub password: String,
    /// Who that is, in words.
    pub who: String,
    /// The secret of its code generator.
    pub totp: Option<Vec<u8>>,
}

/// The site. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    /// The house.
    pub app: App,
    /// How it is served.
    pub settings: Arc<SiteSettings>,
    clock: Arc<dyn Clock>,
    departments: Option<Arc<Departments>>,
    log: Option<Arc<LogKeys>>,
    counts: Arc<Counts>,
    elsewhere: Arc<[Elsewhere]>,
    passkeys: Option<Arc<Passkeys>>,
    pace: Option<Arc<Pace>>,
    paying: Option<(Payments, Arc<BankGateway>)>,
    gate: Option<Arc<Gate>>,
    parties: Option<(Arc<KeyRing>, Option<Arc<Signer>>)>,
}

/// 网关 Machines that speak to us by signature: device gateways, other hotlines.
pub struct Gate {
    /// Whom we believe: `device:NAME`, `line:NAME`.
    pub ring: KeyRing,
    /// Our own key, under every answer.
    pub signer: Signer,
    pub(crate) nonces: Mutex<Nonces>,
}

impl Gate {
    /// A door for these.
    pub fn new(ring: KeyRing, signer: Signer) -> Gate {
        Gate {
            ring,
            signer,
            nonces: Mutex::default(),
        }
    }
}

impl Site {
    /// A site over a house.
    pub fn new(app: App, settings: SiteSettings, clock: Arc<dyn Clock>) -> Site {
        Site {
            app,
            settings: Arc::new(settings),
            clock,
            departments: None,
            log: None,
            counts: Arc::default(),
            elsewhere: Arc::default(),
            passkeys: None,
            pace: Some(Arc::default()),
            paying: None,
            gate: None,
            parties: None,
        }
    }

    /// With the line to the departments, for verifications begun on a page.
    #[must_use]
    pub fn with_departments(mut self, departments: Departments) -> Site {
        self.departments = Some(Arc::new(departments));
        self
    }

    /// With the keys of departments and partners that call here, and our own to sign
    /// answers with.
    #[must_use]
    pub fn with_parties(mut self, ring: KeyRing, signer: Option<Signer>) -> Site {
        self.parties = Some((Arc::new(ring), signer.map(Arc::new)));
        self
    }

    /// The keys of those who call here.
    pub(crate) fn parties(&self) -> Option<&KeyRing> {
        self.parties.as_ref().map(|(ring, _)| &**ring)
    }

    /// Our own key, where there is one.
    pub(crate) fn signer(&self) -> Option<&Signer> {
        self.parties.as_ref()?.1.as_deref()
    }

    /// With the keys the audit's signatures are believed by.
    #[must_use]
    pub fn with_log(mut self, keys: LogKeys) -> Site {
        self.log = Some(Arc::new(keys));
        self
    }

    /// The same site over the house under another law.
    pub(crate) fn under(self, app: App) -> Site {
        let paying = self.paying;
        let paying = paying.map(|(payments, bank)| (payments.under(&app), bank));
        Site {
            app,
            paying,
            ..self
        }
    }

    /// What is counted while the site runs.
    pub(crate) fn counts(&self) -> &Arc<Counts> {
        &self.counts
    }

    /// The keys the audit's signatures are believed by, where they are at hand.
    pub(crate) fn log(&self) -> Option<&LogKeys> {
        self.log.as_deref()
    }

    /// Without a pace, for measuring how fast it is.
    #[must_use]
    pub fn unpaced(mut self) -> Site {
        self.pace = None;
        self
    }

    /// With other houses to sign in at.
    #[must_use]
    pub fn with_elsewhere(mut self, elsewhere: impl IntoIterator<Item = Elsewhere>) -> Site {
        self.elsewhere = elsewhere.into_iter().collect();
        self
    }

    /// With passkeys, bound to the site's address.
    #[must_use]
    pub fn with_passkeys(mut self, passkeys: Passkeys) -> Site {
        self.passkeys = Some(Arc::new(passkeys));
        self
    }

    /// With the paying desk and its line to the bank.
    #[must_use]
    pub fn with_paying(mut self, paying: Payments, bank: Arc<BankGateway>) -> Site {
        self.paying = Some((paying, bank));
        self
    }

    /// With a door for device gateways and other hotlines.
    #[must_use]
    pub fn with_gate(mut self, gate: Gate) -> Site {
        self.gate = Some(Arc::new(gate));
        self
    }

    /// The door for machines, where there is one.
    pub(crate) fn gate(&self) -> Option<&Gate> {
        self.gate.as_deref()
    }

    /// The line to the departments, where there is one.
    pub(crate) fn departments(&self) -> Option<&Departments> {
        self.departments.as_deref()
    }

    /// The paying desk and its line to the bank, where there is one.
    pub(crate) fn paying(&self) -> Option<(&Payments, &BankGateway)> {
        self.paying.as_ref().map(|(paying, bank)| (paying, &**bank))
    }

    /// The other houses to sign in at.
    pub(crate) fn elsewhere(&self) -> &[Elsewhere] {
        &self.elsewhere
    }

    /// Passkeys, where the site's address allows them.
    pub(crate) fn passkeys(&self) -> Option<&Passkeys> {
        self.passkeys.as_deref()
    }

    /// One more of `who`: `Err` gives the seconds to wait.
    pub(crate) fn pace(&self, limit: Limit, who: &str) -> Result<(), i64> {
        match &self.pace {
            Some(pace) => pace.ask(limit, who, self.now()),
            None => Ok(()),
        }
    }

    /// This moment.
    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }
}
