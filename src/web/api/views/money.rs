use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::language::Language;
use crate::domain::money::Money;
use crate::text;

/// An exact amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Money)]
pub struct MoneyView {
    /// In minor units, as many as the currency has at the payment provider: 1999 BRL is R$ 19,99. Negative amounts are credits.
    #[schema(example = 4217)]
    pub amount: i64,
    /// The currency.
    #[schema(example = "BRL")]
    pub currency: &'static str,
    /// As people read it.
    #[schema(example = "R$ 42,17")]
    pub text: String,
}

impl MoneyView {
    /// The amount, for readers of this language.
    pub fn of(language: Language, money: Money) -> Self {
        Self {
            amount: money.amount,
            currency: money.currency.code(),
            text: text::money(language, money),
        }
    }
}
