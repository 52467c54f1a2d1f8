//! 「派单」 Finding somebody, asking them, taking no for an answer: the next one, and
//! after so many a person looks.

use super::{Course, Done};
use crate::config::{ClockOf, DispatchBy};
use crate::event::What;
use crate::model::{Offer, OfferEnd, Requested};
use crate::provider::{Nearness, Provider, Ranked, rank};
use crate::refusal::Refusal;
use crate::stage::Stage;
use kernel::{ProviderId, Slug};
use std::collections::BTreeSet;

const UNDER_WAY: &[Stage] = &[
    Stage::Waiting,
    Stage::Offered,
    Stage::Accepted,
    Stage::Doing,
];

impl Course<'_> {
    fn skills(&self, asked: &Requested) -> BTreeSet<&Slug> {
        let wants = asked.wants.iter();
        let items = wants.filter_map(|want| self.config.ty.item(&want.item));
        items.map(|item| &item.skill).collect()
    }

    /// Who said no, or nothing, since it was last opened.
    fn declined(&self) -> BTreeSet<ProviderId> {
        let since = self.order.reopened.last().map(|one| one.stamp.at);
        let offers = self.order.offers.iter();
        let offers = offers.filter(|offer| since.is_none_or(|since| offer.at >= since));
        let said_no = offers.filter(|offer| {
            matches!(
                offer.end,
                Some(OfferEnd::Declined { .. } | OfferEnd::Lapsed { .. })
            )
        });
        said_no.map(|offer| offer.provider).collect()
    }

    /// Sends the best who has not said no; without one, or after too many, a person must.
    pub(super) fn send_next(&mut self) -> Done {
        let asked = self.asked()?;
        let declined = self.declined();
        let rule = self.config.ty.dispatch;
        if declined.len() >= usize::try_from(rule.tries).unwrap_or(usize::MAX) {
            let why = format!("{} 家没有接", declined.len());
            self.put(What::WantsPerson { why });
            return Ok(());
        }
        let best = {
            let skills = self.skills(&asked);
            let colours = &self.config.ty.colours;
            let providers = self.config.providers;
            let ranked = rank(&self.order, &asked, &skills, colours, providers, &declined);
            ranked.first().map(|one| (one.provider.clone(), one.near))
        };
        match best {
            Some((provider, near)) => self.send(&provider, near),
            None => {
                let why = "没有合适的服务方".to_owned();
                self.put(What::WantsPerson { why });
                Ok(())
            }
        }
    }

    fn send(&mut self, provider: &Provider, near: Nearness) -> Done {
        let offer = Offer {
            provider: provider.id,
            name: provider.name.clone(),
            person: provider.person,
            at: self.now.at,
            metres: near.metres,
            end: None,
        };
        self.put(What::Offered(offer));
        self.stop(ClockOf::Dispatch, self.now.at);
        self.start(ClockOf::Accept, self.now.at)
    }

    /// A provider who can be sent, as config knows them.
    fn fitting(&self, id: ProviderId) -> Result<(Provider, Nearness), Refusal> {
        let asked = self.asked()?;
        let provider = self.config.providers.iter().find(|one| one.id == id);
        let provider = provider.ok_or(Refusal::NoSuchProvider)?;
        let skills = self.skills(&asked);
        let colours = &self.config.ty.colours;
        provider.fits(&self.order, &asked, &skills, colours)?;
        let none = BTreeSet::new();
        let one = std::slice::from_ref(provider);
        let ranked: Vec<Ranked<'_>> = rank(&self.order, &asked, &skills, colours, one, &none);
        let near = ranked.first().map(|one| one.near);
        Ok((provider.clone(), near.ok_or(Refusal::NoSuchProvider)?))
    }

    pub(super) fn dispatch(&mut self, to: ProviderId, why: String) -> Done {
        self.at(UNDER_WAY, "派单")?;
        self.person()?;
        let (provider, near) = self.fitting(to)?;
        if let Some(offer) = self.order.offer() {
            if offer.provider == to {
                return Err(Refusal::SentAlready(offer.name.clone()));
            }
            if why.trim().is_empty() {
                return Err(Refusal::Blank("为什么改派"));
            }
            self.end_offer(OfferEnd::Withdrawn {
                at: self.now.at,
                why,
            });
        }
        self.send(&provider, near)
    }

    /// Ends the offer under way and whatever counted on it.
    pub(super) fn end_offer(&mut self, end: OfferEnd) {
        for of in [ClockOf::Accept, ClockOf::Arrive, ClockOf::Done] {
            self.stop(of, self.now.at);
        }
        self.put(What::OfferEnded(end));
    }

    pub(super) fn claim(&mut self, provider: ProviderId) -> Done {
        self.at(&[Stage::Waiting], "认领")?;
        if self.config.ty.dispatch.by != DispatchBy::Claim {
            return Err(Refusal::NotClaimed);
        }
        let person = self.person()?;
        let (provider, near) = self.fitting(provider)?;
        if provider.person != person {
            return Err(Refusal::NotYours);
        }
        self.send(&provider, near)?;
        self.accept()
    }

    /// The offer is the actor's own.
    pub(super) fn mine(&self) -> Done {
        let person = self.person()?;
        match self
            .order
            .offer()
            .is_some_and(|offer| offer.person == person)
        {
            true => Ok(()),
            false => Err(Refusal::NotYours),
        }
    }

    pub(super) fn accept(&mut self) -> Done {
        self.at(&[Stage::Offered], "接单")?;
        self.mine()?;
        let at = self.now.at;
        self.stop(ClockOf::Accept, at);
        self.put(What::OfferEnded(OfferEnd::Accepted { at }));
        self.start(ClockOf::Arrive, at)?;
        self.start(ClockOf::Done, at)
    }

    pub(super) fn decline(&mut self, why: String) -> Done {
        self.at(&[Stage::Offered, Stage::Accepted], "退单")?;
        self.mine()?;
        if why.trim().is_empty() {
            return Err(Refusal::Blank("为什么不接"));
        }
        let at = self.now.at;
        self.end_offer(OfferEnd::Declined { at, why });
        self.after_no()
    }

    /// Somebody said no, or nothing: the next, or a person, or whoever claims it.
    pub(super) fn after_no(&mut self) -> Done {
        if !self.config.ty.alarm {
            self.start(ClockOf::Dispatch, self.now.at)?;
        }
        match self.config.ty.dispatch.by {
            DispatchBy::Claim => Ok(()),
            DispatchBy::Operator | DispatchBy::Nearest => self.send_next(),
        }
    }
}
