//! What a selection would cost, for a price that moves along with a slider: reads a few rows, asks nobody, writes nothing.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::footing::priced_for;
use super::{Engine, EngineError};
use crate::domain::account::{Account, Contract, ContractId};
use crate::domain::catalog::{
    Differences, Direction, Estimate, EstimateInstant, Playbook, Selection, SellerId, Service, TargetLine,
    estimate,
};
use crate::domain::change::{HoldingChange, Refusal, RefusalCode, to_be_had};
use crate::domain::language::Texts;

/// An estimate with all that an answer about it needs.
#[derive(Debug, Clone)]
pub struct LiveEstimate {
    /// The rules that it was made by.
    pub playbook: Arc<Playbook>,
    /// Who would buy.
    pub account: Account,
    /// What was selected.
    pub selection: Selection,
    /// Which way such a change goes.
    pub way: Way,
    /// Until when nothing is quoted, because a renewal is too near.
    pub frozen_until: Option<Timestamp>,
    /// What it would cost, before tax, discount and balance.
    pub estimate: Estimate,
    /// Every quantity that would change.
    pub holdings: Vec<HoldingChange>,
}

/// Which way a change goes by the seller's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// The selection is what is held already.
    Nothing,
    /// It is quoted and paid.
    Immediate,
    /// It is confirmed now, and takes effect with the next period.
    AtPeriodEnd,
    /// Support answers it.
    Ticket,
    /// It is not offered here; what the seller says to it, where it says something.
    NotOffered(Option<Texts>),
}

impl Engine {
    /// Estimates a change of this contract, by the rules that a change opened now would start with.
    ///
    /// A selection that changes nothing, or that the seller leads elsewhere, has an estimate too: a slider passes over such
    /// positions. One that cannot be had is refused with every field that is wrong.
    pub async fn estimate(
        &self,
        contract: ContractId,
        selection: &Selection,
        seller: &SellerId,
    ) -> Result<LiveEstimate, EngineError> {
        let contract = self.contract_of(contract, seller).await?;
        let account = self.account_of(contract.account, seller).await?;
        let playbook = priced_for(self.sellers().get(seller)?.playbook.clone(), &contract);
        let selection = playbook.catalog.understood(selection, Some(&contract));
        let service = self.service(&account, &playbook.seller.time_zone);
        let target = to_be_had(&playbook.catalog, &selection, &contract, &service)?;
        let instant = self.instant(&playbook, &contract, &target)?;
        let estimate = estimate(&contract.lines, &target, &instant)
            .map_err(|problem| no_estimate(&problem.to_string()))?;
        let differences = Differences::between(&playbook.catalog, Some(&contract), &selection, &target);
        Ok(LiveEstimate {
            way: way(&playbook, &differences),
            frozen_until: self.frozen_until(&playbook, &contract, &instant),
            holdings: HoldingChange::of(&differences),
            playbook,
            account,
            selection,
            estimate,
        })
    }

    /// Since when an account has used the service.
    pub fn service<'t>(&self, account: &Account, time_zone: &'t TimeZone) -> Service<'t> {
        Service::of(account, self.now(), time_zone)
    }

    fn instant(
        &self,
        playbook: &Playbook,
        contract: &Contract,
        target: &[TargetLine],
    ) -> Result<EstimateInstant, Refusal> {
        EstimateInstant::for_change(
            Some(contract),
            target,
            playbook.policy.proration,
            contract.anchor_day,
            self.now(),
            &playbook.seller.time_zone,
        )
        .map_err(|problem| no_estimate(&problem.to_string()))
    }

    fn frozen_until(
        &self,
        playbook: &Playbook,
        contract: &Contract,
        instant: &EstimateInstant,
    ) -> Option<Timestamp> {
        contract.subscription.as_ref()?;
        let renews_at = instant.periods.iter().map(|period| period.end).min()?;
        playbook
            .policy
            .is_frozen(renews_at, self.now())
            .then_some(renews_at)
    }
}

fn way(playbook: &Playbook, differences: &Differences) -> Way {
    match playbook.policy.direction.decide(differences) {
        None if differences.nothing => Way::Nothing,
        Some(Direction::Immediate) => Way::Immediate,
        Some(Direction::Ticket) => Way::Ticket,
        Some(Direction::Refused(texts)) => Way::NotOffered(Some(texts.clone())),
        Some(Direction::AtPeriodEnd) => Way::AtPeriodEnd,
        None => Way::NotOffered(None),
    }
}

fn no_estimate(why: &str) -> Refusal {
    let detail = format!("No estimate can be made: {why}.");
    Refusal::new(RefusalCode::SelectionInvalid, detail).at("/selection")
}
