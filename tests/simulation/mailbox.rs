//! Where mails and events arrive. A mail server can be busy, and it can take a mail and lose its own answer.

use std::sync::{Arc, Mutex};

use changeover::domain::catalog::SellerId;
use changeover::ports::hooks::{HookFailure, Hooks, OutgoingEvent};
use changeover::ports::mail::{Letter, MailFailure, Mailer};
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::bugs::Bug;
use crate::scheduler::Group;
use crate::world::{World, lock};

/// What has arrived, by the key of its fact, in order.
#[derive(Debug, Default)]
pub struct Mailbox {
    /// Mails.
    pub mails: Mutex<Vec<String>>,
    /// Events.
    pub events: Mutex<Vec<String>>,
}

/// A mail server and an event receiver, as one node reaches them.
#[derive(Clone)]
pub struct Post(pub Arc<World>);

/// What is handed over arrives, also if the node dies meanwhile.
async fn handed_over(world: Arc<World>, arrive: impl FnOnce(&World) + Send + 'static) -> bool {
    let (tell, hear) = oneshot::channel();
    let net = world.clone();
    world.scheduler.spawn(Group::World, async move {
        net.scheduler.hop(5, 500).await;
        if net.strikes("mail_busy", |weather| weather.mail_busy) {
            let _ = tell.send(false);
            return;
        }
        arrive(&net);
        let lost = net.strikes("mail_answer_lost", |weather| weather.mail_answer_lost);
        net.scheduler.hop(5, 500).await;
        let _ = tell.send(!lost);
    });
    hear.await.unwrap_or(false)
}

impl Mailer for Post {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), MailFailure>> {
        let key = Bug::on_a_letter(&self.0, &letter.dedupe_key);
        Box::pin(async move {
            let arrive = move |world: &World| {
                world.tells(|| format!("mail {key} arrives"));
                lock(&world.mailbox.mails).push(key);
            };
            if handed_over(self.0.clone(), arrive).await {
                Ok(())
            } else {
                Err(MailFailure::Temporary("451".to_owned()))
            }
        })
    }
}

impl Hooks for Post {
    fn wants(&self, _seller: &SellerId) -> bool {
        self.0.plan.seed.is_multiple_of(3)
    }

    fn deliver<'a>(&'a self, event: &'a OutgoingEvent) -> BoxFuture<'a, Result<(), HookFailure>> {
        let id = event.id.clone();
        Box::pin(async move {
            let arrive = move |world: &World| lock(&world.mailbox.events).push(id);
            if handed_over(self.0.clone(), arrive).await {
                Ok(())
            } else {
                Err(HookFailure::Failed("503".to_owned()))
            }
        })
    }
}
