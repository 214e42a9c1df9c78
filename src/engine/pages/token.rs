//! Tokens that we sign ourselves: in links, cookies and forms. Each says what it is for, names one thing, and ends.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;
use uuid::Uuid;

/// What a token is for. One that was made for something else is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Stands in an address that the seller sends its customer to: begins a session.
    Entry,
    /// Stands in a cookie: goes on with a session.
    Cookie,
    /// Stands in a form: shows that the form is one of the session's own pages.
    Form,
    /// Stands in a mail: begins a session about one change.
    Mail,
}

impl Purpose {
    fn byte(self) -> u8 {
        match self {
            Self::Entry => b'e',
            Self::Cookie => b'c',
            Self::Form => b'f',
            Self::Mail => b'm',
        }
    }
}

/// Purpose, id and end.
const SAID: usize = 1 + 16 + 8;

/// Signs tokens, and reads those that it has signed.
#[derive(Clone)]
pub(super) struct Signer(Hmac<Sha256>);

impl Signer {
    /// One with this secret.
    pub(super) fn new(secret: [u8; 32]) -> Self {
        // RFC 2104: a key that is shorter than a block is filled up with zeros.
        let mut key = [0; 64];
        key[..32].copy_from_slice(&secret);
        Self(Hmac::new(&key.into()))
    }

    /// A token about `id` that ends at `until`, to the second.
    pub(super) fn sign(&self, purpose: Purpose, id: Uuid, until: Timestamp) -> String {
        let mut token = Vec::with_capacity(SAID + 32);
        token.push(purpose.byte());
        token.extend_from_slice(id.as_bytes());
        token.extend_from_slice(&until.as_second().to_be_bytes());
        let mac = self.0.clone().chain_update(&token).finalize().into_bytes();
        token.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// What a token names, where we have signed it for this, and it has not ended.
    pub(super) fn read(&self, purpose: Purpose, token: &str, now: Timestamp) -> Option<Uuid> {
        // Nothing longer can be one of ours, and is not decoded either.
        if token.len() > 100 {
            return None;
        }
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (said, mac) = token.split_at_checked(SAID)?;
        self.0.clone().chain_update(said).verify_slice(mac).ok()?;
        let until = i64::from_be_bytes(said.get(17..)?.try_into().ok()?);
        let fits = said.first() == Some(&purpose.byte()) && now.as_second() < until;
        fits.then(|| Uuid::from_slice(said.get(1..17)?).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Uuid = Uuid::from_u128(7);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn signer(secret: u8) -> Signer {
        Signer::new([secret; 32])
    }

    #[test]
    fn a_token_is_read_until_it_ends() {
        let token = signer(1).sign(Purpose::Mail, ID, at(100));
        assert_eq!(signer(1).read(Purpose::Mail, &token, at(99)), Some(ID));
        assert_eq!(signer(1).read(Purpose::Mail, &token, at(100)), None);
    }

    #[test]
    fn a_token_opens_nothing_that_it_was_not_made_for() {
        let token = signer(1).sign(Purpose::Mail, ID, at(100));
        assert_eq!(signer(1).read(Purpose::Cookie, &token, at(1)), None);
        assert_eq!(signer(2).read(Purpose::Mail, &token, at(1)), None);
    }

    #[test]
    fn no_changed_token_is_believed() {
        let token = signer(1).sign(Purpose::Entry, ID, at(100));
        for nth in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[nth] = if changed[nth] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("text");
            assert_eq!(signer(1).read(Purpose::Entry, &changed, at(1)), None, "{nth}");
        }
        for bad in ["", "x", "%%%", &"A".repeat(76), &"A".repeat(10_000)] {
            assert_eq!(signer(1).read(Purpose::Entry, bad, at(1)), None, "{bad}");
        }
    }
}
