//! Commands: requests that change something, each carried out once however often it is sent.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Caller, body, etag, json};
use crate::domain::account::{AccountId, Permission};
use crate::domain::change::Actor;
use crate::engine::{Asked, ClientKey};
use crate::web::WebState;
use crate::web::problem::{EdgeCode, Problem};

/// The most bytes of a command.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// A command: who calls, under which key, relying on which version, and what they say.
#[derive(Debug, Clone)]
pub struct Command<T> {
    /// Whose key it carries.
    pub caller: Caller,
    /// What it says.
    pub body: T,
    guarantees: Guarantees,
}

/// Under which guarantees a command is carried out.
#[derive(Debug, Clone)]
pub(super) struct Guarantees {
    /// The client's idempotency key, with the fingerprint of the request.
    pub(super) key: ClientKey,
    /// The version that it relies on, if it relies on one.
    pub(super) expected_version: Option<u64>,
    /// Whether it says at all what it relies on; `*` says: on nothing.
    pub(super) says_what_it_relies_on: bool,
}

impl<T> Command<T> {
    /// The command as the engine is asked, on behalf of somebody.
    pub fn asked(&self, actor: Actor) -> Asked {
        Asked {
            seller: self.caller.seller.clone(),
            actor,
            key: Some(self.guarantees.key.clone()),
            expected_version: self.guarantees.expected_version,
        }
    }

    /// The same for what is saved whole: it must say which version it replaces.
    pub fn asked_to_replace(&self, actor: Actor) -> Result<Asked, Problem> {
        if self.guarantees.says_what_it_relies_on {
            Ok(self.asked(actor))
        } else {
            Err(Problem::plain(EdgeCode::IfMatchMissing))
        }
    }

    /// The same for what makes something new: there is no version yet that it could rely on.
    pub fn asked_anew(&self, actor: Actor) -> Result<Asked, Problem> {
        match self.guarantees.expected_version {
            None => Ok(self.asked(actor)),
            Some(_) => Err(Problem::edge(
                EdgeCode::IfMatchInvalid,
                "This command takes no `If-Match`: it relies on no version. Nothing was done.",
            )),
        }
    }

    /// The same for what the seller's own systems do, on nobody's behalf.
    pub fn asked_by_the_seller(&self) -> Result<Asked, Problem> {
        self.asked_anew(Actor::system())
    }
}

impl<T: DeserializeOwned> FromRequest<WebState> for Command<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Problem> {
        let (mut parts, content) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, state).await?;
        let (guarantees, bytes) = guarantees(&parts, content).await?;
        Ok(Self {
            caller,
            body: json::parse(&bytes)?,
            guarantees,
        })
    }
}

/// Reads what every command carries, and its body.
pub(super) async fn guarantees(parts: &Parts, content: Body) -> Result<(Guarantees, Bytes), Problem> {
    let key = idempotency_key(&parts.headers)?;
    let expected_version = etag::expected(&parts.headers)?;
    let bytes = body::raw(content, BODY_BYTES_MAX).await?;
    json::check_content_type(&parts.headers, &bytes)?;
    let fingerprint = fingerprint(&parts.method, parts.uri.path(), &bytes);
    let guarantees = Guarantees {
        key: ClientKey { key, fingerprint },
        expected_version,
        says_what_it_relies_on: parts.headers.contains_key(header::IF_MATCH),
    };
    Ok((guarantees, bytes))
}

/// The body of a request that asks much and changes nothing, so that it needs no key.
pub async fn question<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    let (parts, content) = request.into_parts();
    let bytes = body::raw(content, BODY_BYTES_MAX).await?;
    json::check_content_type(&parts.headers, &bytes)?;
    json::parse(&bytes)
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(value) = given.next() else {
        return Err(Problem::plain(EdgeCode::IdempotencyKeyMissing));
    };
    let key = value.as_bytes();
    let visible = (1..=255).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(key) if visible && given.next().is_none() => Ok(key.to_owned()),
        _ => Err(Problem::plain(EdgeCode::IdempotencyKeyInvalid)),
    }
}

/// Tells two requests under one key apart. A method and a path hold no line break, so that the three cannot be confused.
pub fn fingerprint(method: &Method, path: &str, body: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(method.as_str());
    hasher.update(b"\n");
    hasher.update(path);
    hasher.update(b"\n");
    hasher.update(body);
    hasher.finalize().into()
}

/// The person on whose behalf a seller's backend acts.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActorBody {
    /// The person's role in the account, in the words of the workflow file. The seller's backend vouches for it.
    #[schema(example = "owner")]
    role: String,
    /// Who exactly, as an id that means something to the seller alone. Never a name or a mail address: it stays in the history
    /// for good.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100, example = "user_1042")]
    id: Option<OpaqueId>,
    /// The single permissions that the person has besides the role, where the workflow file names such: `change_plan`,
    /// `billing`, `view`, `manage_clients`, `wallet`.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 5, example = json!(["billing"]))]
    permissions: Permissions,
    /// The account whose people they are, where that is not the one that is acted on: the agency's, when one of its people acts
    /// for a client.
    #[serde(default)]
    account: Option<Uuid>,
}

/// Single permissions, each once.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "Vec<Permission>")]
struct Permissions(Vec<Permission>);

#[derive(Debug, thiserror::Error)]
#[error("each permission is named once")]
struct NamedTwice;

impl TryFrom<Vec<Permission>> for Permissions {
    type Error = NamedTwice;

    fn try_from(mut all: Vec<Permission>) -> Result<Self, NamedTwice> {
        all.sort_unstable();
        if all.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(NamedTwice);
        }
        Ok(Self(all))
    }
}

/// Somebody of the seller's support.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupportBody {
    /// Who exactly, as an id of the support system. Never a name or a mail address.
    #[schema(value_type = String, max_length = 100, example = "agent_7")]
    id: OpaqueId,
    /// Why. It stays in the history for good, so that it holds no personal data; where the answer is no, the customer is told.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 500, example = "Minimum term until March")]
    reason: Option<Reason>,
}

/// A body with nothing but the person who acts.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OnlyActor {
    /// Who acts.
    pub actor: ActorBody,
}

/// A body with nothing in it; it may be left out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nobody {}

/// An id that is kept in a history which cannot be erased.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct OpaqueId(String);

#[derive(Debug, thiserror::Error)]
#[error(
    "an id here is 1 to 100 visible ASCII characters and never a mail address: it cannot be erased later"
)]
struct NotOpaque;

impl TryFrom<String> for OpaqueId {
    type Error = NotOpaque;

    fn try_from(id: String) -> Result<Self, NotOpaque> {
        let visible = (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && !id.contains('@') {
            Ok(Self(id))
        } else {
            Err(NotOpaque)
        }
    }
}

/// A reason that is kept in a history which cannot be erased.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Reason(String);

/// The most characters of a reason.
const REASON_CHARACTERS_MAX: usize = 500;

#[derive(Debug, thiserror::Error)]
#[error(
    "a reason is at most {REASON_CHARACTERS_MAX} characters of plain text and holds no mail address: it cannot be erased later"
)]
struct NotAReason;

impl TryFrom<String> for Reason {
    type Error = NotAReason;

    fn try_from(reason: String) -> Result<Self, NotAReason> {
        let reason = reason.trim().to_owned();
        let fits = reason.chars().count() <= REASON_CHARACTERS_MAX;
        if fits && !reason.chars().any(|c| c.is_control() && c != '\n') && !reason.contains('@') {
            Ok(Self(reason))
        } else {
            Err(NotAReason)
        }
    }
}

impl ActorBody {
    /// The person, for the engine.
    pub fn actor(&self) -> Actor {
        Actor::customer(self.role.clone(), self.id.as_ref().map(|id| id.0.clone()))
            .permitted(self.permissions.0.clone())
            .of(self.account.map(AccountId))
    }
}

impl SupportBody {
    /// The person, for the engine.
    pub fn actor(&self) -> Actor {
        Actor::support(self.id.0.clone(), self.reason().map(str::to_owned))
    }

    /// Why they act, when they say so. The machine refuses what support does without a reason.
    pub fn reason(&self) -> Option<&str> {
        let said = self.reason.as_ref().map(|reason| reason.0.as_str());
        said.filter(|why| !why.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn key_of(values: &[&str]) -> Result<String, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("idempotency-key", HeaderValue::from_str(value).expect("a header"));
        }
        idempotency_key(&headers).map_err(|problem| problem.code())
    }

    #[test]
    fn an_idempotency_key_is_needed_once_and_visible() {
        let longest = "k".repeat(255);
        assert_eq!(key_of(&[&longest]), Ok(longest.clone()));
        assert_eq!(key_of(&[]), Err("idempotency_key_missing"));
        for wrong in [
            vec![""],
            vec!["a b"],
            vec!["é"],
            vec![&format!("{longest}k")],
            vec!["a", "b"],
        ] {
            assert_eq!(key_of(&wrong), Err("idempotency_key_invalid"), "{wrong:?}");
        }
    }

    #[test]
    fn a_fingerprint_tells_method_path_and_body_apart() {
        let base = fingerprint(&Method::POST, "/v1/changes/1/quote", b"{}");
        assert_eq!(base, fingerprint(&Method::POST, "/v1/changes/1/quote", b"{}"));
        for other in [
            fingerprint(&Method::PUT, "/v1/changes/1/quote", b"{}"),
            fingerprint(&Method::POST, "/v1/changes/2/quote", b"{}"),
            fingerprint(&Method::POST, "/v1/changes/1/quote", b"{ }"),
            fingerprint(&Method::POST, "/v1/changes/1/quot", b"e{}"),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn a_reason_is_plain_words_that_can_stay_for_good() {
        let read = |reason: &str| {
            let body = serde_json::json!({ "id": "agent_7", "reason": reason });
            json::parse::<SupportBody>(body.to_string().as_bytes()).map(|body| body.actor().reason)
        };
        assert_eq!(
            read(" Minimum term ").expect("a reason"),
            Some("Minimum term".to_owned())
        );
        assert_eq!(read("  ").expect("nothing said"), None);
        assert!(read(&"é".repeat(500)).is_ok());
        for bad in ["ask ana@example.com", "a\u{7}b", &"é".repeat(501)] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_history_takes_no_mail_address_for_an_id() {
        let read = |id: &str| {
            json::parse::<OnlyActor>(
                format!("{{\"actor\":{{\"role\":\"owner\",\"id\":\"{id}\"}}}}").as_bytes(),
            )
        };
        assert!(read("user_1042").is_ok());
        let problem =
            serde_json::to_value(read("ana@example.com").expect_err("an address")).expect("a problem");
        assert_eq!(problem["errors"][0]["pointer"], "/actor/id");
        assert!(!problem.to_string().contains("ana@"), "{problem}");
    }
}
