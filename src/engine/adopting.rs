//! Adopting a subscription that exists at the provider, as it is.

use super::accounts::PresentNew;
use super::contracts::named;
use super::{Asked, Engine, EngineError, Reply};
use crate::domain::account::{
    AccountId, Contract, ContractId, ContractStatus, Debit, HeldLine, LinePlace, Period,
};
use crate::domain::catalog::{Interval, LineKey, Options, PlanId, Playbook, PriceRef, anchor_day};
use crate::domain::change::{Refusal, RefusalCode, SubscriptionFacts};
use crate::domain::money::Currency;
use crate::ports::payments::ReadError;

/// What a seller says about a subscription that exists at the provider.
#[derive(Debug, Clone)]
pub struct AdoptContract {
    /// Whose.
    pub account: AccountId,
    /// The provider's id of it.
    pub subscription: String,
    /// The plan, where the subscription does not carry it because it is paid in another way.
    pub plan: Option<PlanId>,
    /// The interval in which that plan is paid.
    pub plan_interval: Option<Interval>,
    /// What is chosen with the items that it carries.
    pub options: Options,
    /// The person who is financially responsible.
    pub responsible: Option<String>,
}

impl Engine {
    /// Adopts a subscription that exists at the provider, as it is.
    pub async fn adopt_contract(
        &self,
        wish: &AdoptContract,
        asked: &Asked,
        present: PresentNew<'_, Contract>,
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let account = self.account_of(wish.account, &asked.seller).await?;
        let seller = self.sellers().get(&asked.seller)?;
        let facts = match seller.payments.subscription(&wish.subscription).await {
            Err(ReadError::NotFound(id)) => {
                let detail = format!("The provider has no subscription `{id}` under this seller's key.");
                return Err(Refusal::new(RefusalCode::SubscriptionEnded, detail)
                    .at("/subscription")
                    .into());
            }
            other => other?,
        };
        if account
            .provider_customer
            .as_ref()
            .is_some_and(|known| *known != facts.customer)
        {
            let detail = "The subscription belongs to another customer of the provider than this account.";
            return Err(Refusal::new(RefusalCode::ContractOutOfStep, detail)
                .at("/subscription")
                .into());
        }
        let now = self.now();
        let playbook = &seller.playbook;
        let (plan, lines) = adopt(playbook, wish, &facts)?;
        options_exist(playbook, &wish.options)?;
        let periods = periods_of(&lines, &facts);
        let anchor = periods.first().map_or(account.created_at, |period| period.end);
        let client = self.terms_for(account.id, playbook).await?;
        let contract = Contract {
            id: ContractId(self.parts.ids.new_id(now)),
            version: 1,
            account: account.id,
            seller: asked.seller.clone(),
            plan,
            currency: facts.currency,
            lines,
            options: wish.options.clone(),
            anchor_day: anchor_day(anchor, &playbook.seller.time_zone),
            periods,
            subscription: Some(facts.id.clone()),
            status: facts
                .ends_at
                .map_or(ContractStatus::Active, |at| ContractStatus::Ending { at }),
            responsible: wish.responsible.clone(),
            created_at: now,
            client,
        };
        self.begin_contract(contract, "adopted", Some(facts.customer), asked, present)
            .await
    }
}

/// Whether what is said to be chosen with an item can be chosen with it.
fn options_exist(playbook: &Playbook, options: &Options) -> Result<(), Refusal> {
    for (item, chosen) in options {
        let rule = playbook.catalog.item(item).and_then(|item| item.options.as_ref());
        let table = rule.and_then(|rule| playbook.catalog.rate_table(&rule.of));
        let known = |option| table.is_some_and(|table| table.row(option).is_some());
        if let Some(option) = chosen.iter().find(|option| !known(option)) {
            let detail = format!("`{option}` cannot be chosen with `{item}`.");
            return Err(Refusal::new(RefusalCode::SelectionInvalid, detail).at(format!("/options/{item}")));
        }
    }
    Ok(())
}

fn adopt(
    playbook: &Playbook,
    wish: &AdoptContract,
    facts: &SubscriptionFacts,
) -> Result<(PlanId, Vec<HeldLine>), Refusal> {
    let (carried, mut lines) = adopted_lines(playbook, facts)?;
    if let Some(plan) = carried {
        return Ok((plan, lines));
    }
    let Some(plan) = wish.plan.clone() else {
        let detail =
            "The subscription carries no plan of this catalogue. Name the plan that is paid in another way.";
        return Err(Refusal::new(RefusalCode::SelectionInvalid, detail).at("/plan"));
    };
    let interval = wish.plan_interval.unwrap_or(Interval::MONTH);
    lines.insert(0, outside_plan(playbook, &plan, facts.currency, interval)?);
    Ok((plan, lines))
}

fn outside_plan(
    playbook: &Playbook,
    plan: &PlanId,
    currency: Currency,
    interval: Interval,
) -> Result<HeldLine, Refusal> {
    let price = playbook
        .catalog
        .plan(plan)
        .and_then(|plan| plan.price(currency, interval));
    let Some(price) = price else {
        let detail = format!("There is no plan `{plan}` with a price in {currency} per {interval}.");
        return Err(Refusal::new(RefusalCode::SelectionInvalid, detail).at("/plan"));
    };
    let key = LineKey::Plan;
    Ok(HeldLine {
        price_ref: PriceRef::of(&playbook.seller.id, plan, &key, price),
        key,
        price: price.clone(),
        quantity: 1,
        place: LinePlace::Outside,
        debit: None,
        outside: None,
    })
}

/// The lines of a subscription that is adopted, and the plan that it carries, if it carries one.
fn adopted_lines(
    playbook: &Playbook,
    facts: &SubscriptionFacts,
) -> Result<(Option<PlanId>, Vec<HeldLine>), Refusal> {
    let mut plan = None;
    let mut lines = Vec::new();
    for item in &facts.items {
        let Some((of_plan, named)) = named(playbook, item) else {
            let detail = format!(
                "The subscription's item `{}` has a price that is not in the workflow file. Give the price its lookup key \
                 with `changeover catalog push`, or take the item away.",
                item.id
            );
            return Err(Refusal::new(RefusalCode::ContractOutOfStep, detail).at("/subscription"));
        };
        if named.key == LineKey::Plan || plan.is_none() {
            plan = Some((of_plan, named.key == LineKey::Plan));
        }
        let paid = named.price.amount(item.quantity).ok();
        lines.push(HeldLine {
            key: named.key,
            price_ref: named.price_ref,
            price: named.price,
            quantity: item.quantity,
            place: LinePlace::Provider {
                item: item.id.clone(),
            },
            debit: paid.map(|amount| Debit {
                amount,
                from: item.period_start,
                until: item.period_end,
            }),
            outside: None,
        });
    }
    Ok((plan.filter(|(_, carried)| *carried).map(|(plan, _)| plan), lines))
}

/// The running periods of these lines, one per interval.
fn periods_of(lines: &[HeldLine], facts: &SubscriptionFacts) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    for line in lines {
        let LinePlace::Provider { item } = &line.place else {
            continue;
        };
        let Some(item) = facts.items.iter().find(|facts| facts.id == *item) else {
            continue;
        };
        let interval = line.price.interval;
        if !periods.iter().any(|period| period.interval == interval) {
            periods.push(Period {
                interval,
                start: item.period_start,
                end: item.period_end,
            });
        }
    }
    periods
}
