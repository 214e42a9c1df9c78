//! The mail server: whether it lets us in. No mail is sent.

use super::Findings;
use crate::app::check_mail;
use crate::config::Config;

/// Connects, greets, encrypts and logs in.
pub(super) async fn examine(config: &Config) -> Findings {
    let mut found = Findings::of("mail");
    match check_mail(config).await {
        None if config.needs_sandbox() => {
            found.ok("Without SMTP_URL mails land in the mailbox page.");
        }
        None => found.warning(
            "Without SMTP_URL mails land in the mailbox page, and no customer gets one.",
            "Set SMTP_URL to your mail server.",
        ),
        Some(Ok(())) => found.ok("The mail server answers, and lets us in. No mail was sent."),
        Some(Err(problem)) => found.wrong(
            format!("Mails cannot be handed over: {problem}."),
            "Check SMTP_URL: host, port, smtp:// or smtps://, user and password.",
        ),
    }
    found
}
