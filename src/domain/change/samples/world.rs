use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::seller::{currency, per_unit, playbook};
use super::{NOW, word};
use crate::domain::account::{
    Account, AccountId, Contract, ContractId, ContractStatus, HeldLine, LinePlace, Period,
};
use crate::domain::catalog::{
    Anchoring, BillingInfoPolicy, Interval, LineKey, Playbook, PriceRef, Recurring, Selection,
};
use crate::domain::change::{
    Actor, BillingOnFile, Consent, Deal, FirstPeriod, Hold, HoldingChange, IdentityRef, ItemFacts, Means,
    PaymentFacts, PaymentMethod, PhaseItem, Promise, PromisePlan, Quote, QuoteId, QuoteLine, QuotedTarget,
    SubscriptionFacts, SubscriptionStatus, Turn, Voucher, VoucherKind,
};
use crate::domain::language::Language;
use crate::domain::money::Money;

/// When the period of all samples began.
const PERIOD_START: Timestamp = Timestamp::constant(1_772_323_200, 0); // 2026-03-01T00:00:00Z
/// When it ends.
const PERIOD_END: Timestamp = Timestamp::constant(1_775_001_600, 0); // 2026-04-01T00:00:00Z

/// One seller, one account and one contract: all that a decision looks at.
#[derive(Debug, Clone)]
pub struct World {
    /// The seller.
    pub playbook: Playbook,
    /// The account.
    pub account: Account,
    /// Its billing data.
    pub billing: Option<BillingOnFile>,
    /// What it holds.
    pub contract: Contract,
}

impl World {
    /// The account holds `basic` with two seats on the subscription `sub_1`, and the provider has all its billing data.
    pub fn subscribed() -> Self {
        let mut world = Self::newcomer();
        world.account.provider_customer = Some("cus_1".to_owned());
        world.billing = Some(BillingOnFile {
            identity: Self::identity(1),
            saved_hash: Some(Self::identity(1).hash),
            saved_tax_id: Some(("txi_1".to_owned(), Self::identity(1).tax_id_hash)),
            tax_id_kind: None,
        });
        world.contract.subscription = Some("sub_1".to_owned());
        world.contract.plan = word("basic");
        world.contract.periods = vec![Period {
            interval: Interval::MONTH,
            start: PERIOD_START,
            end: PERIOD_END,
        }];
        let targets = world.targets(&Self::selection("basic", 2));
        world.contract.lines = targets.iter().map(|target| world.held(target)).collect();
        world
    }

    /// As [`World::subscribed`], but the provider has none of the billing data yet.
    pub fn unsaved() -> Self {
        let mut world = Self::subscribed();
        if let Some(billing) = &mut world.billing {
            billing.saved_hash = None;
            billing.saved_tax_id = None;
        }
        world
    }

    /// As [`World::subscribed`], with a seller that always shows the billing data.
    pub fn always_asked() -> Self {
        let mut world = Self::subscribed();
        world.playbook.policy.billing_info = BillingInfoPolicy::Always;
        world
    }

    /// The account is on the free plan: no billing data, no provider customer, no subscription.
    pub fn newcomer() -> Self {
        let seller = word("acme");
        Self {
            playbook: playbook(),
            account: Account {
                id: AccountId(Uuid::from_u128(1)),
                seller,
                email: "ana@example.com".to_owned(),
                name: "Ana".to_owned(),
                language: Language::En,
                created_at: PERIOD_START,
                provider_customer: None,
            },
            billing: None,
            contract: Contract {
                id: ContractId(Uuid::from_u128(2)),
                version: 1,
                account: AccountId(Uuid::from_u128(1)),
                seller: word("acme"),
                plan: word("free"),
                currency: currency(),
                lines: Vec::new(),
                options: BTreeMap::new(),
                anchor_day: 1,
                periods: Vec::new(),
                subscription: None,
                status: ContractStatus::Active,
                responsible: None,
                created_at: PERIOD_START,
                client: None,
            },
        }
    }

    /// What a decision looks at.
    pub fn turn<'a>(&'a self, actor: &'a Actor, now: Timestamp) -> Turn<'a> {
        Turn {
            now,
            actor,
            playbook: &self.playbook,
            account: &self.account,
            billing: self.billing.as_ref(),
            contract: &self.contract,
        }
    }

    /// A plan with so many seats.
    pub fn selection(plan: &str, seats: u64) -> Selection {
        let mut quantities = BTreeMap::new();
        if seats > 0 {
            quantities.insert(word("seat"), seats);
        }
        Selection {
            plan: word(plan),
            quantities,
            options: BTreeMap::new(),
            currency: currency(),
            interval: Interval::MONTH,
        }
    }

    /// The nth billing data of the account; each has another address and tax number.
    pub fn identity(nth: u8) -> IdentityRef {
        IdentityRef {
            row: Uuid::from_u128(100 + u128::from(nth)),
            hash: format!("identity-{nth}"),
            tax_hash: format!("tax-{nth}"),
            tax_id_hash: format!("number-{nth}"),
        }
    }

    /// A card, by its provider's id.
    pub fn card(id: &str) -> PaymentMethod {
        PaymentMethod {
            id: id.to_owned(),
            brand: "visa".to_owned(),
            last4: "4242".to_owned(),
            exp_month: 12,
            exp_year: 2030,
        }
    }

    /// The same, chosen to pay with.
    pub fn by_card(id: &str) -> Means {
        Means::Card(Self::card(id))
    }

    /// A boleto, chosen to pay with.
    pub fn by_boleto() -> Means {
        Means::Voucher {
            voucher: VoucherKind::Boleto,
        }
    }

    /// The boleto that the customer takes to their bank.
    pub fn voucher() -> Voucher {
        Voucher {
            kind: VoucherKind::Boleto,
            code: "23790.12345 60000.000000 00000.000000 1 00000000010000".to_owned(),
            url: Some("https://voucher.example/1".to_owned()),
            pdf: Some("https://voucher.example/1.pdf".to_owned()),
            image: None,
            expires_at: NOW + SignedDuration::from_hours(72),
        }
    }

    /// A yes to the seller's terms.
    pub fn consent() -> Consent {
        Consent {
            terms_version: "2026-01".to_owned(),
            at: NOW,
        }
    }

    /// An amount in the seller's currency, in minor units.
    pub fn money(amount: i64) -> Money {
        Money::new(amount, currency())
    }

    /// What the provider would hold for this selection; nothing for one that cannot be had.
    pub fn targets(&self, selection: &Selection) -> Vec<QuotedTarget> {
        let lines = self
            .playbook
            .catalog
            .resolve(selection, Some(&self.contract))
            .unwrap_or_default();
        let item = |key: &LineKey| match &self.contract.line(key)?.place {
            LinePlace::Provider { item } => Some(item.clone()),
            LinePlace::Outside => None,
        };
        let mut targets: Vec<QuotedTarget> = lines
            .iter()
            .map(|line| target(&line.key, &line.price_ref, item(&line.key), line.quantity))
            .collect();
        let held = self.contract.lines.iter();
        let gone = held.filter(|held| !lines.iter().any(|line| line.key == held.key));
        targets.extend(gone.map(|held| target(&held.key, &held.price_ref, item(&held.key), 0)));
        targets
    }

    /// A quote as the provider's preview would say it at `now`, at the full price of what is added less that of what goes.
    pub fn quote(&self, selection: &Selection, now: Timestamp) -> Quote {
        let targets = self.targets(selection);
        let lines: Vec<QuoteLine> = targets
            .iter()
            .flat_map(|target| self.lines(target, now))
            .collect();
        let total = lines.iter().map(|line| line.amount.amount).sum();
        let recurring = targets
            .iter()
            .map(|target| self.price(&target.lookup_key, target.quantity))
            .sum();
        let seats = LineKey::Item(word("seat"));
        let first = self.contract.subscription.is_none();
        Quote {
            id: QuoteId(format!("quote-{}-{}", selection.plan, now.as_second())),
            lines,
            subtotal: Self::money(total),
            tax: Self::money(0),
            taxes: Vec::new(),
            balance_used: Self::money(0),
            carried: None,
            due_today: Self::money(total.max(0)),
            recurring: vec![Recurring {
                interval: Interval::MONTH,
                amount: Self::money(recurring),
                renews_at: PERIOD_END,
            }],
            period_end: Some(PERIOD_END),
            prorated_at: now,
            first_period: first.then_some(FirstPeriod {
                starts_at: now,
                anchor: PERIOD_END,
                anchoring: Anchoring::FirstRenewal,
            }),
            expires_at: now + SignedDuration::from_mins(30),
            targets,
            held_method: (!first).then(|| "pm_old".to_owned()),
            effective_at: None,
            releases: None,
            location_unknown: false,
            tax_rates: None,
            holdings: vec![HoldingChange {
                before: self.contract.quantity(&seats),
                after: selection.quantities.values().copied().sum(),
                key: seats,
                dropped: false,
            }],
        }
    }

    /// A selection with its quote.
    pub fn deal(&self, selection: &Selection) -> Deal {
        Deal {
            selection: selection.clone(),
            quote: self.quote(selection, NOW),
        }
    }

    /// The payment as it reads while the provider holds what the contract says, without an invoice.
    pub fn facts_before(&self) -> PaymentFacts {
        let held = self.contract.lines.iter();
        let items = held
            .map(|line| item(&target(&line.key, &line.price_ref, None, line.quantity)))
            .collect();
        self.facts(items)
    }

    /// The payment as it reads once the provider holds what the deal says, without an invoice.
    pub fn facts_after(&self, deal: &Deal) -> PaymentFacts {
        let held = deal.quote.targets.iter().filter(|target| target.quantity > 0);
        self.facts(held.map(item).collect())
    }

    fn facts(&self, items: Vec<ItemFacts>) -> PaymentFacts {
        PaymentFacts {
            invoice: None,
            intent: None,
            decline: None,
            subscription: self
                .contract
                .subscription
                .clone()
                .unwrap_or_else(|| "sub_new".to_owned()),
            items,
            pending_until: None,
            period_end: Some(PERIOD_END),
            intent_id: None,
            voucher: None,
        }
    }

    fn lines(&self, target: &QuotedTarget, now: Timestamp) -> Vec<QuoteLine> {
        let line = |lookup_key: &str, quantity: u64, sign: i64| QuoteLine {
            key: Some(target.key.clone()),
            quantity,
            amount: Self::money(sign * self.price(lookup_key, quantity)),
            proration: true,
            from: now,
            until: PERIOD_END,
            outside: None,
            left_plan: None,
        };
        let held = self.contract.line(&target.key);
        let credit = held.map(|held| line(held.price_ref.as_str(), held.quantity, -1));
        let stays = held.is_some_and(|held| {
            held.price_ref.as_str() == target.lookup_key && held.quantity == target.quantity
        });
        let debit = (target.quantity > 0).then(|| line(&target.lookup_key, target.quantity, 1));
        let both = [credit, debit].into_iter().flatten();
        both.filter(|_| !stays).collect()
    }

    /// The full price of so many units, in minor units.
    fn price(&self, lookup_key: &str, quantity: u64) -> i64 {
        let prices = self.playbook.catalog.all_prices();
        let named = prices.iter().find(|(name, ..)| name.as_str() == lookup_key);
        named
            .and_then(|(_, _, _, price)| price.amount(quantity).ok())
            .map_or(0, |money| money.amount)
    }

    /// What the provider is asked to do when the period ends, for this selection.
    pub fn promise_plan(&self, selection: &Selection) -> PromisePlan {
        let mut quote = self.quote(selection, PERIOD_START);
        let nothing = Self::money(0);
        quote.lines.clear();
        (quote.subtotal, quote.due_today) = (nothing, nothing);
        quote.effective_at = Some(PERIOD_END);
        quote.expires_at = PERIOD_END;
        let item = |held: &ItemFacts| PhaseItem {
            price: held.price.clone(),
            quantity: held.quantity,
        };
        let deal = Deal {
            selection: selection.clone(),
            quote,
        };
        PromisePlan {
            subscription: "sub_1".to_owned(),
            starts_at: PERIOD_START,
            at: PERIOD_END,
            interval: Interval::MONTH,
            now: self.facts_before().items.iter().map(item).collect(),
            then: self.facts_after(&deal).items.iter().map(item).collect(),
            tax_rates: Vec::new(),
            deal,
        }
    }

    /// A promise of it that stands at the provider.
    pub fn promise(&self, selection: &Selection) -> Promise {
        Promise {
            plan: self.promise_plan(selection),
            hold: Self::hold(),
        }
    }

    /// The schedule that stands for it.
    pub fn hold() -> Hold {
        Hold::Schedule {
            schedule: "sub_sched_1".to_owned(),
        }
    }

    /// The subscription, with whatever schedule holds it.
    pub fn standing(&self, schedule: Option<&str>, items: Vec<ItemFacts>) -> SubscriptionFacts {
        SubscriptionFacts {
            id: "sub_1".to_owned(),
            customer: "cus_1".to_owned(),
            status: SubscriptionStatus::Active,
            currency: currency(),
            charges_automatically: true,
            flexible_billing: true,
            ends_at: None,
            paused: false,
            schedule: schedule.map(str::to_owned),
            pending_until: None,
            default_method: None,
            automatic_tax: false,
            tax_rates: Vec::new(),
            items,
        }
    }

    fn held(&self, target: &QuotedTarget) -> HeldLine {
        let prices = self.playbook.catalog.all_prices();
        let named = prices
            .iter()
            .find(|(name, ..)| name.as_str() == target.lookup_key);
        HeldLine {
            key: target.key.clone(),
            price_ref: PriceRef::from_stored(target.lookup_key.clone()),
            price: named.map_or_else(|| per_unit(0), |(_, _, _, price)| price.clone()),
            quantity: target.quantity,
            place: LinePlace::Provider {
                item: item(target).id,
            },
            debit: None,
            outside: None,
        }
    }
}

fn target(key: &LineKey, price_ref: &PriceRef, item: Option<String>, quantity: u64) -> QuotedTarget {
    QuotedTarget {
        key: key.clone(),
        lookup_key: price_ref.to_string(),
        price: format!("price_{price_ref}"),
        item,
        quantity,
    }
}

fn item(target: &QuotedTarget) -> ItemFacts {
    ItemFacts {
        id: target
            .item
            .clone()
            .unwrap_or_else(|| format!("si_{}", target.key)),
        price: target.price.clone(),
        lookup_key: Some(target.lookup_key.clone()),
        product: None,
        quantity: target.quantity,
        period_start: PERIOD_START,
        period_end: PERIOD_END,
    }
}
