//! The way to pay that a command names: a card that the provider keeps, the one of a finished setup, or a voucher.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::change::{ChangeId, Means, VoucherKind};
use crate::engine::Asked;
use crate::web::WebState;
use crate::web::problem::Problem;

/// Which way.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// A card that the provider keeps, from `cards`.
    pub card: Option<String>,
    /// A finished card setup.
    pub setup: Option<String>,
    /// A way by which the customer sends the money.
    pub method: Option<SentByCustomer>,
}

/// A way to pay by which the customer sends the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SentByCustomer {
    /// A boleto: paid at a bank, within days.
    Boleto,
    /// A Pix: a code to scan, within minutes.
    Pix,
}

impl Chosen {
    /// The way to pay, a card once it is known to be this customer's; nothing where none is named.
    pub async fn find(
        self,
        state: &WebState,
        change: ChangeId,
        asked: &Asked,
    ) -> Result<Option<Means>, Problem> {
        let card = match (self.card, self.setup, self.method) {
            (None, None, None) => return Ok(None),
            (Some(card), None, None) => state.engine.kept_card(change, &card, asked).await?,
            (None, Some(setup), None) => state.engine.new_card(change, &setup, asked).await?,
            (None, None, Some(sent)) => {
                let voucher = match sent {
                    SentByCustomer::Boleto => VoucherKind::Boleto,
                    SentByCustomer::Pix => VoucherKind::Pix,
                };
                return Ok(Some(Means::Voucher { voucher }));
            }
            _ => return Err(one_of("Name one of `card`, `setup` and `method`.")),
        };
        Ok(Some(Means::Card(card)))
    }
}

/// A problem for a body that names too many ways to pay, or none where one is needed.
pub fn one_of(detail: &str) -> Problem {
    Problem::field("/card", "one_of", detail)
}
