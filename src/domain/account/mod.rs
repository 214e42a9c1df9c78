//! Who buys: accounts, contracts, roles and billing identity.
