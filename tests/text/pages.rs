use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use changeover::domain::language::Language;
use changeover::mail::{Mailbox, samples};
use changeover::ports::mail::{Mailer, News};
use changeover::web;
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// A mailbox in a folder of its own, with its pages.
struct Pages {
    mailbox: Mailbox,
    _folder: TempDir,
}

impl Pages {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        Self {
            mailbox: Mailbox::open(folder.path()).expect("opened"),
            _folder: folder,
        }
    }

    async fn deliver(&self, language: Language, news: News) {
        self.mailbox
            .send(&samples::letter(language, news))
            .await
            .expect("delivered");
    }

    async fn open(&self, path: &str) -> (Response<()>, String) {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let (head, body) = web::mailbox::router(self.mailbox.clone())
            .oneshot(request)
            .await
            .expect("answered")
            .into_parts();
        let bytes = body.collect().await.expect("read").to_bytes();
        (
            Response::from_parts(head, ()),
            String::from_utf8(bytes.to_vec()).expect("text"),
        )
    }
}

#[tokio::test]
async fn an_empty_mailbox_says_so() {
    let (answer, html) = Pages::new().open("/mailbox").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(html.contains("No mail yet"), "{html}");
}

#[tokio::test]
async fn a_mail_is_found_in_the_list_and_shown_in_both_forms() {
    let pages = Pages::new();
    pages.deliver(Language::PtBr, News::Expired).await;
    let (_, list) = pages.open("/mailbox").await;
    assert!(
        list.contains("A sua mudança de plano terminou") && list.contains("ana@example.com"),
        "{list}"
    );
    let link = list
        .split("href=\"")
        .find(|part| part.starts_with("/mailbox/0"))
        .expect("a link");
    let link = link.split('"').next().expect("its end");

    let (answer, mail) = pages.open(link).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(mail.contains("Referência: CHG-7K2M-94QD"), "{mail}");
    let frame = format!("{link}/html");
    assert!(
        mail.contains(&format!("src=\"{frame}\"")) && !mail.contains("style=\""),
        "the HTML form stands in its frame alone: {mail}"
    );
    let (_, html) = pages.open(&frame).await;
    assert!(
        html.starts_with("<!doctype html") && html.contains("CHG-7K2M-94QD"),
        "{html}"
    );
}

#[tokio::test]
async fn programs_read_the_same_list() {
    let pages = Pages::new();
    let (_, empty) = pages.open("/mailbox.json").await;
    assert_eq!(
        serde_json::from_str::<Value>(&empty).expect("JSON"),
        serde_json::json!({ "mails": [] })
    );
    pages.deliver(Language::En, News::Cancelled).await;
    let (answer, json) = pages.open("/mailbox.json").await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let mail = &json["mails"][0];
    assert_eq!(
        (&mail["to"], &mail["subject"]),
        (
            &"ana@example.com".into(),
            &"Your plan change was cancelled".into()
        )
    );
    assert!(
        mail["text"]
            .as_str()
            .is_some_and(|text| text.contains("CHG-7K2M-94QD"))
    );
    assert!(
        mail["message_id"].is_string() && mail["id"].is_string() && mail["at"].is_string(),
        "{mail}"
    );
}

#[tokio::test]
async fn nothing_on_these_pages_can_run() {
    let pages = Pages::new();
    let evil = "</pre><script>alert(1)</script>";
    pages
        .deliver(
            Language::En,
            News::TicketReceived {
                ticket: evil.to_owned(),
            },
        )
        .await;
    let id = pages.mailbox.list(1).await.expect("listed").remove(0).id;
    for path in [
        "/mailbox",
        "/mailbox.json",
        "/mailbox/style.css",
        "/mailbox/0-no",
        &format!("/mailbox/{id}"),
        &format!("/mailbox/{id}/html"),
        "/mailbox/0-no/html",
    ] {
        let (answer, body) = pages.open(path).await;
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .expect("text");
        let framed = path == format!("/mailbox/{id}/html");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert_eq!(policy.contains("; sandbox"), framed, "{path}: {policy}");
        assert_eq!(policy.contains("unsafe"), framed, "{path}: {policy}");
        let own = "<script src=\"/assets/page.js";
        let is_page = body.contains(own);
        assert_eq!(policy.contains("script-src 'self';"), is_page, "{path}: {policy}");
        let body = body.replace(own, "");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        assert!(
            path == "/mailbox.json" || !body.contains("<script"),
            "{path}: {body}"
        );
        assert!(
            !body.contains("allow-scripts") && !body.contains("allow-same-origin"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_mail_that_is_not_there_is_said_to_be_missing() {
    let pages = Pages::new();
    for path in [
        "/mailbox/00000000000001-abc-0000",
        "/mailbox/..%2Fsecret",
        "/mailbox/%00",
    ] {
        let (answer, html) = pages.open(path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(html.contains("No such mail"), "{path}: {html}");
    }
}
