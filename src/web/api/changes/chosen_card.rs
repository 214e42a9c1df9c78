//! The card that a command names: one that the provider keeps, or the one of a finished setup.

use crate::domain::change::{ChangeId, PaymentMethod};
use crate::engine::Asked;
use crate::web::WebState;
use crate::web::problem::Problem;

/// Which card.
#[derive(Debug, Clone)]
pub struct Card {
    /// A card that the provider keeps, from `cards`.
    pub card: Option<String>,
    /// A finished card setup.
    pub setup: Option<String>,
}

impl Card {
    /// The card, once it is known to be this customer's; nothing where none is named.
    pub async fn find(
        self,
        state: &WebState,
        change: ChangeId,
        asked: &Asked,
    ) -> Result<Option<PaymentMethod>, Problem> {
        match (self.card, self.setup) {
            (None, None) => Ok(None),
            (Some(card), None) => Ok(Some(state.engine.kept_card(change, &card, asked).await?)),
            (None, Some(setup)) => Ok(Some(state.engine.new_card(change, &setup, asked).await?)),
            (Some(_), Some(_)) => Err(one_of("Name either a `card` or a `setup`, not both.")),
        }
    }
}

/// A problem for a body that names too many cards, or none where one is needed.
pub fn one_of(detail: &str) -> Problem {
    Problem::field("/card", "one_of", detail)
}
