//! The load: customers in lanes, one change at a time in each, all from one thread of its own.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;

use super::figures::Sample;
use super::journey::{Api, Customer, Times};
use super::mail_sink::MailSink;
use super::service::Service;
use super::stub::Stub;
use super::{Goods, Plan, pause, usage};
use crate::bench::stopwatch::Stopwatch;

/// How long mails may go on leaving after the last change has ended.
const MAIL_SECONDS_MAX: u64 = 60;

/// What the lanes have seen.
struct Seen {
    times: Times,
    took: Duration,
    cpu: Duration,
}

/// Brings the customers, measures their changes, and holds the outcome against the provider's ledger.
pub(super) async fn measure(
    service: &Service,
    stub: &Stub,
    mails: &MailSink,
    goods: &Goods,
    plan: Plan,
) -> anyhow::Result<Sample> {
    let api = Api::new(&service.address, &service.api_key);
    let lanes = bring(&api, goods, plan).await?;
    let before = Used::now(service, stub, mails).await?;
    let (mails_before, asked_before) = (mails.taken(), stub.requests());
    let goods = goods.clone();
    let seen =
        on_a_thread(move || async move { drive(lanes, &goods, plan.changes_per_customer).await }).await?;
    until_told(mails, mails_before + u64::from(plan.changes())).await?;
    let after = Used::now(service, stub, mails).await?;
    for nth in 0..u64::from(plan.customers()) {
        let (made, wanted) = (stub.charges_of(nth), u64::from(plan.changes_per_customer));
        ensure!(
            made == wanted,
            "customer {nth} was charged {made} times for {wanted} changes"
        );
    }
    Ok(Sample {
        changes: plan.changes(),
        took: seen.took,
        times: seen.times,
        service: after.service.saturating_sub(before.service),
        database: after
            .database
            .zip(before.database)
            .map(|(after, before)| after.saturating_sub(before)),
        load: seen.cpu,
        stub: after.stub.saturating_sub(before.stub),
        memory_peak: service.memory_peak(),
        bytes: after.bytes.saturating_sub(before.bytes),
        provider_requests: stub.requests() - asked_before,
    })
}

/// What was used until now.
struct Used {
    service: Duration,
    database: Option<Duration>,
    stub: Duration,
    bytes: u64,
}

impl Used {
    async fn now(service: &Service, stub: &Stub, mails: &MailSink) -> anyhow::Result<Self> {
        Ok(Self {
            service: service.cpu(),
            database: service.database_cpu(),
            stub: stub.cpu() + mails.cpu(),
            bytes: service.bytes().await?,
        })
    }
}

async fn bring(api: &Api, goods: &Goods, plan: Plan) -> anyhow::Result<Vec<Vec<Customer>>> {
    let lanes = (0..plan.lanes).map(|lane| async move {
        let mut customers = Vec::new();
        for place in 0..plan.customers_per_lane {
            let nth = u64::from(lane * plan.customers_per_lane + place);
            customers.push(Customer::arrives(api, goods, nth).await?);
        }
        anyhow::Ok(customers)
    });
    try_join_all(lanes).await
}

async fn drive(mut lanes: Vec<Vec<Customer>>, goods: &Goods, changes: u32) -> anyhow::Result<Seen> {
    let cpu = usage::Thread::this();
    let watch = Stopwatch::start();
    let driven = lanes.iter_mut().map(|customers| async move {
        let mut times = Times::new()?;
        for customer in customers {
            for _ in 0..changes {
                customer.upgrades(goods, &mut times).await?;
            }
        }
        anyhow::Ok(times)
    });
    let driven = try_join_all(driven).await?;
    let took = watch.elapsed();
    let mut times = Times::new()?;
    for lane in driven {
        times.changes.add(lane.changes)?;
        times.commands.add(lane.commands)?;
    }
    Ok(Seen {
        times,
        took,
        cpu: cpu.used(),
    })
}

/// Runs something on a thread that does nothing else.
async fn on_a_thread<T, F, W>(work: W) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<T>>,
    W: FnOnce() -> F + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("bench-load".to_owned())
        .spawn(move || {
            // Whoever started it waits for this.
            let _ = tell.send(runtime.block_on(work()));
        })?;
    told.await.context("the load's thread panicked")?
}

/// Every activation is told by mail; what that costs is part of a change.
async fn until_told(mails: &MailSink, wanted: u64) -> anyhow::Result<()> {
    let watch = Stopwatch::start();
    while mails.taken() < wanted {
        ensure!(
            watch.elapsed().as_secs() < MAIL_SECONDS_MAX,
            "{} of {wanted} mails have left",
            mails.taken()
        );
        pause(5).await;
    }
    Ok(())
}
