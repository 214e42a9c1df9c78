//! The customer's words in a problem: in the language of the account that the address names, else in the one that the
//! request accepts, else in English.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Problem;
use crate::domain::account::{Account, AccountId, ContractId};
use crate::domain::change::ChangeId;
use crate::domain::language::Language;
use crate::text;
use crate::web::WebState;
use crate::web::ask::Caller;

/// What the customer is told, in their language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Message {
    /// The language.
    #[schema(example = "pt-BR")]
    pub language: &'static str,
    /// What is the matter. Where the seller's rules lead elsewhere, the seller's own sentence.
    #[schema(example = "O valor não é mais o que você viu. Nada foi cobrado.")]
    pub text: String,
    /// What they can do now.
    #[schema(example = "Veja o novo valor e confirme se estiver de acordo.")]
    pub next: String,
}

impl Message {
    /// The words for this code, or the seller's own.
    pub fn of(code: &str, said: Option<&str>, language: Language) -> Self {
        let language = text::spoken(language);
        let words = text::problem::problem(language, code, &[]);
        Self {
            language: language.tag(),
            text: said.map_or(words.sentence, str::to_owned),
            next: words.next,
        }
    }
}

/// Tells the customer of an account in their language whatever goes wrong below its addresses.
///
/// Whose account it is, is looked up only then, and only for the seller whose it is.
pub async fn in_the_customers_language(
    State(state): State<WebState>,
    request: Request,
    next: Next,
) -> Response {
    let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let recognised = problem.status() != StatusCode::UNAUTHORIZED;
    let account = match named(&path).filter(|_| recognised) {
        Some(named) => named.account(&state, &headers).await,
        None => None,
    };
    if let Some(account) = account {
        return problem.told_in(account.language).instead_of(response);
    }
    response.extensions_mut().insert(problem);
    response
}

/// What an address of the API names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Account(AccountId),
    Contract(ContractId),
    Change(ChangeId),
}

fn named(path: &str) -> Option<Named> {
    let mut parts = path.strip_prefix("/v1/")?.split('/');
    let (kind, id) = (parts.next()?, Uuid::try_parse(parts.next()?).ok()?);
    match kind {
        "accounts" => Some(Named::Account(AccountId(id))),
        "contracts" => Some(Named::Contract(ContractId(id))),
        "changes" => Some(Named::Change(ChangeId(id))),
        _ => None,
    }
}

impl Named {
    /// The account, when it is the caller's.
    async fn account(self, state: &WebState, headers: &HeaderMap) -> Option<Account> {
        let Caller { seller } = Caller::of(headers, state).await.ok()?;
        let engine = &state.engine;
        let account = match self {
            Self::Account(id) => id,
            Self::Contract(id) => engine.contract_of(id, &seller).await.ok()?.account,
            Self::Change(id) => engine.change(id, &seller).await.ok()?.account.id,
        };
        engine.account_of(account, &seller).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{RefusalCode, TicketProblem};
    use crate::web::problem::EdgeCode;
    use crate::web::problem::table::{of_edge, of_refusal};

    /// Mistakes of the integration itself: the customer is told in general words, because they can do nothing about them.
    const THE_INTEGRATIONS_OWN: [EdgeCode; 16] = [
        EdgeCode::MethodNotAllowed,
        EdgeCode::ParameterInvalid,
        EdgeCode::ContentTypeUnsupported,
        EdgeCode::BodyMalformed,
        EdgeCode::BodyTooDeep,
        EdgeCode::BodyTooLarge,
        EdgeCode::IdempotencyKeyMissing,
        EdgeCode::IdempotencyKeyInvalid,
        EdgeCode::IdempotencyKeyReused,
        EdgeCode::IfMatchInvalid,
        EdgeCode::IfMatchMissing,
        EdgeCode::WebhookForged,
        EdgeCode::WebhookStale,
        EdgeCode::WebhookMalformed,
        EdgeCode::SellerUnknown,
        EdgeCode::StaffTaken,
    ];

    #[test]
    fn every_code_speaks_every_offered_language() {
        for language in text::OFFERED {
            for code in RefusalCode::ALL {
                assert!(
                    text::problem::has_own_words(language, code.as_str()),
                    "{code} in {language}"
                );
                let told = Problem::refusal(*code, "detail").told_in(language);
                let message = told.0.message.expect("a message");
                assert_eq!(message.language, language.tag());
                assert_ne!(
                    message.text,
                    of_refusal(*code).meaning,
                    "{code}: that is for the integrator"
                );
            }
            for problem in TicketProblem::ALL {
                let code = problem.as_str();
                assert!(
                    text::problem::has_own_words(language, code),
                    "{code} in {language}"
                );
            }
            for code in EdgeCode::ALL {
                let own = text::problem::has_own_words(language, of_edge(*code).code);
                assert_eq!(
                    own,
                    !THE_INTEGRATIONS_OWN.contains(code),
                    "{code:?} in {language}"
                );
                assert!(Problem::plain(*code).told_in(language).0.message.is_some());
            }
        }
    }

    #[test]
    fn the_sellers_own_sentence_comes_first_and_the_first_language_stays() {
        let told = Message::of("change_not_offered", Some("Fale com a gente."), Language::PtBr);
        assert_eq!(told.text, "Fale com a gente.");
        assert!(told.next.contains("suporte"), "{told:?}");
        let problem = Problem::plain(EdgeCode::NotFound).told_in(Language::PtBr);
        assert_eq!(
            problem.told_in(Language::En).0.message.map(|m| m.language),
            Some("pt-BR")
        );
    }

    #[test]
    fn an_address_names_whom_it_is_about() {
        let id = Uuid::from_u128(7);
        assert_eq!(
            named(&format!("/v1/changes/{id}/confirm")),
            Some(Named::Change(ChangeId(id)))
        );
        assert_eq!(
            named(&format!("/v1/contracts/{id}")),
            Some(Named::Contract(ContractId(id)))
        );
        for nobody in [
            "/v1/contracts",
            "/v1/changes/7/confirm",
            "/problems/not_found",
            "/v1/events",
        ] {
            assert_eq!(named(nobody), None, "{nobody}");
        }
    }
}
