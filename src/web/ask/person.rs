//! People, as a request names them.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::domain::account::{AccountId, Permission};
use crate::domain::catalog::Playbook;
use crate::domain::change::{Actor, permitted};
use crate::engine::EngineError;
use crate::web::problem::{EdgeCode, Problem};

/// The most characters of a person's name.
const NAME_CHARACTERS_MAX: usize = 200;

/// A person's name, as people read it.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct PersonName(String);

/// Why a text is no name.
#[derive(Debug, thiserror::Error)]
#[error("a person's name is 1 to {NAME_CHARACTERS_MAX} characters of plain text")]
pub struct NoName;

impl TryFrom<String> for PersonName {
    type Error = NoName;

    fn try_from(name: String) -> Result<Self, NoName> {
        let name = name.trim().to_owned();
        let fits = (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count());
        if fits && !name.chars().any(char::is_control) {
            Ok(Self(name))
        } else {
            Err(NoName)
        }
    }
}

impl PersonName {
    /// The name.
    pub fn into_inner(self) -> String {
        self.0
    }
}

/// On whose behalf something is read. Without a role the seller's backend reads for itself, and is shown everything.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReaderQuery {
    /// The person's role in the account, in the words of the workflow file.
    #[serde(default)]
    #[param(example = "owner")]
    pub role: Option<String>,
    /// The single permissions that the person has besides, with commas between them.
    #[serde(default)]
    #[param(example = "billing")]
    pub permissions: Option<String>,
    /// The account whose people they are, where that is another one: the agency's.
    #[serde(default)]
    pub account: Option<Uuid>,
}

impl ReaderQuery {
    /// The person, when there is one.
    pub fn actor(&self) -> Result<Option<Actor>, Problem> {
        let Some(role) = &self.role else {
            return Ok(None);
        };
        let words = self.permissions.as_deref().unwrap_or_default();
        let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
        let permissions: Result<Vec<Permission>, _> = words.map(str::parse).collect();
        let permissions = permissions.map_err(|problem: crate::domain::account::UnknownPermission| {
            Problem::edge(EdgeCode::ParameterInvalid, format!("`permissions`: {problem}."))
        })?;
        let actor = Actor::customer(role.clone(), None).permitted(permissions);
        Ok(Some(actor.of(self.account.map(AccountId))))
    }

    /// The same, once it is known that they may see what an account holds and pays.
    pub fn viewer(&self, playbook: &Playbook) -> Result<Option<Actor>, Problem> {
        let actor = self.actor()?;
        if let Some(actor) = &actor {
            permitted(playbook, actor, Permission::View).map_err(EngineError::from)?;
        }
        Ok(actor)
    }
}
