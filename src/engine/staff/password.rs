//! Passwords as they are kept: argon2id, with the parameters that OWASP names (19 MiB, two passes, one lane), which are the
//! library's own defaults.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};

use crate::engine::EngineError;
use crate::ports::store::StoreError;

/// Hashed where nobody has the name that was typed, so that this takes as long.
static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| hash("nobody's password", &[7; 32]).ok());

/// A password as it is kept.
pub(super) fn hash(password: &str, salt: &[u8; 32]) -> Result<String, EngineError> {
    let broken = |_| {
        EngineError::from(StoreError::Unavailable(
            "a password could not be hashed".to_owned(),
        ))
    };
    let salt = SaltString::encode_b64(&salt[..16]).map_err(broken)?;
    let hashed = Argon2::default().hash_password(password.as_bytes(), &salt);
    Ok(hashed.map_err(broken)?.to_string())
}

/// Whether a password is the one that is kept; never where nothing is.
pub(super) fn fits(password: &str, kept: Option<&str>) -> bool {
    let is = |kept: &str| {
        PasswordHash::new(kept).is_ok_and(|kept| {
            Argon2::default()
                .verify_password(password.as_bytes(), &kept)
                .is_ok()
        })
    };
    let Some(kept) = kept else {
        // What this comes to does not matter, only that it was reckoned.
        let _ = NOBODYS.as_deref().map(is);
        return false;
    };
    is(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_alone() {
        let kept = hash("correct horse battery", &[1; 32]).expect("a hash");
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "the parameters stand in it: {kept}"
        );
        assert!(fits("correct horse battery", Some(&kept)));
        assert!(!fits("correct horse batterz", Some(&kept)));
        let salted = hash("correct horse battery", &[2; 32]).expect("a hash");
        assert_ne!(kept, salted, "each has its own salt");
        assert!(!fits("correct horse battery", Some("not a hash")));
        assert!(
            !fits("nobody's password", None),
            "where nothing is kept, nothing fits"
        );
    }
}
