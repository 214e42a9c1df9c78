use std::error::Error as _;
use std::time::Duration;

use futures_util::future::BoxFuture;
use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use secrecy::SecretString;
use tokio::time::timeout;

use super::message::message_of;
use super::render::render;
use super::smtp_url::{Security, SmtpServer, SmtpUrlError};
use crate::ports::mail::{Letter, MailFailure, Mailer};

/// How long the goodbye after a delivered mail may take; its outcome changes nothing.
const GOODBYE: Duration = Duration::from_secs(2);

/// Hands mails to a mail server, one connection a mail.
///
/// Connections are not kept: a kept one whose last use was given up half-way would answer the next mail with what it
/// still had to say about the last one, and a mail would count as delivered that never was.
pub struct SmtpMailer {
    server: SmtpServer,
    limit: Duration,
}

impl SmtpMailer {
    /// A mailer for the server behind `url` (`smtps://user:password@host`, or `smtp://...` with STARTTLS). One mail may
    /// take as long as `limit`, from looking up the host to the server's last answer. Does not connect yet.
    pub fn new(url: &SecretString, limit: Duration) -> Result<Self, SmtpUrlError> {
        Ok(Self {
            server: SmtpServer::read(url)?,
            limit,
        })
    }

    /// Connects, greets, encrypts and logs in, as for a mail, and leaves again. The error names codes and kinds alone.
    pub async fn check(&self) -> Result<(), String> {
        match timeout(self.limit, self.open()).await {
            Ok(Ok(mut connection)) => {
                let _ = timeout(GOODBYE, connection.quit()).await;
                Ok(())
            }
            Ok(Err(error)) => Err(cause(&error)),
            Err(_) => Err("the mail server took too long to answer".to_owned()),
        }
    }

    async fn deliver(&self, letter: &Letter) -> Result<(), MailFailure> {
        let rendered = render(letter)
            .map_err(|_| MailFailure::Temporary("the mail's template could not be filled".to_owned()))?;
        let message = message_of(letter, rendered)?;
        let attempt = self.hand_over(message.envelope(), message.formatted());
        let mut connection = timeout(self.limit, attempt).await.unwrap_or_else(|_| {
            Err(MailFailure::Temporary(
                "the mail server took too long to answer".to_owned(),
            ))
        })?;
        // The mail is delivered; a server that does not say goodbye must not make it look otherwise.
        let _ = timeout(GOODBYE, connection.quit()).await;
        Ok(())
    }

    async fn hand_over(
        &self,
        envelope: &Envelope,
        bytes: Vec<u8>,
    ) -> Result<AsyncSmtpConnection, MailFailure> {
        // What goes wrong before the mail is offered says nothing about the mail, whatever the code: a wrong password
        // or a barred address of ours can be mended, and the mail still leaves.
        let mut connection = self
            .open()
            .await
            .map_err(|error| MailFailure::Temporary(cause(&error)))?;
        connection
            .send(envelope, &bytes)
            .await
            .map_err(|error| judge(&error))?;
        Ok(connection)
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        let server = &self.server;
        let me = ClientId::default();
        let tls = || TlsParameters::new(server.host.clone());
        let at_once = if server.security == Security::Tls {
            Some(tls()?)
        } else {
            None
        };
        let address = (server.host.as_str(), server.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(self.limit), &me, at_once, None).await?;
        if server.security == Security::StartTls {
            connection.starttls(tls()?, &me).await?;
        }
        if let Some(credentials) = &server.credentials {
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], credentials)
                .await?;
        }
        Ok(connection)
    }
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), MailFailure>> {
        Box::pin(self.deliver(letter))
    }
}

/// What an error after the mail was offered means for it. Only an answer that was understood and that is about the mail
/// ends it; silence and doubt never do.
fn judge(error: &SmtpError) -> MailFailure {
    if error.is_permanent() && !is_about_us(error) {
        return MailFailure::Permanent(cause(error));
    }
    if error.is_client() {
        // The one reason after connecting: the address is not ASCII, and the server cannot take such.
        return MailFailure::Permanent("the mail server cannot take an address like this".to_owned());
    }
    MailFailure::Temporary(cause(error))
}

/// Answers about our right to use the server: authentication required, too weak, failed, or encryption required.
/// RFC 4954, section 6.
fn is_about_us(error: &SmtpError) -> bool {
    error
        .status()
        .is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538))
}

/// Codes and kinds only: what a server writes behind its code often repeats the address.
fn cause(error: &SmtpError) -> String {
    if let Some(code) = error.status() {
        let enhanced = error
            .source()
            .map(ToString::to_string)
            .and_then(|said| enhanced_code(&said));
        return match enhanced {
            Some(enhanced) => format!("the mail server answered {code} ({enhanced})"),
            None => format!("the mail server answered {code}"),
        };
    }
    if error.is_tls() {
        "no encrypted connection to the mail server".to_owned()
    } else if error.is_timeout() {
        "the mail server took too long to answer".to_owned()
    } else if error.is_response() {
        "the mail server's answer could not be read".to_owned()
    } else if error.is_client() {
        "the mail server does not offer what the settings ask for".to_owned()
    } else {
        "no connection to the mail server, or it was lost".to_owned()
    }
}

/// The code such as `5.1.1` with which an answer may begin. RFC 3463.
fn enhanced_code(said: &str) -> Option<String> {
    let first = said.split_whitespace().next()?;
    let parts: Vec<&str> = first.split('.').collect();
    let is_number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(is_number)).then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::enhanced_code;

    #[test]
    fn only_the_code_is_taken_from_what_a_server_says() {
        assert_eq!(
            enhanced_code("5.1.1 <ana@example.com> unknown"),
            Some("5.1.1".to_owned())
        );
        assert_eq!(enhanced_code("ana@example.com 5.1.1"), None);
        assert_eq!(enhanced_code("127.0.0.1 is not welcome"), None);
        assert_eq!(enhanced_code(""), None);
    }
}
