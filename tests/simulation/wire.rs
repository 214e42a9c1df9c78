//! The wire from a node to the provider: requests are lost, late and doubled, answers are lost, and the provider fails. What has
//! left a node arrives, also if the node dies meanwhile.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use changeover::stripe::{TransportError, Wire};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, Response};
use jiff::SignedDuration;
use serde_json::json;
use tokio::sync::oneshot;
use tower::ServiceExt as _;

use crate::courier;
use crate::plan::Weather;
use crate::scheduler::Group;
use crate::storm;
use crate::version;
use crate::world::World;

/// How long a node waits for an answer, as in production.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);

/// So many lost histories are enough for one run.
const FAILOVERS_MAX: u64 = 4;

/// How long a request can be on its way.
const IN_FLIGHT_MAX: SignedDuration = SignedDuration::from_mins(15);

type Carried = Result<Response<Bytes>, TransportError>;

/// The wire of one node.
pub struct SimulatedWire {
    pub world: Arc<World>,
    pub node: usize,
}

/// A request, kept so that it can arrive late or twice.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: Method,
    /// With its query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Sent {
    /// The plain request.
    pub fn new(method: Method, path: &str, key: &str, body: String) -> Self {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let bearer = format!("Bearer {key}");
        let headers = [("authorization", bearer.as_str()), form];
        Self {
            method,
            path: path.to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            body: body.into(),
        }
    }

    fn of(request: Request<Full<Bytes>>) -> Self {
        let (head, body) = request.into_parts();
        let body = body.collect().now_or_never().and_then(Result::ok);
        let headers = head
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
        Self {
            method: head.method,
            path: head
                .uri
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
            headers: headers.collect(),
            body: body.map(http_body_util::Collected::to_bytes).unwrap_or_default(),
        }
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The path without its query.
    pub fn place(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    fn request(&self) -> Option<Request<Body>> {
        let mut builder = Request::builder().method(&self.method).uri(&self.path);
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        builder.body(Body::from(self.body.clone())).ok()
    }
}

/// Brings a request to the provider, which answers at once.
pub fn answered(world: &World, sent: &Sent) -> Response<Bytes> {
    let request = sent.request().expect("a request that can be written");
    let answer = world.router.clone().oneshot(request).now_or_never();
    let answer = answer
        .expect("the sandbox waits for nothing")
        .unwrap_or_else(|never| match never {});
    let (head, body) = answer.into_parts();
    let body = body.collect().now_or_never().and_then(Result::ok);
    Response::from_parts(
        head,
        body.map(http_body_util::Collected::to_bytes).unwrap_or_default(),
    )
}

/// A trouble, whether it can be met here, and how often it is.
type Trouble = (&'static str, bool, fn(&Weather) -> u64);

/// What goes wrong with one request inside the provider, in the words of the sandbox.
fn trouble_inside(world: &World, sent: &Sent) -> Option<&'static str> {
    let mutating = sent.header("idempotency-key").is_some();
    let table: [Trouble; 6] = [
        ("error_500_before", mutating, |weather| weather.error_before),
        ("error_500_after", mutating, |weather| weather.error_after),
        ("http_429", true, |weather| weather.rate_limit),
        ("lock_timeout", true, |weather| weather.lock_timeout),
        ("key_in_use", mutating, |weather| weather.key_in_use),
        ("html_502", true, |weather| weather.bad_gateway),
    ];
    let struck = table
        .into_iter()
        .find(|(name, here, rate)| *here && world.strikes(name, rate));
    struck.map(|(name, ..)| name)
}

/// The request reaches the provider, which works it off, whatever becomes of the answer.
fn arrive(world: &Arc<World>, sent: &Sent) -> Response<Bytes> {
    let trouble = trouble_inside(world, sent);
    if let Some(action) = trouble {
        let rule = json!({ "method": sent.method.as_str(), "path": sent.place(), "action": action });
        let mut order = Sent::new(Method::POST, "/_sandbox/faults", "", rule.to_string());
        order.headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        answered(world, &order);
    }
    let answer = answered(world, sent);
    if trouble.is_some() {
        answered(
            world,
            &Sent::new(Method::DELETE, "/_sandbox/faults", "", String::new()),
        );
    }
    world.tells(|| {
        let key = sent.header("idempotency-key").unwrap_or_default();
        format!(
            "provider: {} {} {key} {} {trouble:?}",
            sent.method,
            sent.path,
            answer.status()
        )
    });
    world.watch.arrived(world, sent, &answer);
    courier::dispatch(world);
    if world.strikes("garbled", |weather| weather.garbled) {
        let (head, body) = answer.into_parts();
        return Response::from_parts(head, body.slice(..body.len() / 2));
    }
    answer
}

/// Whether it can charge: what changes or makes a subscription, or pays an invoice.
fn charges(sent: &Sent) -> bool {
    let charging = |key: &str| {
        [
            "-update_subscription-",
            "-create_subscription-",
            "-pay_invoice-",
            "-issue_voucher-",
            "-switch_subscription-",
        ]
        .iter()
        .any(|name| key.contains(name))
    };
    sent.header("idempotency-key").is_some_and(charging)
}

async fn travel(world: Arc<World>, sent: Sent, tell: oneshot::Sender<Carried>) {
    let lost = || Err(TransportError::Lost("the connection broke".to_owned()));
    if world.strikes("unreachable", |weather| weather.unreachable) {
        world.scheduler.hop(1, 40).await;
        let _ = tell.send(Err(TransportError::NotConnected("refused".to_owned())));
        return;
    }
    if world.strikes("request_lost", |weather| weather.request_lost) {
        world.scheduler.hop(5, 40_000).await;
        let _ = tell.send(lost());
        return;
    }
    let left = world.now();
    let mutating = sent.header("idempotency-key").is_some();
    if mutating && world.strikes("request_late", |weather| weather.request_late) {
        world.scheduler.hop(5_000, 400_000).await;
    } else {
        world.scheduler.hop(5, 250).await;
    }
    if world.now().duration_since(left) > IN_FLIGHT_MAX {
        // No network keeps a request over a jump of the clock.
        return;
    }
    let answer = arrive(&world, &sent);
    if mutating && world.strikes("request_doubled", |weather| weather.request_doubled) {
        world.scheduler.hop(0, 5_000).await;
        if world.now().duration_since(left) <= IN_FLIGHT_MAX {
            let _ = arrive(&world, &sent);
        }
    }
    let again = world.counted(&["failover"]) < FAILOVERS_MAX;
    if charges(&sent) && again && world.strikes("failover", |weather| weather.lossy_charges) {
        // The worst moment for it: what was just carried out is forgotten, with all that led to it.
        let world = world.clone();
        let task = world.clone();
        let key = sent.header("idempotency-key").map(str::to_owned);
        task.scheduler.spawn(Group::World, async move {
            world.scheduler.hop(0, 3_000).await;
            storm::loses_commits(&world, key.as_deref());
            if world.storms() && world.dice().permille(200) {
                world.count("night after a failover");
                storm::falls_asleep(world).await;
            }
        });
    }
    let answer_is_lost = world.strikes("answer_lost", |weather| weather.answer_lost);
    if mutating && answer_is_lost && world.strikes("night", |weather| weather.long_nights * 150) {
        // The worst moment for it: what came of the request is not known, and nobody asks for longer than the key lives.
        world
            .scheduler
            .spawn(Group::World, storm::falls_asleep(world.clone()));
    }
    world
        .scheduler
        .hop(5, if answer_is_lost { 40_000 } else { 250 })
        .await;
    let _ = tell.send(if answer_is_lost { lost() } else { Ok(answer) });
}

impl Wire for SimulatedWire {
    fn carry(&self, request: Request<Full<Bytes>>) -> BoxFuture<'_, Carried> {
        let sent = Sent::of(request);
        let watch = &self.world.watch;
        version::during(version::NEW, || watch.leaves(&self.world, self.node, &sent));
        let (tell, hear) = oneshot::channel();
        self.world
            .scheduler
            .spawn(Group::World, travel(self.world.clone(), sent, tell));
        Box::pin(async move {
            let lost = |why: &str| Err(TransportError::Lost(why.to_owned()));
            tokio::select! {
                biased;
                answer = hear => answer.unwrap_or_else(|_| lost("the wire broke")),
                () = self.world.scheduler.sleep(PATIENCE) => lost("no end within 30 s"),
            }
        })
    }
}
