//! Erasing a person: every row that holds their data is emptied, and the history stays, which names data by id and hash.

use super::{Asked, Engine, EngineError, Reply};
use crate::domain::account::{Account, AccountId};
use crate::domain::catalog::SellerId;
use crate::domain::change::{Refusal, RefusalCode};
use crate::ports::store::{ClientAnswer, Erasure, Traces, Written};

/// How what was erased, or would be, becomes the answer.
pub type PresentErased<'p> =
    &'p (dyn Fn(&Account, &Traces) -> Result<ClientAnswer, serde_json::Error> + Sync);

impl Engine {
    /// Reads an account of this seller, or of any for the operator.
    pub async fn account_for_staff(
        &self,
        id: AccountId,
        seller: Option<&SellerId>,
    ) -> Result<Account, EngineError> {
        let found = self.store().account(id).await?;
        found
            .map(|(account, _)| account)
            .filter(|account| seller.is_none_or(|seller| account.seller == *seller))
            .ok_or_else(|| no_account(id))
    }

    /// Erases a person's data, or says what would be erased. Refused while a change is under way: its calls need the data, and so
    /// does whoever must settle it. What the provider keeps of its customer is not ours to erase.
    pub async fn erase_account(
        &self,
        id: AccountId,
        dry_run: bool,
        asked: &Asked,
        present: PresentErased<'_>,
    ) -> Result<Reply, EngineError> {
        if !dry_run && let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let why = asked.actor.reason.as_deref().map(str::trim).unwrap_or_default();
        if why.is_empty() {
            let detail =
                "Whoever erases says why: send `support.reason`. It stays for good: no personal data.";
            return Err(Refusal::new(RefusalCode::ReasonMissing, detail)
                .at("/support/reason")
                .into());
        }
        let account = self.account_for_staff(id, Some(&asked.seller)).await?;
        let traces = self.store().traces(id).await?.ok_or_else(|| no_account(id))?;
        if let Some(change) = traces.under_way {
            return Err(EngineError::Blocked(change));
        }
        let answer = present(&account, &traces)?;
        if dry_run {
            return Ok(Reply {
                answer,
                replayed: false,
            });
        }
        let erasure = Erasure {
            account: id,
            at: self.now(),
            by: asked.actor.subject.clone().unwrap_or_default(),
            why: why.to_owned(),
        };
        match self.store().erase(erasure).await? {
            Written::Blocked(change) => return Err(EngineError::Blocked(change)),
            Written::Stale => return Err(no_account(id)),
            _ => {}
        }
        // Erasing is safe to repeat; the answer only spares a repetition the work. It must not name the account: the next erasure
        // would take it for a trace.
        let kept = match asked.keeping(&answer) {
            Some(request) => self.store().keep_answer(request).await?,
            None => Written::Done,
        };
        Reply::to(kept, answer)?.ok_or(EngineError::Contended)
    }
}

fn no_account(id: AccountId) -> EngineError {
    EngineError::NotFound {
        what: "account",
        id: id.to_string(),
    }
}
