use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::language::Language;
use crate::mail::StoredMail;
use crate::text;

#[derive(Template)]
#[template(path = "web/mailbox/templates/list.html")]
struct ListPage<'a> {
    title: String,
    mails: &'a [StoredMail],
}

#[derive(Template)]
#[template(path = "web/mailbox/templates/mail.html")]
struct MailPage<'a> {
    title: &'a str,
    mail: &'a StoredMail,
}

#[derive(Template)]
#[template(path = "web/mailbox/templates/notice.html")]
struct NoticePage<'a> {
    title: &'a str,
    sentence: &'a str,
}

pub(super) fn list(mails: &[StoredMail]) -> askama::Result<String> {
    let title = match mails.len() {
        0 => "Mailbox".to_owned(),
        many => format!("Mailbox ({many})"),
    };
    ListPage { title, mails }.render()
}

pub(super) fn mail(mail: &StoredMail) -> askama::Result<String> {
    MailPage {
        title: &mail.subject,
        mail,
    }
    .render()
}

pub(super) fn notice(title: &str, sentence: &str) -> askama::Result<String> {
    NoticePage { title, sentence }.render()
}

/// The mailbox is for whoever runs the service, so it is in English and in UTC.
fn when(at: &Timestamp) -> String {
    text::moment(Language::En, *at, &TimeZone::UTC)
}
