//! The store's verbs, each a whole transaction.
