//! Mails that tell a customer what happened, and the ways they leave: SMTP or the mailbox.
//!
//! [`render`] turns a [`Letter`](crate::ports::mail::Letter) into subject, text and HTML in the customer's language;
//! [`SmtpMailer`] hands it to a mail server, [`Mailbox`] to a folder that people can look into when there is none. Both
//! give the same letter the same Message-ID, however often it is sent.
//!
//! May know the domain, `ports` and `text`. Must never know why a mail is owed or whether it was sent before, and never
//! puts an address or a word of a mail into an error.

mod contents;
mod mailbox;
mod message;
mod page;
mod render;
pub mod samples;
mod smtp;
mod smtp_url;

pub use mailbox::{MAILS_LISTED_MAX, Mailbox, StoredMail};
pub use render::{Rendered, render};
pub use smtp::SmtpMailer;
pub use smtp_url::SmtpUrlError;
