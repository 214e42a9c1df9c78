//! Customers pay: with cards, good and bad, on the bank's page, or with a boleto or a Pix code that they take to their bank.

use changeover::domain::change::{ChangeId, Click, Consent, Event, Means, Voucher, VoucherKind};
use changeover::domain::money::Money;
use changeover::engine::{ChangeView, Wish};
use jiff::SignedDuration;

use crate::browser;
use crate::chance::Chance;
use crate::client::Answered;
use crate::customer::{Customer, Goes};

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

impl Customer {
    /// Whether the customer rather pays from their bank, and how.
    pub fn sends_the_money(&self, mood: &mut Chance) -> Option<Means> {
        let rather = self.world().strikes("vouchers", |weather| weather.vouchers);
        // Mostly what the seller offers; the others are refused.
        let all = [VoucherKind::Boleto, VoucherKind::Boleto, VoucherKind::Pix];
        let offers = |kind: &VoucherKind| self.world().playbook.policy.method(kind.kind()).is_some();
        let offered: Vec<VoucherKind> = all.into_iter().filter(offers).collect();
        let known = if offered.is_empty() || mood.permille(50) {
            &all[..]
        } else {
            &offered[..]
        };
        let voucher = *mood.one_of(known);
        rather.then_some(Means::Voucher { voucher })
    }

    fn card(&self, mood: &mut Chance) -> &'static str {
        if self.world().strikes("bad_cards", |weather| weather.bad_cards) {
            CARDS[2 + usize::try_from(mood.below(0..7)).unwrap_or(0)]
        } else {
            CARDS[usize::try_from(mood.below(0..2)).unwrap_or(0)]
        }
    }

    pub async fn gives_a_card(&self, change: ChangeId, mood: &mut Chance) {
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

    pub async fn confirms(&self, view: &ChangeView, method: Option<Means>, mood: &mut Chance) {
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

    pub async fn meets_the_bank(&self, change: ChangeId, mood: &mut Chance) -> Goes {
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
    pub async fn pays(&self, voucher: &Voucher, mood: &mut Chance) -> Goes {
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
