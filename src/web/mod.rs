//! HTTP: the JSON API, inbound webhooks, and the pages of the embedded mailbox.

pub mod mailbox;
