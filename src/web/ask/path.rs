//! Ids in addresses.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use uuid::Uuid;

use crate::domain::account::{AccountId, ContractId};
use crate::domain::change::ChangeId;
use crate::domain::change::stuck::Action;
use crate::web::WebState;
use crate::web::problem::{EdgeCode, Problem};

/// The id that the address names. What cannot be an id names nothing.
#[derive(Debug, Clone, Copy)]
pub struct Named<T>(pub T);

/// An id that can stand in an address.
pub trait PathId {
    /// What it names, as a problem speaks of it.
    const WHAT: &'static str;

    /// The id.
    fn of(id: Uuid) -> Self;
}

macro_rules! path_id {
    ($($name:ident = $what:literal,)*) => {
        $(impl PathId for $name {
            const WHAT: &'static str = $what;

            fn of(id: Uuid) -> Self {
                Self(id)
            }
        })*
    };
}

path_id! {
    AccountId = "account",
    ContractId = "contract",
    ChangeId = "change",
}

impl<T: PathId> FromRequestParts<WebState> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let named = Path::<String>::from_request_parts(parts, state).await;
        let id = named.ok().and_then(|Path(text)| Uuid::try_parse(&text).ok());
        id.map(|id| Self(T::of(id))).ok_or_else(|| {
            let detail = format!("The address does not name a {}: an id is a UUID.", T::WHAT);
            Problem::edge(EdgeCode::NotFound, detail)
        })
    }
}

/// The change and the action of support that the address names.
#[derive(Debug, Clone, Copy)]
pub struct ActionOn {
    /// The change.
    pub change: ChangeId,
    /// What is to be done to it.
    pub action: Action,
}

impl FromRequestParts<WebState> for ActionOn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let nowhere = |detail: &str| Problem::edge(EdgeCode::NotFound, detail);
        let named = Path::<(String, String)>::from_request_parts(parts, state).await;
        let (change, action) = named.map_or_else(|_| Default::default(), |Path(named)| named);
        let change = Uuid::try_parse(&change)
            .map_err(|_| nowhere("The address does not name a change: an id is a UUID."))?;
        let action = action.parse().map_err(|_| {
            nowhere("The address does not name an action: `resume`, `retry`, `refresh`, `cancel` or `note`.")
        })?;
        Ok(Self {
            change: ChangeId(change),
            action,
        })
    }
}

/// The account and the card that the address names.
#[derive(Debug, Clone)]
pub struct CardOf {
    /// The account.
    pub account: AccountId,
    /// The provider's id of the card.
    pub card: String,
}

impl FromRequestParts<WebState> for CardOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let named = Path::<(String, String)>::from_request_parts(parts, state).await;
        let named = named.ok().and_then(|Path((account, card))| {
            let account = Uuid::try_parse(&account).ok()?;
            let known = (1..=255).contains(&card.len()) && card.bytes().all(|byte| byte.is_ascii_graphic());
            known.then_some((account, card))
        });
        let (account, card) = named.ok_or_else(|| {
            Problem::edge(
                EdgeCode::NotFound,
                "The address does not name an account and one of its cards.",
            )
        })?;
        Ok(Self {
            account: AccountId(account),
            card,
        })
    }
}
