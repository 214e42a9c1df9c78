//! The seller's product: it reports what a customer uses, each report until it is answered, sometimes once more, and keeps what
//! was acknowledged.

use changeover::domain::metering::{Quantity, Report};
use changeover::engine::{ReportAnswer, UsageReport};
use jiff::SignedDuration;

use crate::customer::Customer;
use crate::world::{World, lock};

/// How often a report is sent.
const TRIES_MAX: u64 = 8;

/// Reports what a customer uses, while the storm lasts.
pub async fn reports(customer: Customer, rounds: u64) {
    let world = customer.client.world.clone();
    let _here = World::enters(&world);
    let mut mood = world.dice().fork();
    let meters = &world.playbook.metering.meters;
    for _ in 0..rounds {
        customer.client.dawdles(SignedDuration::from_hours(5)).await;
        if !world.storms() || meters.is_empty() {
            return;
        }
        let Some(contract) = customer.held() else { continue };
        let many = 1 + mood.below(0..3);
        let reports = (0..many).map(|_| UsageReport {
            contract: contract.id,
            report: Report {
                id: world.new_id(world.now()).to_string(),
                meter: mood.one_of(meters).id.clone(),
                variant: None,
                quantity: Quantity::whole(1 + mood.below(0..40)).expect("a quantity"),
                at: world.now(),
            },
        });
        let reports: Vec<UsageReport> = reports.collect();
        sends(&customer, &reports).await;
        if mood.permille(200) {
            customer.client.dawdles(SignedDuration::from_mins(30)).await;
            sends(&customer, &reports).await;
        }
    }
}

/// Sends reports until they are answered, and keeps which of them count.
async fn sends(customer: &Customer, reports: &[UsageReport]) {
    let world = &customer.client.world;
    for nth in 0..TRIES_MAX {
        world.scheduler.hop(1, 30).await;
        let sent = reports.to_vec();
        let answered = customer.client.asks(move |engine, asked| {
            Box::pin(async move { engine.report_usage(&asked.seller, &sent).await })
        });
        let Some(Ok(answers)) = answered.await else {
            world.scheduler.hop(500, 2_000 << nth.min(5)).await;
            continue;
        };
        for (sent, answer) in reports.iter().zip(answers) {
            match answer {
                ReportAnswer::Taken(taken) if taken.allowed => {
                    world.count("use: counted");
                    lock(&world.used).insert(sent.report.id.clone(), sent.report.quantity);
                }
                ReportAnswer::Taken(_) => world.count("use: stopped"),
                ReportAnswer::Refused(refusal) => world.count(format!("use: {}", refusal.code)),
                ReportAnswer::NoContract => world.count("use: no contract"),
            }
        }
        return;
    }
}
