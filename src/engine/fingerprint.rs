//! Fingerprints: how the journal proves what it does not hold.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::account::{BillingIdentity, TaxId};
use crate::domain::change::IdentityRef;

/// The SHA-256 of these bytes, in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Points to billing data in this row, with the fingerprints by which changes of it are noticed.
pub(super) fn of_identity(row: Uuid, identity: &BillingIdentity) -> Result<IdentityRef, serde_json::Error> {
    let tax_id = identity.tax_id.as_ref().map(TaxId::normalised);
    let address = &identity.address;
    let taxed = [
        address.country.as_str(),
        &address.state,
        &address.postal_code,
        tax_id.unwrap_or_default(),
    ];
    Ok(IdentityRef {
        row,
        hash: digest(&serde_json::to_vec(identity)?),
        tax_hash: digest(taxed.join("\n").as_bytes()),
        // What the provider does not take is not recorded there.
        tax_id_hash: identity
            .tax_id
            .as_ref()
            .filter(|number| number.kind().is_kept_by_the_provider())
            .map(TaxId::normalised)
            .filter(|number| !number.is_empty())
            .map(|number| digest(number.as_bytes()))
            .unwrap_or_default(),
    })
}
