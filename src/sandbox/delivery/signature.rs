//! The `Stripe-Signature` header: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, one `v1` for each valid secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Signs `payload` as sent at `at` with every one of `secrets`.
pub(super) fn header<'a>(payload: &str, at: i64, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let mut header = format!("t={at}");
    for secret in secrets {
        header.push_str(",v1=");
        header.push_str(&sign(payload, at, secret));
    }
    header
}

fn sign(payload: &str, at: i64, secret: &str) -> String {
    // HMAC takes keys of any length, so there is nothing to report here.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(at.to_string().as_bytes());
    mac.update(b".");
    mac.update(payload.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_that_stripes_own_clients_make() {
        let payload = r#"{"id":"evt_1","object":"event"}"#;
        let theirs = stripe_webhook::Webhook::generate_test_header(payload, "whsec_one", Some(1_760_000_000));
        let ours = header(payload, 1_760_000_000, ["whsec_one"]);
        assert!(theirs.starts_with(&ours), "{theirs} against {ours}");
    }

    #[test]
    fn while_a_secret_is_rolled_both_sign() {
        let both = header("{}", 5, ["new", "old"]);
        assert_eq!(both.matches("v1=").count(), 2);
        assert!(both.contains(&sign("{}", 5, "new")) && both.contains(&sign("{}", 5, "old")));
    }
}
