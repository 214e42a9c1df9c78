//! Where the mail server is and how it is spoken to, read from one URL.

use std::net::IpAddr;

use lettre::transport::smtp::authentication::Credentials;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// When the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// Never: a server on this machine, or one that is asked for by `?tls=none`.
    None,
    /// From the STARTTLS command on, before anything is said; a server that does not offer it is not used.
    StartTls,
    /// From the first byte.
    Tls,
}

/// A mail server, with the right to use it.
pub(super) struct SmtpServer {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub credentials: Option<Credentials>,
}

/// Why an SMTP URL cannot be used. Never repeats the URL: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    /// Not a URL with a host, or a user or password that is not UTF-8.
    #[error("the SMTP URL cannot be read; write it like smtps://user:password@mail.example.com")]
    Unreadable,
    /// Neither `smtp` nor `smtps`.
    #[error("the SMTP URL must begin with smtp:// (STARTTLS) or smtps:// (TLS from the first byte)")]
    UnknownScheme,
    /// A setting behind the `?` that means nothing here.
    #[error("the SMTP URL has an unknown setting; `?tls=required` and `?tls=none` are the ones that exist")]
    UnknownSetting,
    /// The password would cross the network in the clear.
    #[error(
        "the SMTP URL has a password and says `?tls=none`; a password is sent to another machine only by TLS"
    )]
    PasswordInTheClear,
}

impl SmtpServer {
    /// Reads `smtps://` (TLS, port 465) or `smtp://` (STARTTLS, port 587; plain on port 25 when the host is this machine).
    /// `?tls=required` asks for STARTTLS on this machine too, `?tls=none` does without it elsewhere.
    pub fn read(url: &SecretString) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(url.expose_secret()).map_err(|_| SmtpUrlError::Unreadable)?;
        let host = url
            .host_str()
            .unwrap_or_default()
            .trim_matches(['[', ']'])
            .to_owned();
        if host.is_empty() {
            return Err(SmtpUrlError::Unreadable);
        }
        let near = is_this_machine(&host);
        let security = security(&url, near)?;
        let credentials = credentials(&url)?;
        if credentials.is_some() && security == Security::None && !near {
            return Err(SmtpUrlError::PasswordInTheClear);
        }
        let usual_port = match security {
            Security::None => 25,
            Security::StartTls => 587,
            Security::Tls => 465,
        };
        Ok(Self {
            host,
            port: url.port().unwrap_or(usual_port),
            security,
            credentials,
        })
    }
}

fn security(url: &Url, near: bool) -> Result<Security, SmtpUrlError> {
    match (url.scheme(), url.query()) {
        ("smtps", None | Some("tls=required")) => Ok(Security::Tls),
        ("smtp", Some("tls=none")) => Ok(Security::None),
        ("smtp", None) if near => Ok(Security::None),
        ("smtp", None | Some("tls=required")) => Ok(Security::StartTls),
        ("smtp" | "smtps", _) => Err(SmtpUrlError::UnknownSetting),
        _ => Err(SmtpUrlError::UnknownScheme),
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpUrlError> {
    let Some(password) = url.password() else {
        return Ok(None);
    };
    let plain = |part: &str| match percent_decode_str(part).decode_utf8() {
        Ok(plain) => Ok(plain.into_owned()),
        Err(_) => Err(SmtpUrlError::Unreadable),
    };
    Ok(Some(Credentials::new(plain(url.username())?, plain(password)?)))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<(String, u16, Security, bool), SmtpUrlError> {
        let server = SmtpServer::read(&SecretString::from(url.to_owned()))?;
        Ok((
            server.host,
            server.port,
            server.security,
            server.credentials.is_some(),
        ))
    }

    #[test]
    fn another_machine_is_never_spoken_to_in_the_clear_unless_asked() {
        let far = |port, security, known| Ok(("mail.example.com".to_owned(), port, security, known));
        assert_eq!(
            read("smtp://mail.example.com"),
            far(587, Security::StartTls, false)
        );
        assert_eq!(
            read("smtp://u%40x:p%3A@mail.example.com:2525"),
            far(2525, Security::StartTls, true)
        );
        assert_eq!(
            read("smtps://u:p@mail.example.com"),
            far(465, Security::Tls, true)
        );
        assert_eq!(
            read("smtp://mail.example.com?tls=none"),
            far(25, Security::None, false)
        );
        assert_eq!(
            read("smtp://u:p@mail.example.com?tls=none"),
            Err(SmtpUrlError::PasswordInTheClear)
        );
    }

    #[test]
    fn this_machine_may_be_spoken_to_in_the_clear() {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let (_, port, security, _) = read(&format!("smtp://{host}:1025")).expect("readable");
            assert_eq!((port, security), (1025, Security::None), "{host}");
        }
        let (_, port, security, _) = read("smtp://localhost?tls=required").expect("readable");
        assert_eq!((port, security), (587, Security::StartTls));
    }

    #[test]
    fn what_is_not_understood_is_refused_without_repeating_it() {
        assert_eq!(read("mail.example.com"), Err(SmtpUrlError::Unreadable));
        assert_eq!(read("smtp://"), Err(SmtpUrlError::Unreadable));
        assert_eq!(read("https://mail.example.com"), Err(SmtpUrlError::UnknownScheme));
        assert_eq!(
            read("smtps://mail.example.com?tls=none"),
            Err(SmtpUrlError::UnknownSetting)
        );
        assert_eq!(
            read("smtp://mail.example.com?tls=maybe"),
            Err(SmtpUrlError::UnknownSetting)
        );
        let refusal = read("smtp://u:hunter2@far.example?tls=none")
            .expect_err("refused")
            .to_string();
        assert!(!refusal.contains("hunter2"), "{refusal}");
    }
}
