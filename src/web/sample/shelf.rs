use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;

/// The sample products of this server, with their customers. They are made once the server can make them, and then stay.
#[derive(Debug, Default)]
pub struct Samples(OnceLock<Vec<SampleProduct>>);

/// The sample product of one seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleProduct {
    /// Whose.
    pub seller: SellerId,
    /// Its customers; the first one is who a newcomer is.
    pub customers: Vec<SampleCustomer>,
}

/// A customer of a sample product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleCustomer {
    /// Its name within the product: lower-case letters.
    pub id: String,
    /// Its account.
    pub account: AccountId,
}

impl Samples {
    /// Puts them there; a second time changes nothing.
    pub fn fill(&self, products: Vec<SampleProduct>) {
        self.0.get_or_init(|| products);
    }

    /// The product of this seller.
    pub fn of(&self, seller: &str) -> Option<&SampleProduct> {
        self.all()
            .iter()
            .find(|product| product.seller.as_str() == seller)
    }

    /// All of them.
    pub fn all(&self) -> &[SampleProduct] {
        self.0.get().map(Vec::as_slice).unwrap_or_default()
    }
}
