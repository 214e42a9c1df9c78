//! A browser without scripts: it keeps the cookie of its session, follows where it is led, and fills in forms.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Http};
use crate::support::{Clint, House};

pub struct Reader {
    http: Http,
    pub cookie: String,
    /// The address that it is at, below the server's.
    pub at: String,
    pub page: Answer,
}

impl Reader {
    /// Somebody of this role, whom the seller's backend sends to `page`.
    pub async fn of(house: &House, customer: &Clint, role: &str, page: &str) -> Self {
        let opened = opened(house, customer, json!({ "role": role, "id": "user_1" }), page).await;
        Self::from(house, opened["url"].as_str().expect("an address")).await
    }

    /// Whoever opens this link.
    pub async fn from(house: &House, url: &str) -> Self {
        let http = Http::new(house.backend.base());
        let path = path_of(url);
        let answer = http.send(Method::GET, path, &[], "").await;
        let cookie = answer.header("set-cookie").unwrap_or_default();
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let mut reader = Self {
            http,
            cookie,
            at: path.to_owned(),
            page: answer,
        };
        reader.follow().await;
        reader
    }

    /// Goes to an address of its session.
    pub async fn goes(&mut self, path: &str) {
        path.clone_into(&mut self.at);
        let headers = [("cookie", self.cookie.as_str())];
        self.page = self.http.send(Method::GET, path, &headers, "").await;
        self.follow().await;
    }

    /// The same, below the address of its session.
    pub async fn visits(&mut self, rest: &str) {
        let path = format!("{}{rest}", self.session());
        self.goes(&path).await;
    }

    /// Sends the form with this address, as it stands on the page, with these fields filled in; work goes on meanwhile.
    pub async fn sends(&mut self, house: &mut House, action: &str, fields: &[(&str, &str)]) {
        let body = self.filled(action, fields);
        let path = self.action(action);
        self.posts(house, &path, &body, &[]).await;
        self.follow().await;
    }

    /// Posts this, and stays where it is answered.
    pub async fn posts(&mut self, house: &mut House, path: &str, body: &str, further: &[(&str, &str)]) {
        let mut headers = vec![
            ("cookie", self.cookie.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        headers.extend(further);
        let answered = std::cell::Cell::new(false);
        let asking = async {
            let answer = self
                .http
                .send(Method::POST, path, &headers, body.to_owned())
                .await;
            answered.set(true);
            answer
        };
        // To its end each time: what is torn off in the middle would hold its lease.
        let working = async {
            while !answered.get() {
                house.settle().await;
                tokio::task::yield_now().await;
            }
        };
        let (answer, ()) = tokio::join!(asking, working);
        house.settle().await;
        path.clone_into(&mut self.at);
        self.page = answer;
    }

    async fn follow(&mut self) {
        for _ in 0..5 {
            let Some(next) = self.page.header("location").map(str::to_owned) else {
                return;
            };
            self.at.clone_from(&next);
            let headers = [("cookie", self.cookie.as_str())];
            self.page = self.http.send(Method::GET, &next, &headers, "").await;
        }
        panic!("led in a circle at {}", self.at);
    }

    /// The address that all pages of its session begin with.
    pub fn session(&self) -> String {
        self.at.split('/').take(3).collect::<Vec<_>>().join("/")
    }

    /// What the page says, without its tags.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut inside = false;
        for sign in self.page.text().chars() {
            match sign {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                _ if !inside => text.push(sign),
                _ => {}
            }
        }
        let text = text.replace("&#39;", "'").replace("&amp;", "&");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn says(&self, words: &str) {
        let text = self.text();
        assert!(text.contains(words), "`{words}` is not on {}: {text}", self.at);
    }

    /// The whole address of the form that ends so.
    fn action(&self, action: &str) -> String {
        let html = self.page.text();
        let mut forms = html
            .split("action=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        forms
            .find(|address| address.ends_with(action))
            .unwrap_or_else(|| panic!("no form `{action}` on {}: {}", self.at, self.text()))
            .to_owned()
    }

    /// The form as it stands, with these fields instead.
    pub fn filled(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let html = self.page.text();
        let form = html
            .split("<form")
            .skip(1)
            .map(|rest| rest.split("</form>").next().unwrap_or_default())
            .find(|form| {
                let address = attribute(form.split('>').next().unwrap_or_default(), "action");
                address.is_some_and(|address| address.ends_with(action))
            })
            .unwrap_or_else(|| panic!("no form `{action}` on {}: {}", self.at, self.text()));
        let mut filled = form_urlencoded::Serializer::new(String::new());
        for input in form.split("<input").skip(1) {
            let tag = input.split('>').next().unwrap_or_default();
            let Some(name) = attribute(tag, "name") else {
                continue;
            };
            let kind = attribute(tag, "type").unwrap_or_default();
            let chosen = !matches!(kind.as_str(), "radio" | "checkbox") || tag.contains(" checked");
            if chosen && !tag.contains(" disabled") && !fields.iter().any(|(own, _)| *own == name) {
                filled.append_pair(&name, &attribute(tag, "value").unwrap_or_default());
            }
        }
        for (name, value) in fields {
            filled.append_pair(name, value);
        }
        filled.finish()
    }
}

/// An address below the server's.
pub fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

/// Where the newest mail leads to.
pub async fn mailed_link(house: &House) -> String {
    let mails = house.mails().await;
    let newest = mails.last().expect("a mail");
    let mut words = newest.text.split_whitespace();
    let link = words.find(|word| word.contains("/p/mail/"));
    link.unwrap_or_else(|| panic!("no link: {}", newest.text))
        .to_owned()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
    Some(rest.split('"').next()?.replace("&#38;", "&"))
}

/// What the seller's backend is told when it opens a session.
pub async fn opened(house: &House, customer: &Clint, actor: Value, page: &str) -> Value {
    let body = json!({
        "account": customer.account, "contract": customer.contract, "actor": actor, "page": page,
        "return_url": "https://app.clint.example/plano",
    });
    let answer = house
        .backend
        .command(Method::POST, "/v1/page-sessions", &body)
        .await;
    answer.expect("a session")
}
