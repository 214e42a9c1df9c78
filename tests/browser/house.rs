//! A real installation as a newcomer starts it, with a browser in front of it.

use std::path::Path;
use std::time::Duration;

use hyper::Method;
use serde_json::Value;
use tempfile::TempDir;

use super::driver::Browser;
use crate::process::{Served, changeover, finished};
use crate::support::Http;

/// How long something that comes soon may take, and how often it is looked for meanwhile.
const SOON: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(50);

/// An installation with a browser. It is closed at the end of a test, which proves its histories.
pub struct Front {
    pub browser: Browser,
    served: Served,
    folder: TempDir,
    http: Http,
    sandbox: Http,
}

impl Front {
    /// `test` names the pictures that are taken.
    pub async fn open(test: &'static str) -> Self {
        Self::open_with(test, &[]).await
    }

    /// The same, with further variables.
    pub async fn open_with(test: &'static str, variables: &[(&str, &str)]) -> Self {
        let browser = Browser::open(test).await;
        let folder = tempfile::tempdir().expect("a folder");
        let served = Served::start_with(folder.path(), variables, "Press Ctrl-C");
        let sandbox = served.address("sandbox");
        Self {
            browser,
            http: Http::new(served.address("start here")),
            sandbox: Http::new(sandbox.trim_end_matches("/_sandbox").to_owned()),
            served,
            folder,
        }
    }

    /// Goes to a page of this server.
    pub async fn goes_to(&self, path: &str) {
        let address = format!("{}{path}", self.http.base());
        self.browser.goes_to(&address).await;
    }

    /// The charges that have succeeded at the sandbox, oldest first.
    pub async fn charges(&self) -> Vec<Value> {
        let answer = self.sandbox.send(Method::GET, "/_sandbox/ledger", &[], "").await;
        let ledger = answer.json();
        let all = ledger["entries"].as_array().expect("entries").iter();
        let charges = all.filter(|entry| entry["object"] == "charge" && entry["status"] == "succeeded");
        charges.cloned().collect()
    }

    /// What the one charge came to that has happened since there were so many.
    pub async fn the_one_charge(&self, before: usize) -> u64 {
        let charges = self.charges().await;
        let [one] = &charges[before..] else {
            panic!("not one charge: {:?}", &charges[before..])
        };
        one["amount"].as_u64().expect("an amount")
    }

    /// From now on, every request to the provider of this kind fails so. Nothing fails any more without a kind.
    pub async fn provider_fails(&self, rule: Option<&Value>) {
        let path = "/_sandbox/faults";
        let json = [("content-type", "application/json")];
        let answer = match rule {
            Some(rule) => {
                let body = rule.to_string();
                self.sandbox.send(Method::POST, path, &json, body).await
            }
            None => self.sandbox.send(Method::DELETE, path, &[], "").await,
        };
        assert!(answer.status < 300, "{}", answer.text());
    }

    /// The name and the password of the sample login, as the server printed them: "Sign in at ... as `demo` with the password `...`."
    pub fn staff(&self) -> (String, String) {
        let line = self
            .served
            .said()
            .lines()
            .find(|line| line.contains("Sign in at"));
        let line = line.expect("a sample login");
        let mut told = line.split('`').skip(1).step_by(2).map(str::to_owned);
        let (name, password) = (told.next(), told.next());
        (name.expect("a name"), password.expect("a password"))
    }

    /// The mails, newest first.
    pub async fn mails(&self) -> Vec<Value> {
        let answer = self.http.send(Method::GET, "/mailbox.json", &[], "").await.json();
        answer["mails"].as_array().expect("mails").clone()
    }

    /// The one mail whose subject has these words in it, once it has come.
    pub async fn mail(&self, words: &str) -> Value {
        self.mail_to("", words).await
    }

    /// The same, of those that went to an address.
    pub async fn mail_to(&self, address: &str, words: &str) -> Value {
        let mut ticks = tokio::time::interval(LOOK);
        let looking = async {
            loop {
                ticks.tick().await;
                let mails = self.mails().await;
                let has = |text: &Value, part: &str| text.to_string().contains(part);
                let is_it = |mail: &&Value| has(&mail["subject"], words) && has(&mail["to"], address);
                let found: Vec<&Value> = mails.iter().filter(is_it).collect();
                if let [one] = found[..] {
                    return one.clone();
                }
                assert!(found.len() < 2, "{} mails say `{words}`: {found:?}", found.len());
            }
        };
        let found = tokio::time::timeout(SOON, looking).await;
        let Ok(mail) = found else {
            panic!("no mail says `{words}`: {:?}", self.mails().await)
        };
        mail
    }

    /// The key of a seller's sample backend, and its first contract.
    pub fn sample(&self, seller: &str) -> Value {
        sample(self.folder.path(), seller)
    }

    /// Asks the API as a seller's backend.
    pub async fn asks(&self, seller: &str, path: &str) -> Value {
        let sample = self.sample(seller);
        let key = format!("Bearer {}", sample["api_key"].as_str().expect("a key"));
        let headers = [("authorization", key.as_str())];
        self.http.send(Method::GET, path, &headers, "").await.json()
    }

    /// Ends the test: the server ends in good order, and every history it has written is proven.
    #[expect(
        clippy::unused_async,
        reason = "the last step of a story is told as every other one"
    )]
    pub async fn close(self) {
        drop(self.browser);
        self.served.stop();
        let data = self.folder.path().to_string_lossy();
        let proven = finished(changeover(&["journal", "verify"], &[("CHANGEOVER_DATA", &data)]));
        assert!(
            proven.status.success(),
            "{}{}",
            String::from_utf8_lossy(&proven.stdout),
            String::from_utf8_lossy(&proven.stderr)
        );
    }
}

fn sample(data: &Path, seller: &str) -> Value {
    let noted = std::fs::read(data.join("sample.json")).expect("the samples' file");
    let noted: Value = serde_json::from_slice(&noted).expect("JSON");
    let all = noted.as_array().expect("samples");
    let own = all.iter().find(|sample| sample["seller"] == seller);
    own.expect("a sample of the seller").clone()
}
