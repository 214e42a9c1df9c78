//! Outgoing events to the seller's systems.
