use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::change::ChangeId;
use crate::engine::IssuedDocument;
use crate::ports::store::FiscalDocument;
use crate::web::WebState;
use crate::web::api::document::{ChangePath, CommandHeaders, CommandProblems, FindProblems};
use crate::web::api::show::{self, Answer, Page};
use crate::web::ask::{Caller, Command, Named};
use crate::web::problem::Problem;

/// The longest number.
const NUMBER_CHARACTERS_MAX: usize = 100;

/// The longest address.
const URL_CHARACTERS_MAX: usize = 2000;

/// A tax document that the seller's system has issued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFiscalDocument {
    /// Its number.
    #[schema(min_length = 1, max_length = 100, example = "NF-2026-000123")]
    pub number: String,
    /// Where the customer can read it: an `https` or `http` address.
    #[serde(default)]
    #[schema(max_length = 2000, example = "https://nf.example/000123.pdf")]
    pub url: Option<String>,
}

/// A tax document of a change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FiscalDocument)]
pub struct FiscalDocumentView {
    /// Its id here.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its number.
    pub number: String,
    /// Where the customer can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was handed in.
    pub at: Timestamp,
}

impl FiscalDocumentView {
    /// The document.
    pub fn of(document: FiscalDocument) -> Self {
        Self {
            id: document.id.to_string(),
            number: document.number,
            url: document.url,
            at: document.at,
        }
    }
}

impl NewFiscalDocument {
    fn checked(self) -> Result<IssuedDocument, Problem> {
        let number = self.number.trim().to_owned();
        let printable = !number.chars().any(char::is_control);
        if number.is_empty() || number.chars().count() > NUMBER_CHARACTERS_MAX || !printable {
            let detail = format!("`number` is a text of 1 to {NUMBER_CHARACTERS_MAX} characters.");
            return Err(Problem::field("/number", "invalid_value", detail));
        }
        if self.url.as_deref().is_some_and(|url| !can_be_followed(url)) {
            return Err(Problem::field(
                "/url",
                "invalid_value",
                "`url` is an `https` or `http` address.",
            ));
        }
        Ok(IssuedDocument {
            number,
            url: self.url,
        })
    }
}

fn can_be_followed(url: &str) -> bool {
    let parsed = url::Url::parse(url);
    let web = parsed.is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    web && url.chars().count() <= URL_CHARACTERS_MAX
}

/// List a change's tax documents
///
/// Oldest first, all of them.
#[utoipa::path(
    get,
    path = "/v1/changes/{id}/fiscal-documents",
    tag = "changes",
    params(ChangePath),
    responses((status = 200, description = "The documents.", body = Page<FiscalDocumentView>), FindProblems)
)]
pub async fn list_fiscal_documents(
    State(state): State<WebState>,
    caller: Caller,
    Named(change): Named<ChangeId>,
) -> Answer {
    let documents = state.engine.fiscal_documents(change, &caller.asked()).await?;
    Ok(show::page(
        documents.into_iter().map(FiscalDocumentView::of).collect(),
        None,
    ))
}

/// Hand a tax document back
///
/// It is mailed to the fiscal address and listed with the change. Handing the same number in again changes nothing and gives
/// the document that is there.
#[utoipa::path(
    post,
    path = "/v1/changes/{id}/fiscal-documents",
    tag = "changes",
    params(ChangePath, CommandHeaders),
    request_body = NewFiscalDocument,
    responses((status = 201, description = "The document.", body = FiscalDocumentView), CommandProblems)
)]
pub async fn add_fiscal_document(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<NewFiscalDocument>,
) -> Answer {
    let asked = command.asked_by_the_seller()?;
    let issued = command.body.checked()?;
    let present = |document: &FiscalDocument| {
        show::keep(StatusCode::CREATED, &FiscalDocumentView::of(document.clone()))
    };
    let added = state
        .engine
        .add_fiscal_document(change, &issued, &asked, &present);
    Ok(show::reply(added.await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(number: &str, url: Option<&str>) -> bool {
        let (number, url) = (number.to_owned(), url.map(str::to_owned));
        NewFiscalDocument { number, url }.checked().is_ok()
    }

    #[test]
    fn a_document_has_a_number_and_an_address_that_a_mail_can_link_to() {
        assert!(checked("NF-1", Some("https://nf.example/1.pdf")) && checked("NF-1", None));
        assert!(!checked("  ", None) && !checked("a\nb", None) && !checked(&"1".repeat(101), None));
        for bad in [
            "javascript:alert(1)",
            "nf.example/1",
            "ftp://nf.example/1",
            "https://",
        ] {
            assert!(!checked("NF-1", Some(bad)), "{bad}");
        }
    }
}
