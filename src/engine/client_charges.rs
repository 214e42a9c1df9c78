//! What follows from a client's form for what is charged: the terms of its contracts, a change where a recurring charge changes, and
//! another payer.

use std::sync::Arc;

use super::clients::{ClientView, PresentClient, Step, rules_of};
use super::drafting::{Draft, Drafted};
use super::footing::priced_for;
use super::letters::Telling;
use super::{Asked, Engine, EngineError, OpenChange, Reply};
use crate::domain::account::{
    AccountId, Client, ClientTerms, Contract, ContractStatus, Notice, NoticeFact, Payer, PayerConsent,
    Permission,
};
use crate::domain::catalog::{Catalog, Differences, Playbook, Selection};
use crate::domain::change::stuck::Work;
use crate::domain::change::{Actor, Event, Refusal, RefusalCode, permitted};
use crate::ports::store::{ClientRecord, OutboxRow, Situation, Written};

/// What a form comes to for the contracts of its client.
#[derive(Default)]
struct Consequences {
    /// Those whose terms change, at their next version.
    moved: Vec<Contract>,
    /// The contract on which a recurring charge changes, and what is to be held.
    change: Option<(Contract, Selection)>,
}

impl Engine {
    /// The terms of a new contract of this account, where it is somebody's client.
    pub(super) async fn terms_for(
        &self,
        account: AccountId,
        playbook: &Playbook,
    ) -> Result<Option<Box<ClientTerms>>, EngineError> {
        let Some(client) = self.store().client(account).await? else {
            return Ok(None);
        };
        let rules = rules_of(playbook)?;
        self.offer_licence(&client, playbook).await?;
        Ok(Some(Box::new(client.terms(rules, None))))
    }

    /// Lets the payer who was chosen and has agreed take over, where nothing runs any more that the other one is charged for.
    pub(super) async fn settle_payer(&self, account: AccountId, actor: &Actor) -> Result<(), EngineError> {
        let Some(client) = self.store().client(account).await? else {
            return Ok(());
        };
        if client.charged == client.wanted_payer() || self.runs(account).await? {
            return Ok(());
        }
        let mut next = client.clone();
        next.version += 1;
        next.charged = next.wanted_payer();
        let last = self.last_line(&client).await?;
        let record = ClientRecord {
            entry: self.client_line(&next, "payer_switched", actor, Some(&last))?,
            client: next,
            account: None,
            contracts: Vec::new(),
            outbox: Vec::new(),
            request: None,
        };
        // Where somebody else has written it meanwhile, that counts.
        self.store().write_client(record).await?;
        Ok(())
    }

    /// What tells a client that its agency wants it to pay: once for each time that it is asked.
    fn asked_to_pay(&self, before: &ClientView, next: &Client) -> Result<Vec<OutboxRow>, EngineError> {
        let is_asked = |client: &Client| client.settings.payer == Payer::Client && client.consent.is_none();
        if !is_asked(next) || is_asked(&before.client) {
            return Ok(Vec::new());
        }
        let telling = Telling {
            account: &before.account,
            fact: format!("{}.client.{}", next.account, next.version),
            at: self.now(),
        };
        let fact = NoticeFact::PayerAsked {
            agency: next.agency,
            until: None,
            url: None,
        };
        let notice = Notice { contract: None, fact };
        self.notice_rows(&telling, &notice)
    }

    async fn runs(&self, account: AccountId) -> Result<bool, EngineError> {
        let contracts = self.store().contracts_of(account).await?;
        Ok(contracts.iter().any(|contract| contract.subscription.is_some()))
    }

    /// The client agrees to be charged itself, in these words of the terms.
    pub async fn agree_to_pay(
        &self,
        account: AccountId,
        terms_version: &str,
        asked: &Asked,
        present: PresentClient<'_>,
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let playbook = self.sellers().get(&asked.seller)?.playbook.clone();
        let view = self.client_of(account, &asked.seller).await?;
        if asked.actor.account.is_some_and(|of| of != account) {
            let detail = "Only the client's own people can agree that the client is charged.";
            return Err(Refusal::new(RefusalCode::PayerOnly, detail)
                .at("/actor/account")
                .into());
        }
        permitted(&playbook, &asked.actor, Permission::Billing)?;
        if view.client.settings.payer != Payer::Client {
            let detail =
                "The agency has not chosen that this client pays itself: there is nothing to agree to.";
            return Err(Refusal::new(RefusalCode::NothingToDo, detail).into());
        }
        let current = &playbook.policy.terms.version;
        if current != terms_version {
            let detail = format!("The current terms are version `{current}`. Show them, and ask again.");
            return Err(Refusal::new(RefusalCode::TermsOutdated, detail)
                .at("/terms_version")
                .into());
        }
        let mut next = view.client.clone();
        next.version += 1;
        next.consent = Some(PayerConsent {
            terms_version: terms_version.to_owned(),
            at: self.now(),
            by: asked.actor.subject.clone(),
        });
        let last = self.last_line(&view.client).await?;
        let step = Step {
            view,
            next,
            last,
            event: "payer_agreed",
        };
        let written = self.write_with_consequences(step, asked, present).await?;
        written.ok_or(EngineError::Contended)
    }

    /// Writes a client's next version, with what follows from it for its contracts; where a recurring charge changes, with the change that
    /// quotes it. Nothing when somebody was faster.
    pub(super) async fn write_with_consequences(
        &self,
        step: Step,
        asked: &Asked,
        present: PresentClient<'_>,
    ) -> Result<Option<Reply>, EngineError> {
        let Step {
            view,
            mut next,
            last,
            event,
        } = step;
        let playbook = self.sellers().get(&asked.seller)?.playbook.clone();
        let contracts = self.store().contracts_of(next.account).await?;
        // Nothing runs that must come to its end first: the new payer is charged from now on.
        if contracts.iter().all(|contract| contract.subscription.is_none()) {
            next.charged = next.wanted_payer();
        }
        self.offer_licence(&next, &playbook).await?;
        let Consequences { moved, change } = self
            .consequences(&view.client, &next, contracts, &playbook)
            .await?;
        let entry = self.client_line(&next, event, &asked.actor, Some(&last))?;
        let outbox = self.asked_to_pay(&view, &next)?;
        let mut view = ClientView { client: next, ..view };
        let record = |view: &ClientView| ClientRecord {
            client: view.client.clone(),
            account: None,
            entry: entry.clone(),
            contracts: moved.clone(),
            outbox: outbox.clone(),
            request: None,
        };
        let Some((contract, wanted)) = change else {
            let answer = present(&view)?;
            let record = ClientRecord {
                request: asked.keeping(&answer),
                ..record(&view)
            };
            return Reply::to(self.store().write_client(record).await?, answer);
        };
        let draft = self.drafted_for(contract, wanted, asked).await?;
        view.opened = Some(draft.view().change.id);
        let answer = present(&view)?;
        let Drafted {
            record: mut opening,
            news,
            footing,
            begun,
        } = draft.finish(None, Vec::new(), asked.keeping(&answer));
        opening.client = Some(Box::new(record(&view)));
        let drafted = Drafted {
            record: opening,
            news,
            footing,
            begun,
        };
        let (written, _) = self.record(drafted).await?;
        match written {
            Written::Blocked(change) => Err(EngineError::Blocked(change)),
            written => Reply::to(written, answer),
        }
    }

    /// What the next form comes to for the client's contracts: their terms, and the one change that it asks for. A change that is open and
    /// is about something else stands in the way.
    async fn consequences(
        &self,
        before: &Client,
        next: &Client,
        contracts: Vec<Contract>,
        playbook: &Arc<Playbook>,
    ) -> Result<Consequences, EngineError> {
        let rules = rules_of(playbook)?;
        let mut all = Consequences::default();
        let in_force = |contract: &Contract| contract.status != ContractStatus::Cancelled;
        for contract in contracts.into_iter().filter(in_force) {
            let mut after = contract.clone();
            after.client = Some(Box::new(next.terms(rules, contract.client.as_deref())));
            if after.client != contract.client {
                after.version += 1;
                all.moved.push(after.clone());
            }
            let wanted = next.wanted(rules, &after);
            let priced = priced_for(playbook.clone(), &after);
            let licence = rules.licences.contains(&after.plan);
            if all.change.is_some() || !licence || !moves(&priced.catalog, &after, &wanted)? {
                continue;
            }
            // What was wanted before is on its way already, where a change is open.
            let news = wanted != before.wanted(rules, &contract) || !same_price(&after, &contract);
            match self.store().open_change(contract.id).await? {
                Some(open) if news => return Err(EngineError::Blocked(open)),
                Some(_) => {}
                None => all.change = Some((after, wanted)),
            }
        }
        Ok(all)
    }

    /// The change that quotes what a form changes: opened by whoever saves, for whoever pays.
    async fn drafted_for(
        &self,
        contract: Contract,
        selection: Selection,
        asked: &Asked,
    ) -> Result<Box<Draft<'_>>, EngineError> {
        let holder = self.account_of(contract.account, &contract.seller).await?;
        let billing = self.store().billing(holder.id).await?;
        let (account, billing) = self.who_pays(&contract, holder, billing).await?;
        let wish = OpenChange {
            contract: contract.id,
            selection: selection.clone(),
            return_url: None,
            cancel_url: None,
            supersedes: None,
        };
        let situation = Situation {
            change: self.new_change(&wish, asked, &contract)?,
            account,
            billing,
            contract,
            effects: Vec::new(),
            work: Work::default(),
        };
        let mut draft = Draft::new(self, *self.standing_on(situation).await?);
        draft.open(&Event::Opened { selection }, &asked.actor)?;
        draft.decide(&Event::AskQuote, &asked.actor)?;
        Ok(draft)
    }

    /// Brings the retail price of a client that pays itself to the provider, where it lacks it. A price is named by its content: making it
    /// twice makes it once, and one that nobody buys at harms nobody.
    async fn offer_licence(&self, client: &Client, playbook: &Playbook) -> Result<(), EngineError> {
        let Some(rules) = &playbook.policy.clients else {
            return Ok(());
        };
        let terms = client.terms(rules, None);
        let Some(price) = terms.licence_price else {
            return Ok(());
        };
        let licences = playbook.catalog.plans.iter().filter(|plan| {
            let listed = plan.price(price.currency, price.interval);
            rules.licences.contains(&plan.id) && listed.is_some_and(|listed| *listed != price)
        });
        let offered = Catalog {
            plans: licences
                .map(|plan| {
                    let mut plan = plan.clone();
                    plan.prices = vec![price.clone()];
                    plan
                })
                .collect(),
            ..Catalog::new(playbook.catalog.seller.clone())
        };
        if offered.plans.is_empty() {
            return Ok(());
        }
        let seller = self.sellers().get(&client.seller)?;
        let language = playbook.seller.language(None);
        Ok(seller.payments.offer(&offered, language).await?)
    }
}

fn same_price(one: &Contract, other: &Contract) -> bool {
    let price = |contract: &Contract| {
        contract
            .client
            .as_ref()
            .and_then(|client| client.licence_price.clone())
    };
    price(one) == price(other)
}

/// Whether what is wanted differs from what is held, in what is held or in what it costs.
fn moves(catalog: &Catalog, contract: &Contract, wanted: &Selection) -> Result<bool, Refusal> {
    let target = catalog
        .resolve(wanted, Some(contract))
        .map_err(|problems| Refusal::of_selection(&problems, "/settings/services"))?;
    Ok(!Differences::between(catalog, Some(contract), wanted, &target).nothing)
}
