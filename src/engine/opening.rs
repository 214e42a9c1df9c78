//! Opening a change: the one command that has no change to read yet.

use super::changes::Present;
use super::drafting::Draft;
use super::{Asked, Engine, EngineError, Reply};
use crate::domain::account::{Account, Contract, ContractId};
use crate::domain::catalog::{Selection, SellerProfile};
use crate::domain::change::stuck::Work;
use crate::domain::change::{
    BillingOnFile, ChangeId, Event, Refusal, RefusalCode, Stage, machine_version, write_stage,
};
use crate::ports::store::{ChangeRow, Grounds, Situation};

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
        let grounds = self.store().grounds(wish.contract).await?;
        let Grounds {
            account,
            billing,
            contract,
            open,
        } = grounds
            .filter(|grounds| grounds.contract.seller == asked.seller)
            .ok_or_else(|| EngineError::no_contract(wish.contract))?;
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
            return_url: wish.return_url.clone(),
            cancel_url: wish.cancel_url.clone(),
            succeeds: None,
            created_at: now,
            updated_at: now,
            journal_head: [0; 32],
        })
    }
}

fn check_way_back(seller: &SellerProfile, pointer: &str, url: Option<&str>) -> Result<(), Refusal> {
    if url.is_none_or(|url| seller.may_return_to(url)) {
        return Ok(());
    }
    let detail = format!(
        "The workflow file allows return addresses that begin with: {}.",
        seller.return_urls.join(", ")
    );
    Err(Refusal::new(RefusalCode::SelectionInvalid, detail).at(pointer))
}
