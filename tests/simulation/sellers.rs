//! Who sells in a world: the simulation's own seller, or one of those whose files come with the program.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use changeover::app::shipped_workflows;
use changeover::domain::account::Permission;
use changeover::domain::catalog::{Catalog, Playbook, Price};
use changeover::domain::change::Actor;
use changeover::domain::money::Currency;
use changeover::workflow::Workflow;

use crate::chance::Chance;
use crate::plan::Plan;
use crate::world::lock;

/// Whose file a world goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SellerFile {
    /// The simulation's own: two items, all ways to pay, meters, promises without support.
    Simulated,
    /// Extras on top of plans that are paid in another way.
    Clint,
    /// A plan and a package, up and down by the same button, boletos.
    Zenvia,
    /// Products, tiers, bundles, add-ons that need others; whoever wants less fills in a form.
    ActiveCampaign,
    /// Licences of agencies' clients.
    SharpSpring,
}

/// One text of a file: which, whether it prorates by days, and whether what is less waits for the period's end.
type Text = (SellerFile, bool, bool);

impl SellerFile {
    /// The simulation's own in two worlds of five: it alone has meters and every way to pay.
    pub fn drawn(chance: &mut Chance) -> Self {
        use SellerFile::{ActiveCampaign, Clint, SharpSpring, Simulated, Zenvia};
        let all = [
            Simulated,
            Simulated,
            Simulated,
            Simulated,
            Clint,
            Zenvia,
            Zenvia,
            ActiveCampaign,
            ActiveCampaign,
            SharpSpring,
        ];
        *chance.one_of(&all)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Simulated => "seller.toml",
            Self::Clint => "clint.toml",
            Self::Zenvia => "zenvia.toml",
            Self::ActiveCampaign => "activecampaign.toml",
            Self::SharpSpring => "sharpspring.toml",
        }
    }

    /// Whether the plan itself is not charged at the provider.
    pub fn plans_are_paid_elsewhere(self) -> bool {
        matches!(self, Self::Simulated | Self::Clint)
    }

    fn text(self, by_day: bool, at_period_end: bool) -> String {
        if self == Self::Simulated {
            let proration = if by_day { "day" } else { "second" };
            let less = if at_period_end { "at_period_end" } else { "ticket" };
            return include_str!("seller.toml")
                .replace("PRORATION", proration)
                .replace("LESS", less);
        }
        let mut files = shipped_workflows();
        let (_, text) = files
            .find(|(name, _)| name.rsplit('/').next() == Some(self.name()))
            .unwrap_or_else(|| panic!("{} comes with the program", self.name()));
        let text = in_days(text);
        if self == Self::SharpSpring {
            return within_reach(&text);
        }
        text
    }
}

/// The file with deadlines of days, as the simulation's own has them: a run sees the end of everything.
fn in_days(text: &str) -> String {
    let reminders = text
        .replace(r#"["1 day", "3 days"]"#, r#"["8 hours"]"#)
        .replace(r#"["1 hour", "1 day"]"#, r#"["1 hour", "8 hours"]"#);
    reminders
        .replace(r#"= "7 days""#, r#"= "1 day""#)
        .replace(r#"= "30 days""#, r#"= "3 days""#)
}

/// The file with allowances that a few reports go beyond.
fn within_reach(text: &str) -> String {
    let allowances = ["units = 100 }", "units = 500 }", "units = 1000 }", "units = 50 }"];
    allowances
        .iter()
        .fold(text.to_owned(), |text, units| text.replace(units, "units = 10 }"))
}

/// The rules of a world, and the text that they were read from.
pub fn rules(plan: &Plan) -> (Arc<Playbook>, String) {
    static READ: Mutex<BTreeMap<Text, (Arc<Playbook>, String)>> = Mutex::new(BTreeMap::new());
    let of_simulation = plan.seller == SellerFile::Simulated;
    let which = (
        plan.seller,
        plan.by_day && of_simulation,
        plan.less_at_period_end && of_simulation,
    );
    let mut read = lock(&READ);
    let known = read.entry(which).or_insert_with(|| {
        let (seller, by_day, at_period_end) = which;
        let text = seller.text(by_day, at_period_end);
        let workflow = Workflow::parse(seller.name(), &text);
        let workflow = workflow.unwrap_or_else(|problems| panic!("{}: {problems:?}", seller.name()));
        (Arc::new(workflow.playbook), text)
    });
    known.clone()
}

/// What of a catalogue the provider is given: all in the world's currency. A provider's customer cannot mix them anyway, and every
/// price is a request.
pub fn sold_in(catalog: &Catalog, currency: Currency) -> Catalog {
    let mut sold = catalog.clone();
    let keep = |prices: &mut Vec<Price>| prices.retain(|price| price.currency == currency);
    sold.plans.iter_mut().for_each(|plan| keep(&mut plan.prices));
    sold.offers.iter_mut().for_each(|offer| keep(&mut offer.prices));
    sold
}

/// Somebody who may change the plan by the seller's rules.
pub fn buyer(playbook: &Playbook) -> Actor {
    let may = |permissions: &std::collections::BTreeSet<Permission>| {
        permissions
            .iter()
            .any(|held| held.includes(Permission::ChangePlan))
    };
    let mut roles = playbook.policy.roles.all.iter();
    let role =
        roles.find(|role| may(&role.permissions) && !role.permissions.contains(&Permission::ManageClients));
    let role = role.expect("somebody may change the plan");
    Actor::customer(role.id.as_str(), Some("user-1".to_owned()))
}

/// Somebody who manages an agency's clients, where the seller has agencies.
pub fn manager(playbook: &Playbook) -> Option<Actor> {
    let mut roles = playbook.policy.roles.all.iter();
    let role = roles.find(|role| role.permissions.contains(&Permission::ManageClients))?;
    Some(Actor::customer(role.id.as_str(), Some("user-2".to_owned())))
}
