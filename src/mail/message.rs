//! A letter as the mail standards want it: addresses, headers, the two forms of the text.

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox as MailAddress, Message, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::page::one_line;
use super::render::Rendered;
use crate::ports::mail::{Address, Letter, MailFailure};

/// The Message-ID of a letter: the same for every copy of it. Made from a digest, so that any dedupe key is valid in it.
pub(super) fn message_id(letter: &Letter) -> String {
    format!(
        "<{}@{}>",
        fingerprint(&letter.dedupe_key),
        sender_domain(&letter.sender.from.email)
    )
}

/// 32 hexadecimal digits that stand for a dedupe key.
pub(super) fn fingerprint(dedupe_key: &str) -> String {
    let digest = Sha256::digest(dedupe_key.as_bytes());
    hex::encode(&digest[..16])
}

/// The whole message. Two calls with the same letter give the same bytes, as far as a second copy after a doubt should
/// be the same mail.
pub(super) fn message_of(letter: &Letter, rendered: Rendered) -> Result<Message, MailFailure> {
    // A recipient that is no address will never be one; a sender that is none is the seller's setting and can be mended.
    let to = mail_address(&letter.to, letter.to.name.as_deref())
        .ok_or_else(|| MailFailure::Permanent("the recipient's address is not a mail address".to_owned()))?;
    let sender_name = letter.sender.from.name.as_deref().unwrap_or(&letter.sender.name);
    let from = mail_address(&letter.sender.from, Some(sender_name))
        .ok_or_else(|| MailFailure::Temporary("the sender's address is not a mail address".to_owned()))?;
    let mut message = Message::builder()
        .from(from)
        .to(to)
        .subject(rendered.subject)
        .message_id(Some(message_id(letter)))
        .date(letter.at.into())
        // Keeps out-of-office answers from coming back. RFC 3834, section 5.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    if let Ok(support) = letter.sender.support.trim().parse() {
        message = message.reply_to(MailAddress::new(None, support));
    }
    message
        .multipart(
            MultiPart::alternative()
                .boundary(fingerprint(&format!("{} parts", letter.dedupe_key)))
                .singlepart(SinglePart::plain(rendered.text))
                .singlepart(SinglePart::html(rendered.html)),
        )
        .map_err(|_| MailFailure::Permanent("the mail could not be put together".to_owned()))
}

fn mail_address(address: &Address, name: Option<&str>) -> Option<MailAddress> {
    let email = address.email.parse().ok()?;
    Some(MailAddress::new(
        name.map(one_line).filter(|name| !name.is_empty()),
        email,
    ))
}

fn sender_domain(email: &str) -> &str {
    let is_plain = |domain: &&str| {
        !domain.is_empty()
            && domain
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
    };
    email
        .rsplit_once('@')
        .map(|(_, domain)| domain)
        .filter(is_plain)
        .unwrap_or("changeover.invalid")
}
