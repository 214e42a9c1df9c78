//! Customers: they choose, hesitate, click twice, open a second tab, give bad cards, cancel in the middle, and some never come
//! back from the bank's page.

use std::collections::BTreeMap;

use changeover::domain::account::{BillingForm, BillingIdentity, ContractId, TaxIdKind};
use changeover::domain::catalog::{Interval, Selection};
use changeover::domain::change::{ChangeId, Click, Consent, Event, Means, NextAction, Voucher, VoucherKind};
use changeover::domain::money::Money;
use changeover::engine::{ChangeView, EngineError, OpenChange, Wish};
use jiff::SignedDuration;

use crate::browser;
use crate::chance::Chance;
use crate::client::{Answered, Client, Command};
use crate::scheduler::Group;
use crate::world::World;

/// Test cards: two that always work, then those that do not, or that ask.
const CARDS: [&str; 9] = [
    "4242424242424242",
    "5555555555554444",
    "4000002760003184",
    "4000000000000341",
    "4000002500003155",
    "4000008400001629",
    "4000008260003178",
    "4000000000003220",
    "4000000000000002",
];

/// How many clicks one tab does at most.
const CLICKS_MAX: usize = 60;

/// One customer.
#[derive(Clone)]
pub struct Customer {
    pub client: Client,
    pub contract: ContractId,
}

/// Whether the customer goes on.
enum Goes {
    On,
    Away,
}

impl Customer {
    fn world(&self) -> &World {
        &self.client.world
    }

    /// Changes the plan, several times.
    pub async fn lives(self, rounds: u64) {
        let _here = World::enters(&self.client.world);
        let mut mood = self.world().dice().fork();
        for _ in 0..rounds {
            if !self.world().storms() {
                return;
            }
            if let Some(change) = self.opens(&mut mood).await {
                if self.world().strikes("second_tab", |weather| weather.second_tab) {
                    let (twin, other) = (self.clone(), mood.fork());
                    let here = World::enters(&self.client.world);
                    self.world().scheduler.spawn(Group::World, async move {
                        let _here = here;
                        twin.client.dawdles(SignedDuration::from_mins(2)).await;
                        twin.drives(change, other).await;
                    });
                }
                self.drives(change, mood.fork()).await;
            }
            self.client.dawdles(SignedDuration::from_hours(6)).await;
        }
    }

    fn wants(mood: &mut Chance) -> Selection {
        let item = |name: &str| name.parse().expect("an item");
        let mut quantities = BTreeMap::new();
        // Mostly more than what is held at first, sometimes less, sometimes nothing.
        quantities.insert(item("device"), *mood.one_of(&[3, 4, 5, 6, 3, 7, 4, 8, 2, 0]));
        quantities.insert(item("user-seat"), *mood.one_of(&[5, 6, 7, 9, 5, 8, 6, 10, 4]));
        Selection {
            plan: "growth".parse().expect("a plan"),
            quantities,
            options: BTreeMap::new(),
            currency: "BRL".parse().expect("a currency"),
            interval: Interval::MONTH,
        }
    }

    async fn opens(&self, mood: &mut Chance) -> Option<ChangeId> {
        let wish = OpenChange {
            supersedes: None,
            contract: self.contract,
            selection: Self::wants(mood),
            return_url: None,
            cancel_url: None,
        };
        if self
            .world()
            .strikes("second_tab_opens", |weather| weather.second_tab / 2)
        {
            let here = World::enters(&self.client.world);
            let (twin, mut other) = (self.client.clone(), wish.clone());
            other.selection = Self::wants(mood);
            self.world().scheduler.spawn(Group::World, async move {
                let _here = here;
                twin.insists(Command::Open(other)).await;
            });
        }
        match self.client.insists(Command::Open(wish)).await {
            Answered::Done(told) => Some(told.change),
            // The other tab was faster: this one goes on with what it began.
            Answered::Refused(EngineError::Blocked(change)) => Some(change),
            Answered::Refused(_) | Answered::Never => None,
        }
    }

    /// One tab: does what the page says next, until the change is over or the customer is gone.
    async fn drives(&self, change: ChangeId, mut mood: Chance) {
        let leaves = self.world().strikes("leaves", |weather| weather.leaves);
        let clicks = if leaves {
            1 + usize::try_from(mood.below(0..8)).unwrap_or(0)
        } else {
            CLICKS_MAX
        };
        for _ in 0..clicks {
            let pause = *mood.one_of(&[1, 3, 20, 60, 1200]);
            self.client.dawdles(SignedDuration::from_secs(pause)).await;
            let Some(view) = self.client.reads(change).await else {
                return;
            };
            if view.stage.is_terminal() {
                return;
            }
            // Who has seen a change fall back to an earlier stage often gives up.
            let shaken = if self.world().watch.has_lost() { 250 } else { 0 };
            if self
                .world()
                .strikes("cancels", |weather| weather.cancels.max(shaken))
            {
                let why = "changed my mind".to_owned();
                self.says(change, Wish::Event(Event::Cancel { why })).await;
                continue;
            }
            if let Goes::Away = self.clicks(&view, &mut mood).await {
                return;
            }
        }
    }

    async fn says(&self, change: ChangeId, wish: Wish) -> Answered {
        self.client.insists(Command::Ask(change, Box::new(wish))).await
    }

    async fn clicks(&self, view: &ChangeView, mood: &mut Chance) -> Goes {
        let change = view.change.id;
        match &view.next_action {
            NextAction::AskQuote => {
                let wish = if mood.permille(150) {
                    Event::Select {
                        selection: Self::wants(mood),
                    }
                } else {
                    Event::AskQuote
                };
                self.says(change, Wish::Event(wish)).await;
            }
            NextAction::Accept => self.accepts(view, mood).await,
            NextAction::GiveBillingInfo => {
                let wish = if mood.permille(250) {
                    Wish::Event(Event::PassBillingInfo)
                } else {
                    Wish::BillingInfo(Self::identity(mood))
                };
                self.says(change, wish).await;
            }
            NextAction::ChoosePaymentMethod { .. } => match self.sends_the_money(mood) {
                Some(method) => {
                    self.says(change, Wish::Event(Event::ChooseMethod { method }))
                        .await;
                }
                None => self.gives_a_card(change, mood).await,
            },
            NextAction::Confirm => self.confirms(view, None, mood).await,
            NextAction::Authenticate { .. } => return self.meets_the_bank(change, mood).await,
            NextAction::PayVoucher { voucher } => return self.pays(voucher, mood).await,
            NextAction::AwaitSupport => {
                self.client.dawdles(SignedDuration::from_hours(3)).await;
                if mood.permille(200) {
                    return Goes::Away;
                }
            }
            NextAction::Wait => {}
            NextAction::None => return Goes::Away,
        }
        Goes::On
    }

    async fn accepts(&self, view: &ChangeView, mood: &mut Chance) {
        let Some(deal) = view.stage.deal() else { return };
        let change = view.change.id;
        if mood.permille(150) {
            self.says(
                change,
                Wish::Event(Event::Select {
                    selection: Self::wants(mood),
                }),
            )
            .await;
        } else if let Some(method) = self.sends_the_money(mood) {
            self.confirms(view, Some(method), mood).await;
        } else if mood.permille(300) {
            // One click for everything, with a card that is kept.
            let cards = self
                .client
                .asks(move |engine, asked| Box::pin(async move { engine.cards(change, &asked).await }));
            let card = cards
                .await
                .and_then(Result::ok)
                .and_then(|cards| cards.into_iter().next());
            self.confirms(view, card.map(Means::Card), mood).await;
        } else {
            let quote = deal.quote.id.clone();
            self.says(change, Wish::Event(Event::Accept { quote })).await;
        }
    }

    fn identity(mood: &mut Chance) -> BillingIdentity {
        let tax_id = *mood.one_of(&["11.222.333/0001-81", "11.222.333/0001-81", "529.982.247-25"]);
        let street = *mood.one_of(&["Rua das Flores, 100", "Rua das Flores, 100", "Av. Paulista, 1000"]);
        let form = BillingForm {
            legal_name: "Padaria Luz Ltda".to_owned(),
            tax_id: tax_id.to_owned(),
            fiscal_email: "fiscal@padaria-luz.example".to_owned(),
            line1: street.to_owned(),
            line2: String::new(),
            city: "São Paulo".to_owned(),
            state: "SP".to_owned(),
            postal_code: "01310-100".to_owned(),
            country: "BR".to_owned(),
        };
        form.read(&[TaxIdKind::Cnpj, TaxIdKind::Cpf])
            .unwrap_or_else(|_| panic!("billing data that can be read"))
    }

    /// Whether the customer rather pays from their bank, and how.
    fn sends_the_money(&self, mood: &mut Chance) -> Option<Means> {
        let rather = self.world().strikes("vouchers", |weather| weather.vouchers);
        let voucher = *mood.one_of(&[VoucherKind::Boleto, VoucherKind::Boleto, VoucherKind::Pix]);
        rather.then_some(Means::Voucher { voucher })
    }

    fn card(&self, mood: &mut Chance) -> &'static str {
        if self.world().strikes("bad_cards", |weather| weather.bad_cards) {
            CARDS[2 + usize::try_from(mood.below(0..7)).unwrap_or(0)]
        } else {
            CARDS[usize::try_from(mood.below(0..2)).unwrap_or(0)]
        }
    }

    async fn gives_a_card(&self, change: ChangeId, mood: &mut Chance) {
        let begun = self.client.asks(move |engine, asked| {
            Box::pin(async move { engine.begin_card_setup(change, &asked).await })
        });
        let Some(Ok((setup, _))) = begun.await else { return };
        let number = self.card(mood);
        self.client.dawdles(SignedDuration::from_secs(40)).await;
        if !browser::gives_card(&self.client.world, &setup.id, &setup.client_secret, number) {
            return;
        }
        let id = setup.id.clone();
        let found = self
            .client
            .asks(move |engine, asked| Box::pin(async move { engine.new_card(change, &id, &asked).await }));
        if let Some(Ok(card)) = found.await {
            let method = Means::Card(card);
            self.says(change, Wish::Event(Event::ChooseMethod { method }))
                .await;
        }
    }

    async fn confirms(&self, view: &ChangeView, method: Option<Means>, mood: &mut Chance) {
        let Some(deal) = view.stage.deal() else { return };
        let due = deal.quote.due_today;
        let wrong = mood.permille(40);
        let seen = Money::new(due.amount + i64::from(wrong), due.currency);
        let click = Click {
            quote: deal.quote.id.clone(),
            seen,
            consent: Consent {
                terms_version: view.playbook.policy.terms.version.clone(),
                at: self.world().now(),
            },
            method,
        };
        let answer = self.says(view.change.id, Wish::Confirm(click)).await;
        if let (true, Answered::Done(told)) = (wrong, answer) {
            let what = format!("{} was confirmed with {seen}, but {due} is due", told.change);
            self.world().witness.breaks("I15", what);
        }
    }

    async fn meets_the_bank(&self, change: ChangeId, mood: &mut Chance) -> Goes {
        let secret = self
            .client
            .asks(move |engine, asked| Box::pin(async move { engine.client_secret(change, &asked).await }));
        let Some(Ok(Some(secret))) = secret.await else {
            return Goes::On;
        };
        let intent = secret.split("_secret_").next().unwrap_or_default().to_owned();
        self.client.dawdles(SignedDuration::from_mins(5)).await;
        if self.world().strikes("leaves", |weather| weather.leaves) {
            return Goes::Away;
        }
        let outcome = if mood.permille(200) { "fail" } else { "approve" };
        browser::bank_says(&self.client.world, &intent, outcome);
        Goes::On
    }

    /// With the voucher at the bank: most pay, some when it is nearly over, some never; and not every payment arrives.
    async fn pays(&self, voucher: &Voucher, mood: &mut Chance) -> Goes {
        let page = voucher.url.as_deref().unwrap_or_default();
        let intent = page.rsplit('/').next().unwrap_or_default().to_owned();
        let minutes = *mood.one_of(&[1, 1, 5, 20, 90, 1500, 3500]);
        self.client.dawdles(SignedDuration::from_mins(minutes)).await;
        if self.world().strikes("leaves", |weather| weather.leaves) {
            return Goes::Away;
        }
        let outcome = *mood.one_of(&["pay", "pay", "pay", "pay_unheard", "expire", "later"]);
        if outcome == "later" {
            return Goes::On;
        }
        self.world().count(format!("voucher: {outcome}"));
        browser::takes_the_voucher(&self.client.world, &intent, outcome);
        if outcome == "pay" && mood.permille(150) {
            self.client.dawdles(SignedDuration::from_secs(3)).await;
            browser::takes_the_voucher(&self.client.world, &intent, "fail");
        }
        Goes::On
    }
}
