//! People at the support console, each with a browser of their own.

use changeover::engine::NewStaff;
use changeover::ports::store::StaffRole;
use hyper::Method;
use url::form_urlencoded;

use super::house::House;
use super::http::{Answer, Http};

/// What everybody here signs in with.
pub const PASSWORD: &str = "four words of a sentence";

/// A browser at the console.
#[derive(Clone)]
pub struct Console {
    http: Http,
    pub cookie: String,
}

/// A page with a form that is filled in and sent.
pub struct Filled<'a> {
    console: &'a Console,
    action: String,
    fields: Vec<(String, String)>,
}

impl House {
    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Console {
        Console {
            http: Http::new(format!("http://{}", self.gateway.address)),
            cookie: String::new(),
        }
    }

    /// Adds somebody who works at the console.
    pub async fn employs(&self, login: &str, role: StaffRole, seller: Option<&str>) {
        let new = NewStaff {
            login: login.to_owned(),
            role,
            seller: seller.map(|seller| seller.parse().expect("a seller")),
            password: PASSWORD.to_owned(),
        };
        self.engine().add_staff(new, "operator").await.expect("added");
    }

    /// Somebody new, signed in.
    pub async fn on_duty(&self, login: &str, role: StaffRole) -> Console {
        self.employs(login, role, None).await;
        let mut browser = self.browser();
        browser.signs_in(login).await;
        browser
    }
}

impl Console {
    /// Signs in.
    pub async fn signs_in(&mut self, login: &str) {
        let answer = self.tries_to_sign_in(login, PASSWORD).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
        for part in ["HttpOnly", "SameSite=Strict", "Path=/console"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        cookie
            .split(';')
            .next()
            .expect("a pair")
            .clone_into(&mut self.cookie);
    }

    /// What an attempt comes to.
    pub async fn tries_to_sign_in(&self, login: &str, password: &str) -> Answer {
        let fields = [("login", login), ("password", password), ("next", "/console")];
        self.posts("/console/login", &fields, &[]).await
    }

    /// Opens an address.
    pub async fn opens(&self, path: &str) -> Answer {
        self.http
            .send(Method::GET, path, &[("cookie", self.cookie.as_str())], "")
            .await
    }

    /// Reads a page that is there.
    pub async fn reads(&self, path: &str) -> String {
        let answer = self.opens(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("script-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        answer.text()
    }

    /// Sends a form as it is.
    pub async fn posts(&self, path: &str, fields: &[(&str, &str)], further: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut headers = vec![
            ("cookie", self.cookie.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        headers.extend(further);
        self.http.send(Method::POST, path, &headers, form.finish()).await
    }

    /// The form of a page that goes to this address, with what is hidden in it.
    pub async fn fills_in(&self, path: &str, action: &str) -> Filled<'_> {
        let answer = self.opens(path).await;
        let page = answer.text();
        let start = format!("action=\"{action}\"");
        let form = page
            .split_once(&start)
            .unwrap_or_else(|| panic!("{path} has no form for {action}: {page}"))
            .1;
        let form = form.split("</form>").next().expect("a form");
        let hidden = form.split("<input type=\"hidden\" ").skip(1);
        let fields = hidden.map(|input| (attribute(input, "name"), attribute(input, "value")));
        Filled {
            console: self,
            action: action.to_owned(),
            fields: fields.collect(),
        }
    }
}

impl Filled<'_> {
    /// Types into a field.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What is in a field.
    pub fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str()).expect("a field")
    }

    /// Sends it.
    pub async fn sends(&self) -> Answer {
        self.sends_with(&[]).await
    }

    /// Sends it from elsewhere.
    pub async fn sends_with(&self, headers: &[(&str, &str)]) -> Answer {
        let fields: Vec<(&str, &str)> = { self.fields.iter() }
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.console.posts(&self.action, &fields, headers).await
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let start = format!("{name}=\"");
    let value = tag.split_once(&start).expect("an attribute").1;
    value.split('"').next().expect("its end").to_owned()
}
