//! Cards: kept by the provider, never seen here. This file only turns a customer's choice into a card that is theirs.

use super::fingerprint::digest;
use super::footing::Footing;
use super::{Asked, Engine, EngineError};
use crate::domain::change::{ChangeId, PaymentMethod, Refusal, RefusalCode, Stage, read_stage};
use crate::ports::payments::{CardSetup, CardSetupOutcome, ReadError};
use crate::ports::store::{ClientAnswer, Situation, Written};

impl Engine {
    /// Begins to keep a new card for the customer of a change. The secret goes to the customer's browser and nowhere else:
    /// what is kept for repetitions of the request is the setup's id alone, and the provider, asked again under the same
    /// key, says the same secret again. `true` where it is such a repetition.
    pub async fn begin_card_setup(
        &self,
        change: ChangeId,
        asked: &Asked,
    ) -> Result<(CardSetup, bool), EngineError> {
        let before = self.replay(asked).await?.map(|reply| reply.answer);
        let situation = self.situation_of(change, &asked.seller).await?;
        let customer = customer(&situation)?;
        let payments = &self.sellers().get(&asked.seller)?.payments;
        let begun = payments
            .begin_card_setup(customer, &self.setup_key(change, asked))
            .await?;
        let answer = ClientAnswer {
            status: 200,
            body: serde_json::to_vec(&begun.id)?,
        };
        let Some(request) = asked.keeping(&answer) else {
            return Ok((begun, false));
        };
        if let Some(before) = before {
            // Once the provider has forgotten the key, it begins anew: nothing is lost by that, but it is no repetition.
            return Ok((begun, before == answer));
        }
        match self.store().keep_answer(request).await? {
            Written::KeyReused => Err(EngineError::KeyReused),
            Written::Replayed(kept) => Ok((begun, kept == answer)),
            Written::Done | Written::Stale | Written::Blocked(_) | Written::CustomerBusy => {
                Ok((begun, false))
            }
        }
    }

    /// The provider's key: one for each key of the client, so that two requests begin two setups.
    fn setup_key(&self, change: ChangeId, asked: &Asked) -> String {
        let own = asked.key.as_ref().map_or_else(
            || self.parts.ids.new_id(self.now()).to_string(),
            |key| digest(key.key.as_bytes()),
        );
        format!("changeover-{change}-card-{own}")
    }

    /// The cards that the provider keeps for the customer of a change.
    pub async fn cards(&self, change: ChangeId, asked: &Asked) -> Result<Vec<PaymentMethod>, EngineError> {
        match self.paying_customer(change, asked).await? {
            Some(customer) => Ok(self
                .sellers()
                .get(&asked.seller)?
                .payments
                .cards(&customer)
                .await?),
            None => Ok(Vec::new()),
        }
    }

    /// The provider's customer of a change. One that an account has stays the same, so that it can be remembered.
    async fn paying_customer(&self, change: ChangeId, asked: &Asked) -> Result<Option<String>, EngineError> {
        let theirs = |footing: &Footing| {
            let Situation { change, account, .. } = &footing.situation;
            let customer = account.provider_customer.as_ref();
            customer.filter(|_| change.seller == asked.seller).cloned()
        };
        if let Some(customer) = self.recent.look(change, self.now(), theirs) {
            return Ok(Some(customer));
        }
        let situation = self.situation_of(change, &asked.seller).await?;
        Ok(situation.account.provider_customer)
    }

    /// The card of a finished setup, when it is this customer's.
    pub async fn new_card(
        &self,
        change: ChangeId,
        setup: &str,
        asked: &Asked,
    ) -> Result<PaymentMethod, EngineError> {
        let situation = self.situation_of(change, &asked.seller).await?;
        let customer = customer(&situation)?;
        let payments = &self.sellers().get(&asked.seller)?.payments;
        let outcome = match payments.card_setup(customer, setup).await {
            Err(ReadError::NotFound(_)) => CardSetupOutcome::Foreign,
            other => other?,
        };
        match outcome {
            CardSetupOutcome::Kept(method) => Ok(method),
            CardSetupOutcome::Unfinished => {
                let detail =
                    "The customer has not finished giving this card. Let them finish, or begin again.";
                Err(Refusal::new(RefusalCode::PaymentMethodUnusable, detail)
                    .at("/setup")
                    .into())
            }
            CardSetupOutcome::Foreign => Err(foreign("/setup").into()),
        }
    }

    /// A kept card by its id, when it is this customer's.
    pub async fn kept_card(
        &self,
        change: ChangeId,
        method: &str,
        asked: &Asked,
    ) -> Result<PaymentMethod, EngineError> {
        let cards = self.cards(change, asked).await?;
        cards
            .into_iter()
            .find(|card| card.id == method)
            .ok_or_else(|| foreign("/payment_method").into())
    }

    /// The secret with which the customer's browser can authenticate the waiting payment.
    pub async fn client_secret(
        &self,
        change: ChangeId,
        asked: &Asked,
    ) -> Result<Option<String>, EngineError> {
        let situation = self.situation_of(change, &asked.seller).await?;
        let stage = read_stage(&situation.change.stage)?;
        let (Stage::ActionRequired { invoice, .. } | Stage::Declined { invoice, .. }) = stage else {
            return Ok(None);
        };
        Ok(self
            .sellers()
            .get(&asked.seller)?
            .payments
            .client_secret(&invoice.id)
            .await?)
    }
}

fn customer(situation: &Situation) -> Result<&str, Refusal> {
    situation.account.provider_customer.as_deref().ok_or_else(|| {
        let detail = "The provider does not know this customer yet. Send the billing data first.";
        Refusal::new(RefusalCode::BillingInfoMissing, detail)
    })
}

fn foreign(pointer: &str) -> Refusal {
    let detail = "This card is not one of this customer's. List the cards, or begin a new one.";
    Refusal::new(RefusalCode::PaymentMethodUnusable, detail).at(pointer)
}
