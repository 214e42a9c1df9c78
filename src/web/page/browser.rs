//! How a page takes a card: the customer's browser gives it to the provider, and never to us.

use url::Url;

use super::{Allowed, Visitor};
use crate::web::WebState;

/// How a page takes a card.
#[derive(Debug, Clone)]
pub struct Browser {
    /// The provider's publishable key.
    pub key: String,
    /// The sandbox, where one stands in for the provider: then our own fields stand in for the provider's.
    pub sandbox: Option<String>,
}

impl Browser {
    /// What the provider's own fields need (Stripe's documentation of its content security policy).
    pub fn allowed(&self) -> Allowed {
        match &self.sandbox {
            Some(sandbox) => Allowed {
                talks: format!(" {sandbox}"),
                ..Allowed::default()
            },
            None => Allowed {
                scripts: " https://js.stripe.com".to_owned(),
                talks: " https://api.stripe.com".to_owned(),
                frames: " https://js.stripe.com https://hooks.stripe.com".to_owned(),
            },
        }
    }
}

/// How cards are taken on the pages of this seller; nothing where no key is configured.
pub fn browser(state: &WebState, visitor: &Visitor) -> Option<Browser> {
    let key = state.publishable_keys.get(&visitor.session.seller)?.clone();
    let origin = |address: &String| Some(Url::parse(address).ok()?.origin().ascii_serialization());
    Some(Browser {
        key,
        sandbox: state.sandbox.as_ref().and_then(origin),
    })
}
