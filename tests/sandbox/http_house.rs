//! A sandbox on a real port, a client that speaks to it over real HTTP, and a receiver of its webhooks.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::State, http::HeaderMap, routing::post};
use bytes::Bytes;
use changeover::sandbox::{Data, Options, SandboxError, serve};
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, StatusCode};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

/// When the tests' clocks begin: 2026-01-15 12:00 UTC.
pub const NOON: i64 = 1_768_478_400;
/// Nothing in these tests takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// The version that the sandbox speaks.
pub const VERSION: &str = "2026-09-30.endive";

/// Waits for something that must come.
pub async fn soon<T>(what: &str, wish: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, wish)
        .await
        .unwrap_or_else(|_| panic!("{what} did not come"))
}

/// A sandbox that is being served.
pub struct House {
    pub address: SocketAddr,
    pub time: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<Result<(), SandboxError>>,
}

/// Options whose real time is in the test's hands.
pub fn options(data: Data) -> (Options, Arc<AtomicI64>) {
    let time = Arc::new(AtomicI64::new(NOON));
    let read = Arc::clone(&time);
    let options = Options {
        data,
        ..Options::in_memory(Arc::new(move || read.load(Ordering::SeqCst)))
    };
    (options, time)
}

impl House {
    /// A sandbox in memory.
    pub async fn new() -> House {
        House::at(Data::Memory).await
    }

    /// A sandbox over `data`.
    pub async fn at(data: Data) -> House {
        let (options, time) = options(data);
        House::with(options, time).await
    }

    /// A sandbox with these options.
    pub async fn with(options: Options, time: Arc<AtomicI64>) -> House {
        let (bound, address) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(serve(
            options,
            move |address| bound.send(address).expect("the test waits for the address"),
            async move {
                let _ = stopped.await;
            },
        ));
        let address = soon("the address", address).await.expect("the sandbox starts");
        House {
            address,
            time,
            stop: Some(stop),
            served,
        }
    }

    /// A request with a secret key, in strict form.
    pub fn ask(&self, method: Method, path: &str) -> Ask {
        let headers = vec![
            ("authorization".to_owned(), "Bearer sk_test_anything".to_owned()),
            ("stripe-version".to_owned(), VERSION.to_owned()),
        ];
        Ask {
            url: format!("http://{}{path}", self.address),
            method,
            headers,
            body: String::new(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).send().await
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.ask(Method::POST, path).form(form).send().await
    }

    /// Posts JSON to one of the sandbox's own switches.
    pub async fn switch(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path)
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
    }

    /// Switches a fault on for the next request to `path`.
    pub async fn fault(&self, path: &str, action: &str) {
        let answer = self
            .switch("/_sandbox/faults", json!({ "path": path, "action": action }))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// Moves sandbox time.
    pub async fn advance(&self, seconds: i64) {
        let answer = self
            .switch("/_sandbox/clock", json!({ "advance_seconds": seconds }))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// Ends in good order.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        soon("the end", self.served)
            .await
            .expect("no panic")
            .expect("a good end");
    }

    /// Waits until it ends by itself.
    pub async fn ended(self) -> Result<(), SandboxError> {
        soon("the end", self.served).await.expect("no panic")
    }

    /// Ends as a kill does: everything that was under way is dropped where it is.
    pub async fn kill(self) {
        self.served.abort();
        assert!(
            soon("the end", self.served)
                .await
                .expect_err("killed")
                .is_cancelled()
        );
    }
}

/// One request, before it is sent.
pub struct Ask {
    url: String,
    method: Method,
    headers: Vec<(String, String)>,
    body: String,
}

impl Ask {
    /// Sets a header; an empty value takes it away.
    pub fn header(mut self, name: &str, value: &str) -> Ask {
        self.headers.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub fn key(self, key: &str) -> Ask {
        self.header("idempotency-key", key)
    }

    pub fn form(self, form: &str) -> Ask {
        self.header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
    }

    pub fn body(mut self, body: String) -> Ask {
        self.body = body;
        self
    }

    /// Sends it, and expects an answer.
    pub async fn send(self) -> Answer {
        self.try_send().await.expect("an answer")
    }

    /// Sends it on a connection of its own.
    pub async fn try_send(self) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build_http();
        let mut request = Request::builder().method(self.method).uri(self.url);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request
            .body(Full::new(Bytes::from(self.body)))
            .expect("a request");
        let response = soon("an answer", client.request(request)).await?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await?.to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            json,
            text,
        })
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub json: Value,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("a readable header"))
    }

    pub fn id(&self) -> &str {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json["id"].as_str().expect("an id")
    }

    /// Status, type, code and param of an error.
    pub fn error(&self) -> (u16, &str, Option<&str>, Option<&str>) {
        let error = &self.json["error"];
        let kind = error["type"]
            .as_str()
            .unwrap_or_else(|| panic!("no envelope: {}", self.text));
        (self.status, kind, error["code"].as_str(), error["param"].as_str())
    }
}

/// A webhook as it arrived.
#[derive(Debug)]
pub struct Arrived {
    pub signature: String,
    pub body: String,
    pub event: Value,
}

/// Somebody who receives webhooks, answering with the statuses that were prepared, and with 200 after them.
pub struct Receiver {
    pub url: String,
    arrivals: mpsc::UnboundedReceiver<Arrived>,
    _server: tokio::task::JoinSet<()>,
}

type Desk = (mpsc::UnboundedSender<Arrived>, Arc<Mutex<VecDeque<u16>>>);

impl Receiver {
    pub async fn answering(statuses: impl IntoIterator<Item = u16>) -> Receiver {
        let (sender, arrivals) = mpsc::unbounded_channel();
        let desk: Desk = (sender, Arc::new(Mutex::new(statuses.into_iter().collect())));
        let router = Router::new().route("/hook", post(receive)).with_state(desk);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let mut server = tokio::task::JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.expect("serving") });
        Receiver {
            url,
            arrivals,
            _server: server,
        }
    }

    pub async fn next(&mut self) -> Arrived {
        soon("a webhook", self.arrivals.recv())
            .await
            .expect("the receiver lives")
    }

    /// What has arrived by now and was not taken yet.
    pub fn waiting(&mut self) -> Vec<Arrived> {
        std::iter::from_fn(|| self.arrivals.try_recv().ok()).collect()
    }
}

async fn receive(State((sender, statuses)): State<Desk>, headers: HeaderMap, body: String) -> StatusCode {
    let signature = headers["stripe-signature"].to_str().expect("text").to_owned();
    let event = serde_json::from_str(&body).expect("JSON");
    let status = statuses.lock().expect("no panic").pop_front().unwrap_or(200);
    sender
        .send(Arrived {
            signature,
            body,
            event,
        })
        .expect("the test lives");
    StatusCode::from_u16(status).expect("a status")
}
