//! `/v1/staff`: who works at the console. For the installation's operator alone.

pub mod add;
pub mod list;
pub mod update;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::engine::{StaffError, StaffMember};
use crate::ports::store::StaffRole;
use crate::web::WebState;
use crate::web::ask::Staff;
use crate::web::problem::{EdgeCode, Problem};

/// Under which name the operator stands in the list of who added whom.
const OPERATOR: &str = "operator";

/// The operator, by the key.
pub struct Operator;

impl FromRequestParts<WebState> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        match Staff::from_request_parts(parts, state).await? {
            Staff::Operator => Ok(Self),
            Staff::OfSeller(_) => Err(Problem::edge(
                EdgeCode::Forbidden,
                "Who works at the console is the operator's to say: this is a seller's key.",
            )),
        }
    }
}

/// What somebody may do at the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StaffRole)]
pub enum RoleWord {
    /// Reads, and acts on changes.
    Agent,
    /// The same; adds and disables people, and erases people's data.
    Lead,
}

/// Somebody who works at the console.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StaffMember)]
pub struct StaffBody {
    /// The name that they sign in with, and that histories know them by.
    #[schema(example = "agent-7")]
    login: String,
    /// What they may do.
    role: RoleWord,
    /// The one seller whose customers they see; those of all where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "clint")]
    seller: Option<String>,
    /// Who added them.
    added_by: String,
    /// When.
    created_at: Timestamp,
    /// When they were disabled, if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<Timestamp>,
}

impl StaffBody {
    fn of(person: &StaffMember) -> Self {
        Self {
            login: person.login.clone(),
            role: match person.role {
                StaffRole::Agent => RoleWord::Agent,
                StaffRole::Lead => RoleWord::Lead,
            },
            seller: person.seller.as_ref().map(ToString::to_string),
            added_by: person.added_by.clone(),
            created_at: person.created_at,
            disabled_at: person.disabled.as_ref().map(|(at, _)| *at),
        }
    }
}

/// The name in the address.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described here; the handler reads it")]
pub struct LoginPath {
    /// Somebody's name.
    login: String,
}

/// Somebody, as an address names them.
pub struct NamedLogin(pub String);

impl FromRequestParts<WebState> for NamedLogin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let named = Path::<String>::from_request_parts(parts, state).await;
        named.map(|Path(login)| Self(login)).map_err(|_| nobody())
    }
}

fn nobody() -> Problem {
    Problem::edge(EdgeCode::NotFound, "There is nobody of this name.")
}

/// Why somebody's entry was not written.
fn problem(error: StaffError) -> Problem {
    let detail = format!("{error}.");
    match error {
        StaffError::Login => Problem::field("/login", "invalid", detail),
        StaffError::Password => Problem::field("/password", "out_of_bounds", detail),
        StaffError::Seller => Problem::field("/seller", "unknown", detail),
        StaffError::Taken => Problem::plain(EdgeCode::StaffTaken),
        StaffError::Nobody => nobody(),
        StaffError::Engine(error) => error.into(),
    }
}
