//! The provider's webhooks on their way: lost, repeated, reordered, days late, forged; and the passing of time at the provider.

use std::sync::Arc;

use changeover::stripe::webhook::{WebhookError, WebhookSecrets};
use futures_util::FutureExt as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::Sha256;

use crate::scheduler::Group;
use crate::watch::Watch;
use crate::world::World;

/// What signs webhooks.
const SECRET: &str = "whsec_simulated";

/// How long the provider tries, in seconds, as Stripe does it.
const TRIED_FOR: i64 = 3 * 24 * 3600;

/// Sends what the provider has to tell by now.
pub fn dispatch(world: &Arc<World>) {
    let told = world
        .sandbox
        .hand_out()
        .now_or_never()
        .expect("the sandbox waits for nothing");
    for payload in told.expect("a sandbox that works") {
        if world.plan.deaf {
            world.count("webhook of a deaf world");
            continue;
        }
        if world.strikes("webhook_lost", |weather| weather.webhook_lost) {
            continue;
        }
        let copies = if world.strikes("webhook_repeated", |weather| weather.webhook_repeated) {
            world.dice().below(2..5)
        } else {
            1
        };
        for _ in 0..copies {
            let late = world.strikes("webhook_late", |weather| weather.webhook_late);
            let delay = world
                .dice()
                .below(0..if late { 3 * 24 * 3_600_000 } else { 4_000 });
            let delay = SignedDuration::from_millis(i64::try_from(delay).unwrap_or(0));
            let (world, payload) = (world.clone(), payload.clone());
            let task = world.clone();
            task.scheduler.spawn(Group::World, carry(world, payload, delay));
        }
    }
}

/// Carries one webhook until somebody says that it arrived.
async fn carry(world: Arc<World>, payload: String, delay: SignedDuration) {
    world.scheduler.sleep(delay).await;
    let mut pause = 5;
    let mut waited = 0;
    while waited < TRIED_FOR {
        world.scheduler.hop(1, 60).await;
        if arrives(&world, &payload).await {
            return;
        }
        world.scheduler.sleep(SignedDuration::from_secs(pause)).await;
        waited += pause;
        pause = (pause * 4).min(8 * 3600);
    }
}

async fn arrives(world: &Arc<World>, payload: &str) -> bool {
    let Some(node) = world.any_node() else {
        return false;
    };
    let at = world.now();
    let signature = signed(SECRET, payload, at);
    let envelope = secrets().verify(payload.as_bytes(), Some(&signature), world.clock_of(node));
    let Ok(envelope) = envelope else {
        // A node whose clock is off takes a fresh webhook for an old one; another node will take it.
        return false;
    };
    let inbound = envelope.into_inbound(world.seller.clone(), world.clock_of(node));
    let before = Watch::before_webhook(world, &inbound);
    let event = inbound.event_id.clone();
    let kept = world
        .ask(node, move |engine| {
            Box::pin(async move { engine.accept_inbound(inbound).await })
        })
        .await;
    match kept {
        Some(Ok(news)) => {
            world.tells(|| format!("webhook {event} is acknowledged, news: {news}"));
            world.watch.webhook_acknowledged(world, &event, news, &before);
            true
        }
        _ => false,
    }
}

/// Somebody who does not know the secret says that everything is paid.
pub fn forge(world: &World) {
    let event = json!({
        "id": "evt_forged", "object": "event", "type": "invoice.paid", "created": world.now().as_second(),
        "data": { "object": { "id": "in_forged", "object": "invoice", "customer": "cus_forged" } },
    });
    let payload = event.to_string();
    let signature = signed("whsec_guessed", &payload, world.now());
    let verified = secrets().verify(payload.as_bytes(), Some(&signature), world.now());
    if verified != Err(WebhookError::Forged) {
        world
            .witness
            .breaks("I20", format!("a forged webhook was taken: {verified:?}"));
    }
}

fn secrets() -> WebhookSecrets {
    WebhookSecrets::new(vec![SECRET.to_owned().into()])
}

fn signed(secret: &str, payload: &str, at: Timestamp) -> String {
    let at = at.as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(format!("{at}.{payload}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

/// Plays what happens at the provider by itself: renewals, collections, what is given up.
pub async fn plays(world: Arc<World>) {
    loop {
        let due = world
            .sandbox
            .next_due()
            .now_or_never()
            .expect("the sandbox waits for nothing");
        let due = due
            .ok()
            .flatten()
            .and_then(|due| Timestamp::from_second(due).ok());
        let latest = world
            .now()
            .checked_add(SignedDuration::from_hours(1))
            .unwrap_or(Timestamp::MAX);
        let soonest = world
            .now()
            .checked_add(SignedDuration::from_secs(1))
            .unwrap_or(Timestamp::MAX);
        let next = due.map_or(latest, |due| due.clamp(soonest, latest));
        world.scheduler.sleep_until(next).await;
        dispatch(&world);
    }
}
