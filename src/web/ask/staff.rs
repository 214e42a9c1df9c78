//! Support's requests: under a seller's key they see that seller's changes, under the operator's key those of all.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use super::command::{Guarantees, guarantees};
use super::key::{bearer, hash_of_key};
use super::{Caller, json};
use crate::domain::catalog::SellerId;
use crate::domain::change::Actor;
use crate::engine::Asked;
use crate::web::WebState;
use crate::web::problem::Problem;

/// What of an installation somebody may see as support.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Staff {
    /// The changes of one seller: its backend vouches for its people.
    OfSeller(SellerId),
    /// The changes of all sellers: the installation's own operator.
    Operator,
}

impl Staff {
    /// The seller that they are limited to, if they are.
    pub fn seller(&self) -> Option<&SellerId> {
        match self {
            Self::OfSeller(seller) => Some(seller),
            Self::Operator => None,
        }
    }

    async fn of(headers: &HeaderMap, state: &WebState) -> Result<Self, Problem> {
        let given = bearer(headers).map(hash_of_key);
        if let (Some(given), Some(operator)) = (given, state.operator)
            && bool::from(given.ct_eq(&operator))
        {
            return Ok(Self::Operator);
        }
        Ok(Self::OfSeller(Caller::of(headers, state).await?.seller))
    }
}

impl FromRequestParts<WebState> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        Self::of(&parts.headers, state).await
    }
}

/// An order of support.
#[derive(Debug, Clone)]
pub struct StaffCommand<T> {
    /// Who may see what.
    pub staff: Staff,
    /// What it says.
    pub body: T,
    guarantees: Guarantees,
}

impl<T> StaffCommand<T> {
    /// The order as the engine is asked, about a change of this seller. The operator's keys are not the seller's: they have a
    /// room of their own among them.
    pub fn asked(&self, seller: SellerId, actor: Actor) -> Asked {
        let mut key = self.guarantees.key.clone();
        if self.staff == Staff::Operator {
            key.key = format!("operator {}", key.key);
        }
        Asked {
            seller,
            actor,
            key: Some(key),
            expected_version: self.guarantees.expected_version,
        }
    }
}

impl<T: DeserializeOwned> FromRequest<WebState> for StaffCommand<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Problem> {
        let (mut parts, content) = request.into_parts();
        let staff = Staff::from_request_parts(&mut parts, state).await?;
        let (guarantees, bytes) = guarantees(&parts, content).await?;
        Ok(Self {
            staff,
            body: json::parse(&bytes)?,
            guarantees,
        })
    }
}
