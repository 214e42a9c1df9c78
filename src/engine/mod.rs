//! Makes decisions durable: the one door, the worker, inbox, outbox and reconciliation.
