//! API keys: who is calling.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

use crate::domain::catalog::SellerId;
use crate::domain::change::Actor;
use crate::engine::Asked;
use crate::web::WebState;
use crate::web::problem::{EdgeCode, Problem};

/// What every key begins with, so that a leaked one is recognised for what it is.
const PREFIX: &str = "cho_";

/// The most characters of a key that are looked at.
const LENGTH_MAX: usize = 200;

/// A new key from 32 secret bytes. It is shown once; only its hash is kept.
pub fn new_key(secret: [u8; 32]) -> String {
    format!("{PREFIX}{}", hex::encode(secret))
}

/// The hash under which a key is kept: the SHA-256 of the whole key, its prefix included. The key has 256 bits of chance, so
/// that a slow hash would protect nothing.
pub fn hash_of_key(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// Whose key a request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The seller.
    pub seller: SellerId,
}

impl Caller {
    /// The caller as the engine is asked for something that is only read.
    pub fn asked(&self) -> Asked {
        Asked {
            seller: self.seller.clone(),
            actor: Actor::system(),
            key: None,
            expected_version: None,
        }
    }
}

impl FromRequestParts<WebState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        Self::of(&parts.headers, state).await
    }
}

impl Caller {
    /// Whose key these headers carry.
    pub async fn of(headers: &HeaderMap, state: &WebState) -> Result<Self, Problem> {
        let key = bearer(headers).ok_or_else(|| Problem::plain(EdgeCode::Unauthorized))?;
        let seller = Self::seller_of(hash_of_key(key), state).await?;
        match state.engine.sellers().get(&seller) {
            Ok(_) => Ok(Self { seller }),
            Err(_) => Err(Problem::plain(EdgeCode::Forbidden)),
        }
    }

    async fn seller_of(hash: [u8; 32], state: &WebState) -> Result<SellerId, Problem> {
        let now = state.engine.now();
        if let Some(seller) = state.known_keys.seller_of(&hash, now) {
            return Ok(seller);
        }
        let found = state.engine.store().api_key(hash).await?;
        let known = found.ok_or_else(|| Problem::plain(EdgeCode::Unauthorized))?;
        state.known_keys.remember(hash, &known.seller, now);
        Ok(known.seller)
    }
}

/// The key that these headers carry, if they carry one.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    in_bearer(headers.get(header::AUTHORIZATION)?.as_bytes())
}

/// The key of an `Authorization` header; the scheme's name is read in either case (RFC 9110).
fn in_bearer(value: &[u8]) -> Option<&str> {
    let (scheme, key) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    let key = key.trim_start();
    let is_key = key.len() <= LENGTH_MAX && key.starts_with(PREFIX);
    (scheme.eq_ignore_ascii_case("bearer") && is_key).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_a_bearer_header_and_nowhere_else() {
        let key = new_key([7; 32]);
        for good in [format!("Bearer {key}"), format!("bearer  {key}")] {
            assert_eq!(in_bearer(good.as_bytes()), Some(key.as_str()), "{good}");
        }
        for bad in [
            key.clone(),
            format!("Basic {key}"),
            "Bearer sk_test_1".to_owned(),
            "Bearer".to_owned(),
            format!("Bearer cho_{}", "a".repeat(LENGTH_MAX)),
        ] {
            assert_eq!(in_bearer(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(in_bearer(b"Bearer cho_\xff"), None);
    }

    #[test]
    fn keys_differ_and_so_do_their_hashes() {
        let [one, two] = [[1; 32], [2; 32]].map(new_key);
        assert_ne!(hash_of_key(&one), hash_of_key(&two));
        assert_eq!(one.len(), PREFIX.len() + 64);
    }
}
