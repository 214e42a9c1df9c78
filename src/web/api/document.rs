//! The API reference as data: what the OpenAPI document says beyond the handlers themselves.

use std::collections::BTreeMap;

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, Modify, OpenApi};
use uuid::Uuid;

use crate::web::problem::{MEDIA_TYPE, ProblemBody};

/// The document before the handlers are added.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Changeover",
        description = "Carries a SaaS customer's plan change from the first click to an active plan, on top of Stripe.\n\n\
            **In short.** Create an account and a contract, open a change with the customer's selection, and do what its \
            `next_action` says until that is `none`. Where it says `wait`, read the change with `?wait=30`.\n\n\
            **Commands** carry an `Idempotency-Key`; the same request with the same key is carried out once, and its \
            repetitions get the first answer again with `Idempotency-Replayed: true`. A refused command has changed nothing \
            and is not remembered. `If-Match` with an `ETag` makes a command rely on what was read.\n\n\
            **Problems** are RFC 9457: branch on `code`; `type` leads to a page that says what it means and what to do. \
            `message` is for the customer, in their language.\n\n\
            **Amounts** are minor units of their currency and come with `text`, as the customer reads them."
    ),
    tags(
        (name = "accounts", description = "A seller's customers."),
        (name = "clients", description = "Clients of an agency: what is settled for each, and who pays."),
        (name = "contracts", description = "What an account holds, and what it would cost to hold something else."),
        (name = "changes", description = "From a selection to an active plan."),
        (name = "payment", description = "Cards and the bank's authentication. Card data never passes through here."),
        (
            name = "support",
            description = "What a seller's staff decides, and how it finds and frees what is stuck. Under a seller's key these \
                requests see that seller's changes; under the operator's key, those of all sellers."
        ),
        (name = "usage", description = "What may be used, what is, and what goes beyond."),
        (
            name = "tickets",
            description = "Requests to go down: what is asked, what would be lost, what both sides say, and who brings one by mail."
        ),
        (name = "staff", description = "Who works at the support console. For the installation's operator."),
        (name = "pages", description = "Sending customers to the hosted pages."),
        (name = "catalog", description = "What is sold, for the pages on which customers choose."),
        (name = "events", description = "What has happened, for the seller's systems."),
    ),
    components(schemas(ProblemBody)),
    security(("api_key" = [])),
    modifiers(&ApiKey),
)]
pub struct Start;

struct ApiKey;

impl Modify for ApiKey {
    fn modify(&self, document: &mut Document) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("cho_...")
            .description(Some(
                "An API key of the seller. Make one with `changeover keys create`.",
            ));
        let scheme = SecurityScheme::Http(bearer.build());
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("api_key", scheme);
    }
}

/// What every command carries.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described here; `Command` reads them")]
pub struct CommandHeaders {
    /// A fresh random value for each new request; the same one when this very request is repeated. 1 to 255 visible ASCII
    /// characters.
    #[param(rename = "Idempotency-Key", required = true, min_length = 1, max_length = 255)]
    idempotency_key: String,
}

/// What a command on a change can carry besides.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described here; `Command` reads them")]
pub struct ChangeHeaders {
    /// A fresh random value for each new request; the same one when this very request is repeated. 1 to 255 visible ASCII
    /// characters.
    #[param(rename = "Idempotency-Key", required = true, min_length = 1, max_length = 255)]
    idempotency_key: String,
    /// The `ETag` of the change that the command relies on. If it has moved since, nothing is done (412).
    #[param(rename = "If-Match", required = false)]
    if_match: Option<String>,
}

/// What a command carries that saves something whole.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described here; `Command` reads them")]
pub struct SaveHeaders {
    /// A fresh random value for each new request; the same one when this very request is repeated. 1 to 255 visible ASCII
    /// characters.
    #[param(rename = "Idempotency-Key", required = true, min_length = 1, max_length = 255)]
    idempotency_key: String,
    /// The `ETag` of what was read and is replaced; `*` replaces it whatever it is. If it has moved since, nothing is done (412);
    /// without it, nothing either (428).
    #[param(rename = "If-Match", required = true)]
    if_match: String,
}

macro_rules! id_in_path {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        $($(#[$doc])*
        #[derive(IntoParams)]
        #[into_params(parameter_in = Path)]
        #[expect(dead_code, reason = "only described here; `Named` reads it")]
        pub struct $name {
            /// Its id.
            id: Uuid,
        })*
    };
}

id_in_path! {
    /// The account in the address.
    AccountPath,
    /// The contract in the address.
    ContractPath,
    /// The change in the address.
    ChangePath,
}

/// The account and the card in the address.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described here; `CardOf` reads it")]
pub struct AccountCardPath {
    /// The account's id.
    id: Uuid,
    /// The provider's id of the card.
    card: String,
}

/// What can go wrong with every read.
pub struct ReadProblems;

/// What can go wrong with every read of something that has an id.
pub struct FindProblems;

/// What can go wrong with reading what the provider has.
pub struct PaymentProblems;

/// What can go wrong with a question that comes with a body.
pub struct QuestionProblems;

/// What can go wrong with every command.
pub struct CommandProblems;

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        described(&[
            ("400", "A parameter is wrong."),
            ("401", "The API key is missing or unknown."),
            ("403", "The key's seller is not served here."),
            ("500", "A defect of the service."),
            (
                "503",
                "The service or the payment provider cannot answer just now; `Retry-After` says when to come back.",
            ),
        ])
    }
}

impl IntoResponses for FindProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = ReadProblems::responses();
        all.extend(described(&[("404", "There is no such thing of this seller.")]));
        all
    }
}

impl IntoResponses for PaymentProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = FindProblems::responses();
        all.extend(described(&[
            ("409", "The state of things does not allow it."),
            ("502", "The payment provider refuses the request as such."),
        ]));
        all
    }
}

impl IntoResponses for QuestionProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = FindProblems::responses();
        all.extend(described(&[
            ("400", "The body cannot be read."),
            ("408", "The body did not arrive in time."),
            ("413", "The body is too large."),
            ("415", "The body is not declared as JSON."),
            ("422", "A field is wrong."),
        ]));
        all
    }
}

impl IntoResponses for CommandProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = QuestionProblems::responses();
        all.extend(PaymentProblems::responses());
        all.extend(described(&[
            ("400", "A header or the body cannot be read."),
            (
                "403",
                "The key's seller is not served here, or the person's role may not do this.",
            ),
            (
                "409",
                "The state of things does not allow it. Nothing was changed.",
            ),
            (
                "412",
                "It has moved since the version in `If-Match`. Nothing was changed.",
            ),
            (
                "428",
                "What is saved whole must name the version that it replaces, in `If-Match`.",
            ),
            (
                "422",
                "A field is wrong, or the idempotency key belongs to another request.",
            ),
        ]));
        all
    }
}

fn described(all: &[(&str, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let problem = || Content::new(Some(Ref::from_schema_name("Problem")));
    all.iter()
        .map(|(status, description)| {
            let response = ResponseBuilder::new()
                .description(*description)
                .content(MEDIA_TYPE, problem());
            ((*status).to_owned(), RefOr::T(response.build()))
        })
        .collect()
}
