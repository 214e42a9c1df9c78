//! Hand-reckoned prorations.
