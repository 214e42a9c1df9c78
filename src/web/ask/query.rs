//! What an address asks for behind its question mark.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::ports::store::PageAsk;
use crate::web::WebState;
use crate::web::problem::{EdgeCode, Problem};

/// The parameters of an address.
#[derive(Debug, Clone)]
pub struct Asking<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<WebState> for Asking<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => Err(Problem::edge(
                EdgeCode::ParameterInvalid,
                format!("{}.", rejection.body_text()),
            )),
        }
    }
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next` of the page before; left out for the first page.
    #[serde(default)]
    #[param(default = 0, minimum = 0)]
    pub after: u64,
    /// At most how many.
    #[serde(default = "fifty")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    pub limit: u32,
}

/// Which part of a list that is in the order of its ids.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AfterQuery {
    /// The `next` of the page before; left out for the first page.
    pub after: Option<Uuid>,
}

/// How many entries a page has when its reader does not say.
const fn fifty() -> u32 {
    50
}

impl PageQuery {
    /// The page as the store knows it.
    pub fn page(self) -> Result<PageAsk, Problem> {
        let Self { after, limit } = self;
        if (1..=200).contains(&limit) {
            Ok(PageAsk { after, limit })
        } else {
            let detail = format!("`limit` is {limit}; it can be 1 to 200.");
            Err(Problem::edge(EdgeCode::ParameterInvalid, detail))
        }
    }

    /// The `next` of a page that holds so many entries and ends at this position; nothing when it is the last.
    pub fn next(self, held: usize, last: Option<u64>) -> Option<u64> {
        last.filter(|_| usize::try_from(self.limit).is_ok_and(|limit| held >= limit))
    }
}
