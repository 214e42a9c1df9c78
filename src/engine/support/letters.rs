//! Letters as they were sent, for whoever is asked about them.

use uuid::Uuid;

use crate::domain::catalog::SellerId;
use crate::domain::change::ChangeId;
use crate::engine::{Engine, EngineError};
use crate::ports::mail::Letter;
use crate::ports::store::Channel;

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
}
