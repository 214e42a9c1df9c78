//! Opening a change: the one command that has no change to read yet.

use super::changes::Present;
use super::drafting::Draft;
use super::view::ChangeView;
use super::{Asked, Engine, EngineError, Reply, Wish};
use crate::domain::account::{Account, Contract, ContractId};
use crate::domain::catalog::{Selection, SellerId, SellerProfile};
use crate::domain::change::stuck::Work;
use crate::domain::change::{
    BillingOnFile, ChangeId, Event, Refusal, RefusalCode, Stage, machine_version, write_stage,
};
use crate::ports::store::{ChangeRow, ClientAnswer, Grounds, Situation};

/// What is asked when a change is opened.
#[derive(Debug, Clone)]
pub struct OpenChange {
    /// On which contract.
    pub contract: ContractId,
    /// What the customer wants.
    pub selection: Selection,
    /// Where the customer goes back to.
    pub return_url: Option<String>,
    /// Where they go back to when they give it up.
    pub cancel_url: Option<String>,
    /// The older change that it takes the place of, with the customer's consent: that one is given up first, safely.
    pub supersedes: Option<ChangeId>,
}

impl Engine {
    /// Opens a change. Another one that is open on the same contract is named in the refusal.
    pub async fn open_change(
        &self,
        wish: &OpenChange,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Reply, EngineError> {
        let opened = self.open_anew(wish, asked, present).await;
        self.or_replay(asked, opened).await
    }

    pub(super) async fn open_anew(
        &self,
        wish: &OpenChange,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Reply, EngineError> {
        let seller = self.sellers().get(&asked.seller)?;
        let profile = &seller.playbook.seller;
        check_way_back(profile, "/return_url", wish.return_url.as_deref())?;
        check_way_back(profile, "/cancel_url", wish.cancel_url.as_deref())?;
        if let Some(older) = wish.supersedes {
            self.give_up_for_another(older, wish.contract, asked).await?;
        }
        let Grounds {
            account,
            billing,
            contract,
            open,
        } = self.grounds_of(wish.contract, &asked.seller).await?;
        if let Some(open) = open {
            return Err(EngineError::Blocked(open));
        }
        let (account, billing) = self.who_pays(&contract, account, billing).await?;
        let situation = Situation {
            change: self.new_change(wish, asked, &contract)?,
            account,
            billing,
            contract,
            effects: Vec::new(),
            work: Work::default(),
        };
        let mut draft = Draft::new(self, *self.standing_on(situation).await?);
        draft.open(
            &Event::Opened {
                selection: wish.selection.clone(),
            },
            &asked.actor,
        )?;
        match self.write(draft, asked, present).await? {
            Some(reply) => Ok(reply),
            None => Err(EngineError::Contended),
        }
    }

    /// The account that is charged, and its billing data: another one's, where an agency pays for its client.
    pub(super) async fn who_pays(
        &self,
        contract: &Contract,
        holder: Account,
        billing: Option<BillingOnFile>,
    ) -> Result<(Account, Option<BillingOnFile>), EngineError> {
        let payer = contract.payer();
        if payer == holder.id {
            return Ok((holder, billing));
        }
        let billing = self.store().billing(payer).await?;
        Ok((self.account_of(payer, &contract.seller).await?, billing))
    }

    /// Gives an older change of the contract up. Where its payment is on its way, that takes a moment, and money that has moved
    /// already wins: then the new change is refused until the older one is over, one way or the other.
    async fn give_up_for_another(
        &self,
        older: ChangeId,
        contract: ContractId,
        asked: &Asked,
    ) -> Result<(), EngineError> {
        let situation = self.situation_of(older, &asked.seller).await?;
        if situation.change.contract != contract {
            return Err(EngineError::no_change(older));
        }
        if !situation.change.open && !situation.change.is_promised() {
            return Ok(());
        }
        let why = "superseded".to_owned();
        let by = Asked {
            key: None,
            expected_version: None,
            ..asked.clone()
        };
        let nothing = |_: &ChangeView| {
            Ok(ClientAnswer {
                status: 200,
                body: Vec::new(),
            })
        };
        let wish = Wish::Event(Event::Cancel { why });
        match self.submit(older, &wish, &by, &nothing).await {
            // It is being given up already, or has just ended by itself.
            Ok(_) => {}
            Err(EngineError::Refused(refusal))
                if matches!(
                    refusal.code,
                    RefusalCode::ChangeClosed | RefusalCode::NotAllowedHere
                ) => {}
            Err(problem) => return Err(problem),
        }
        if self.situation_of(older, &asked.seller).await?.change.open {
            let detail = format!(
                "{} is being given up first, so that nothing is charged twice. Ask again in a moment, under the same key.",
                older.reference()
            );
            return Err(Refusal::new(RefusalCode::PaymentInFlight, detail).into());
        }
        Ok(())
    }

    /// What opening a change looks at.
    pub(super) async fn grounds_of(
        &self,
        contract: ContractId,
        seller: &SellerId,
    ) -> Result<Grounds, EngineError> {
        let grounds = self.store().grounds(contract).await?;
        grounds
            .filter(|grounds| grounds.contract.seller == *seller)
            .ok_or_else(|| EngineError::no_contract(contract))
    }

    pub(super) fn new_change(
        &self,
        wish: &OpenChange,
        asked: &Asked,
        contract: &Contract,
    ) -> Result<ChangeRow, EngineError> {
        let now = self.now();
        let stage = Stage::Draft {
            selection: wish.selection.clone(),
            problem: None,
        };
        let id = ChangeId(self.parts.ids.new_id(now));
        Ok(ChangeRow {
            id,
            reference: id.reference(),
            seller: asked.seller.clone(),
            account: contract.payer(),
            contract: contract.id,
            workflow: self.sellers().get(&asked.seller)?.playbook.version.clone(),
            version: 0,
            stage: write_stage(&stage)?,
            stage_name: stage.full_name(),
            machine_version: machine_version(),
            open: true,
            entered_at: now,
            asked: 0,
            last_asked: None,
            reminded: 0,
            concern_at: None,
            invoice: None,
            payment_intent: None,
            return_url: wish.return_url.clone(),
            cancel_url: wish.cancel_url.clone(),
            succeeds: None,
            created_at: now,
            updated_at: now,
            journal_head: [0; 32],
        })
    }
}

/// A way back must be one that the workflow file allows.
pub(super) fn check_way_back(
    seller: &SellerProfile,
    pointer: &str,
    url: Option<&str>,
) -> Result<(), Refusal> {
    if url.is_none_or(|url| seller.may_return_to(url)) {
        return Ok(());
    }
    let detail = format!(
        "The workflow file allows return addresses that begin with: {}.",
        seller.return_urls.join(", ")
    );
    Err(Refusal::new(RefusalCode::SelectionInvalid, detail).at(pointer))
}
