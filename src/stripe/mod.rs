//! The only room that knows Stripe: calls, transport, webhook envelope, errors to verdicts.
