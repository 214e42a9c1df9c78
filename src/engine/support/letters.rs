//! Letters as they were sent, for whoever is asked about them.

use uuid::Uuid;

use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;
use crate::domain::change::ChangeId;
use crate::engine::{Engine, EngineError};
use crate::ports::mail::Letter;
use crate::ports::store::{Channel, Departure};

/// How many mails of an account are listed.
const MAILS_MAX: u32 = 100;

impl Engine {
    /// A mail of a change, written anew from what is kept; nothing where there is no such mail, or where nobody is left to be told.
    pub async fn letter_of(
        &self,
        change: ChangeId,
        mail: Uuid,
        seller: Option<&SellerId>,
    ) -> Result<Option<Letter>, EngineError> {
        let dossier = self.dossier_of(change, seller).await?;
        let mut mails = dossier.departures.iter();
        let named = mails.find(|one| one.row.id == mail && one.row.channel == Channel::Mail);
        match named {
            Some(departure) => self.letter(&departure.row).await,
            None => Ok(None),
        }
    }

    /// The newest mails to an account about nothing that a change has done, the newest first. Empty where it is not one of this seller's.
    pub async fn mails_of_account(
        &self,
        account: AccountId,
        seller: Option<&SellerId>,
    ) -> Result<Vec<Departure>, EngineError> {
        let found = self.store().account(account).await?;
        let is_theirs = found.is_some_and(|(found, _)| seller.is_none_or(|seller| *seller == found.seller));
        if !is_theirs {
            return Ok(Vec::new());
        }
        Ok(self.store().account_mails(account, MAILS_MAX).await?)
    }

    /// One of [`Self::mails_of_account`], written anew as [`Self::letter_of`] does.
    pub async fn account_letter(
        &self,
        account: AccountId,
        mail: Uuid,
        seller: Option<&SellerId>,
    ) -> Result<Option<Letter>, EngineError> {
        let mails = self.mails_of_account(account, seller).await?;
        match mails.iter().find(|one| one.row.id == mail) {
            Some(departure) => self.letter(&departure.row).await,
            None => Ok(None),
        }
    }
}
