use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use changeover::domain::language::Language;
use changeover::mail::{SmtpMailer, render, samples};
use changeover::ports::mail::{Letter, Mailer, News};
use secrecy::SecretString;
use serde_json::Value;
use tempfile::TempDir;

use super::{currency, told_by};

/// The limit of a mailer that should never reach it.
const PATIENT: Duration = Duration::from_mins(1);
/// The limit of one that does; far above what a healthy server needs.
const HURRIED: Duration = Duration::from_secs(5);

/// A real mail server in a process of its own, which ends with the test.
struct MailServer {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl MailServer {
    fn start(told: &[&str]) -> Self {
        let python = env::var("CHANGEOVER_TEST_PYTHON").expect(
            "CHANGEOVER_TEST_PYTHON must name a Python interpreter that has aiosmtpd; `tests/run` makes one and sets it",
        );
        let folder = TempDir::new().expect("a folder");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/text/smtp_server.py");
        let mut process = Command::new(&python)
            .args(["-W", "ignore"])
            .arg(script)
            .arg(folder.path())
            .args(told)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("CHANGEOVER_TEST_PYTHON cannot be started: {error}"));
        let mut said = String::new();
        let stdout = process.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut said).expect("readable");
        let port = said
            .trim()
            .strip_prefix("listening ")
            .and_then(|port| port.parse().ok());
        let port =
            port.unwrap_or_else(|| panic!("the mail server did not start; is aiosmtpd installed? {said:?}"));
        Self {
            process,
            port,
            folder,
        }
    }

    fn mailer(&self, limit: Duration) -> SmtpMailer {
        mailer(&format!("smtp://127.0.0.1:{}", self.port), limit)
    }

    fn mails(&self) -> Vec<Value> {
        let mut files: Vec<_> = fs::read_dir(self.folder.path())
            .expect("readable")
            .map(|entry| entry.expect("readable").path())
            .collect();
        files.sort();
        let read = |file| serde_json::from_slice(&fs::read(file).expect("readable")).expect("JSON");
        files.into_iter().map(read).collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn mailer(url: &str, limit: Duration) -> SmtpMailer {
    SmtpMailer::new(&SecretString::from(url.to_owned()), limit).expect("a good URL")
}

fn letter_to(email: &str) -> Letter {
    let mut letter = samples::letter(Language::PtBr, News::Expired);
    email.clone_into(&mut letter.to.email);
    letter
}

#[tokio::test]
async fn every_mail_arrives_as_it_was_written() {
    let server = MailServer::start(&[]);
    let mailer = server.mailer(PATIENT);
    let mut letters = Vec::new();
    for (name, news) in samples::all_news(currency("BRL")) {
        let mut letter = samples::letter(Language::PtBr, news);
        letter.dedupe_key = format!("chg 1:{name} <ã>");
        letter.to.name = Some("João \"Zé\" da Conceição, Ltda.".to_owned());
        mailer.send(&letter).await.expect("delivered");
        letters.push(letter);
    }
    let mails = server.mails();
    assert_eq!(mails.len(), letters.len());
    for (letter, mail) in letters.iter().zip(&mails) {
        let written = render(letter).expect("rendered");
        assert_eq!(mail["defects"], Value::Array(Vec::new()));
        assert_eq!(mail["headers"]["subject"], written.subject.as_str());
        assert_eq!(as_sent(&mail["text"]), written.text.trim_end());
        assert_eq!(as_sent(&mail["html"]), written.html.trim_end());
        assert_eq!(mail["envelope_to"][0], "ana@example.com");
        assert_eq!(mail["envelope_from"], "billing@aurora.example");
        assert_eq!(mail["headers"]["from"], "Aurora CRM <billing@aurora.example>");
        assert_eq!(
            mail["headers"]["to"],
            "\"João \\\"Zé\\\" da Conceição, Ltda.\" <ana@example.com>"
        );
        assert_eq!(mail["headers"]["date"], "Sat, 14 Mar 2026 18:30:00 +0000");
        assert_eq!(mail["headers"]["reply-to"], "help@aurora.example");
        assert_eq!(mail["headers"]["auto-submitted"], "auto-generated");
    }
    let mut names: Vec<_> = mails
        .iter()
        .map(|mail| mail["headers"]["message-id"].to_string())
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), mails.len(), "each letter has its own Message-ID");
    assert!(
        names.iter().all(|name| name.ends_with("@aurora.example>\"")),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_second_copy_is_the_same_mail_byte_for_byte() {
    let server = MailServer::start(&[]);
    let letter = letter_to("ana@example.com");
    for _ in 0..2 {
        server.mailer(PATIENT).send(&letter).await.expect("delivered");
    }
    let mails = server.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1]);
}

#[tokio::test]
async fn only_a_refusal_of_this_mail_is_for_good() {
    let server = MailServer::start(&[
        "--answer",
        "gone@example.com=550 5.1.1 <gone@example.com> has left us",
        "--answer",
        "full@example.com=452 4.2.2 full@example.com has no room",
        "--answer",
        "locked@example.com=530 5.7.0 sign in first",
    ]);
    let mailer = server.mailer(PATIENT);
    let gone = mailer
        .send(&letter_to("gone@example.com"))
        .await
        .expect_err("refused");
    assert_eq!(
        told_by(&gone, true),
        "refused for good: the mail server answered 550 (5.1.1)"
    );
    let full = mailer
        .send(&letter_to("full@example.com"))
        .await
        .expect_err("refused");
    assert_eq!(
        told_by(&full, false),
        "not delivered yet: the mail server answered 452 (4.2.2)"
    );
    let locked = mailer
        .send(&letter_to("locked@example.com"))
        .await
        .expect_err("refused");
    assert_eq!(
        told_by(&locked, false),
        "not delivered yet: the mail server answered 530 (5.7.0)"
    );
    mailer
        .send(&letter_to("ana@example.com"))
        .await
        .expect("the next one is not held up");
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_wrong_password_loses_no_mail() {
    let server = MailServer::start(&["--login", "aurora=s3cret: word"]);
    let wrong = mailer(&format!("smtp://aurora:wrong@127.0.0.1:{}", server.port), PATIENT);
    let failure = wrong
        .send(&letter_to("ana@example.com"))
        .await
        .expect_err("not let in");
    assert!(told_by(&failure, false).contains("535"), "{failure}");
    let right = mailer(
        &format!("smtp://aurora:s3cret%3A%20word@127.0.0.1:{}", server.port),
        PATIENT,
    );
    right
        .send(&letter_to("ana@example.com"))
        .await
        .expect("delivered");
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up_and_its_late_answer_counts_for_no_other_mail() {
    let server = MailServer::start(&[
        "--silent",
        "slow@example.com",
        "--answer",
        "gone@example.com=550 no",
    ]);
    let mailer = server.mailer(HURRIED);
    let failure = mailer
        .send(&letter_to("slow@example.com"))
        .await
        .expect_err("no answer");
    assert!(told_by(&failure, false).contains("too long"), "{failure}");
    let refused = mailer
        .send(&letter_to("gone@example.com"))
        .await
        .expect_err("refused");
    told_by(&refused, true);
}

#[tokio::test]
async fn a_server_without_encryption_is_not_used_when_it_was_asked_for() {
    let server = MailServer::start(&[]);
    for url in ["smtp://127.0.0.1:PORT?tls=required", "smtps://127.0.0.1:PORT"] {
        let mailer = mailer(&url.replace("PORT", &server.port.to_string()), HURRIED);
        let failure = mailer
            .send(&letter_to("ana@example.com"))
            .await
            .expect_err("no encryption");
        told_by(&failure, false);
    }
    assert_eq!(server.mails().len(), 0);
}

#[tokio::test]
async fn without_a_server_the_mail_is_sent_later() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("smtp://{}", free.local_addr().expect("its address"));
    drop(free);
    let failure = mailer(&url, PATIENT)
        .send(&letter_to("ana@example.com"))
        .await
        .expect_err("nobody there");
    assert!(told_by(&failure, false).contains("no connection"), "{failure}");
    let failure = mailer(&url, PATIENT)
        .send(&letter_to("ana at example"))
        .await
        .expect_err("no address");
    assert!(
        told_by(&failure, true).contains("recipient's address"),
        "{failure}"
    );
}

/// What was received, with line ends as they were written.
fn as_sent(received: &Value) -> String {
    received
        .as_str()
        .expect("text")
        .replace("\r\n", "\n")
        .trim_end()
        .to_owned()
}
