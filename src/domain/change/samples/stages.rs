//! One sample of each stage, and of each step in which it behaves differently.

use super::{NOW, StageSample, World};
use crate::domain::change::{
    AbortReason, AbortStep, BillingStep, CardStep, ChargeStep, Confirmation, Decline, Drift, DriftCause,
    OpenInvoice, Party, Payment, QuotedTaxRates, Receipt, RefundStep, Refusal, RefusalCode, Stage, StageName,
};

/// Collects the samples under their details.
pub(super) struct Shelf<'a> {
    pub(super) world: &'a World,
    samples: Vec<StageSample>,
}

pub(super) fn all(world: &World) -> Vec<StageSample> {
    let mut shelf = Shelf {
        world,
        samples: Vec::new(),
    };
    shelf.quoting();
    shelf.billing();
    shelf.charging();
    shelf.waiting();
    shelf.asking_for_money();
    shelf.aborting();
    shelf.aborting_with_the_same_card();
    shelf.going_down();
    shelf.ends();
    shelf.samples
}

impl World {
    /// A confirmed upgrade on its way to being paid with the card `pm_new`.
    pub fn payment(&self) -> Payment {
        let deal = self.deal(&Self::selection("pro", 5));
        Payment {
            confirmation: Confirmation {
                seen: deal.quote.due_today,
                consent: Self::consent(),
            },
            deal,
            method: Some(Self::by_card("pm_new")),
            customer: "cus_1".to_owned(),
            subscription: self.contract.subscription.clone(),
            method_set: Some("pm_new".to_owned()),
            subscription_made: false,
            released: None,
            tax_rates_set: None,
            never_happened: 0,
        }
    }

    /// A confirmed upgrade on its way to being paid by boleto.
    pub fn boleto_payment(&self) -> Payment {
        Payment {
            method: Some(Self::by_boleto()),
            method_set: None,
            ..self.payment()
        }
    }

    /// The one-off invoice of that payment: the provider gives it up by no time of its own.
    pub fn open_invoice_of_a_boleto(&self) -> OpenInvoice {
        OpenInvoice {
            held_until: None,
            ..self.open_invoice()
        }
    }

    /// The first payment of a new subscription, once that is made.
    pub fn first_payment(&self) -> Payment {
        Payment {
            subscription: Some("sub_new".to_owned()),
            subscription_made: true,
            ..self.payment()
        }
    }

    /// The open invoice of that payment.
    pub fn open_invoice(&self) -> OpenInvoice {
        OpenInvoice {
            id: "in_1".to_owned(),
            amount_due: self.payment().deal.quote.due_today,
            hosted_url: Some("https://invoice.example/in_1".to_owned()),
            held_until: Some(NOW + jiff::SignedDuration::from_hours(23)),
        }
    }
}

impl Shelf<'_> {
    pub(super) fn put(&mut self, detail: &'static str, stage: Stage) {
        self.samples.push(StageSample { detail, stage });
    }

    fn quoting(&mut self) {
        let selection = World::selection("pro", 5);
        let deal = self.world.deal(&selection);
        let replacing = |why| {
            Some(Box::new(Drift {
                replaced: deal.quote.clone(),
                why,
            }))
        };
        let draft = |seats, problem| Stage::Draft {
            selection: World::selection("basic", seats),
            problem,
        };
        let refusal = Refusal::new(RefusalCode::SubscriptionPastDue, "A renewal is not paid yet.");
        self.put("up", draft(5, None));
        self.put("down", draft(1, None));
        self.put("problem", draft(5, Some(refusal)));
        let pending = |billing_given, drift| Stage::QuotePending {
            selection: selection.clone(),
            billing_given,
            drift,
        };
        self.put("first", pending(false, None));
        self.put(
            "billing data changed",
            pending(true, replacing(DriftCause::BillingDataChanged)),
        );
        self.put(
            "amounts moved",
            pending(true, replacing(DriftCause::AmountsMoved)),
        );
        let mut later = deal.clone();
        later.quote.due_today = World::money(0);
        later.quote.effective_at = later.quote.period_end;
        for (detail, deal, billing_given) in [
            ("", &deal, false),
            ("billing given", &deal, true),
            ("at the period end", &later, false),
        ] {
            let stage = Stage::QuoteReady {
                deal: deal.clone(),
                billing_given,
                drift: None,
            };
            self.put(detail, stage);
        }
    }

    fn billing(&mut self) {
        let deal = self.world.deal(&World::selection("pro", 5));
        let problem = Refusal::new(RefusalCode::BillingInfoInvalid, "Correct it and send it again.");
        for (detail, problem) in [("", None), ("refused before", Some(problem))] {
            let stage = Stage::BillingInfo {
                deal: deal.clone(),
                problem,
            };
            self.put(detail, stage);
        }
        for (detail, step, requote) in [
            ("customer", BillingStep::Customer, false),
            ("tax number", BillingStep::AddTaxId, false),
            ("tax number, requote", BillingStep::AddTaxId, true),
            ("old tax number", BillingStep::RemoveTaxId, true),
        ] {
            let stage = Stage::BillingSaving {
                deal: deal.clone(),
                identity: World::identity(2),
                step,
                requote,
            };
            self.put(detail, stage);
        }
        let choosing = |method, refused| Stage::Choosing {
            deal: deal.clone(),
            method,
            refused,
        };
        self.put("no card", choosing(None, None));
        self.put("held card", choosing(Some(World::by_card("pm_old")), None));
        self.put("new card", choosing(Some(World::by_card("pm_new")), None));
        self.put("boleto", choosing(Some(World::by_boleto()), None));
        self.put("refused before", choosing(None, Some(Decline::InsufficientFunds)));
    }

    fn charging(&mut self) {
        let (payment, first) = (self.world.payment(), self.world.first_payment());
        let mut unmade = Payment {
            subscription: None,
            method_set: None,
            ..payment.clone()
        };
        unmade.deal.quote.first_period = World::newcomer().quote(&unmade.deal.selection, NOW).first_period;
        unmade.deal.quote.held_method = None;
        let unchanged = Payment {
            method_set: None,
            ..payment.clone()
        };
        let halted = |invoice| ChargeStep::Halted {
            code: "parameter_invalid".to_owned(),
            message: "The provider refuses the request.".to_owned(),
            invoice,
        };
        let mut retaxed = unchanged.clone();
        retaxed.deal.quote.tax_rates = Some(Box::new(QuotedTaxRates {
            wanted: vec!["txr_new".to_owned()],
            held: vec!["txr_old".to_owned()],
        }));
        let invoice = self.world.open_invoice();
        let paying = ChargeStep::Paying {
            invoice: invoice.clone(),
        };
        for (detail, payment, step) in [
            ("setting method", &unchanged, ChargeStep::SettingMethod),
            ("setting tax rates", &retaxed, ChargeStep::SettingTaxRates),
            ("verifying", &payment, ChargeStep::Verifying),
            (
                "releasing",
                &payment,
                ChargeStep::Releasing { hold: World::hold() },
            ),
            ("verifying, first", &unmade, ChargeStep::Verifying),
            ("updating", &payment, ChargeStep::Updating),
            ("creating", &unmade, ChargeStep::Creating),
            ("paying", &payment, paying.clone()),
            ("paying, first", &first, paying),
            ("halted", &payment, halted(None)),
            ("halted, same card", &unchanged, halted(None)),
            ("halted, nothing made", &unmade, halted(None)),
            ("halted, first made", &first, halted(None)),
            ("halted, invoice open", &payment, halted(Some(invoice))),
        ] {
            let payment = payment.clone();
            self.put(detail, Stage::Charging { payment, step });
        }
    }

    fn waiting(&mut self) {
        for (detail, payment) in [("", self.world.payment()), ("first", self.world.first_payment())] {
            let invoice = self.world.open_invoice();
            let action = Stage::ActionRequired {
                payment: payment.clone(),
                invoice: invoice.clone(),
            };
            let settling = Stage::Settling {
                payment: payment.clone(),
                invoice: invoice.clone(),
                paid: false,
                voucher: None,
            };
            let declined = Stage::Declined {
                payment,
                invoice,
                reason: Decline::InsufficientFunds,
            };
            for stage in [action, settling, declined] {
                self.put(detail, stage);
            }
        }
    }

    /// Money that the customer sends.
    fn asking_for_money(&mut self) {
        let payment = self.world.boleto_payment();
        let draft = || "in_1".to_owned();
        let invoice = || self.world.open_invoice_of_a_boleto();
        let steps = [
            ("verifying, boleto", ChargeStep::Verifying),
            ("drafting", ChargeStep::Drafting),
            (
                "listing",
                ChargeStep::Listing {
                    invoice: draft(),
                    lines: 0,
                },
            ),
            (
                "listing the last",
                ChargeStep::Listing {
                    invoice: draft(),
                    lines: payment.deal.quote.lines.len() - 1,
                },
            ),
            ("finalizing", ChargeStep::Finalizing { invoice: draft() }),
            ("issuing", ChargeStep::Issuing { invoice: invoice() }),
            ("switching", ChargeStep::Switching { invoice: invoice() }),
        ];
        let invoice = invoice();
        for (detail, step) in steps {
            let payment = payment.clone();
            self.put(detail, Stage::Charging { payment, step });
        }
        for (detail, voucher) in [("boleto", Some(World::voucher())), ("boleto, in flight", None)] {
            let stage = Stage::Settling {
                payment: payment.clone(),
                invoice: invoice.clone(),
                paid: false,
                voucher,
            };
            self.put(detail, stage);
        }
        let [cancel, _, moved, refused, _] = abort_reasons();
        for (detail, reason, step) in [
            ("voiding, boleto", &refused, AbortStep::Voiding),
            ("looking, boleto", &cancel, AbortStep::Looking),
            ("crediting", &moved, AbortStep::Crediting),
        ] {
            let stage = Stage::Aborting {
                payment: payment.clone(),
                reason: reason.clone(),
                step,
                invoice: Some(invoice.id.clone()),
            };
            self.put(detail, stage);
        }
    }

    fn aborting(&mut self) {
        let [cancel, late, moved, refused, not_possible] = abort_reasons();
        let (known, unknown) = (Some("in_1"), None);
        let (again, first) = (self.world.payment(), self.world.first_payment());
        for (detail, payment, reason, step, invoice) in [
            ("awaiting", &again, &cancel, AbortStep::Awaiting, unknown),
            (
                "awaiting, invoice open",
                &again,
                &cancel,
                AbortStep::Awaiting,
                known,
            ),
            ("voiding", &again, &cancel, AbortStep::Voiding, known),
            ("voiding, first", &first, &late, AbortStep::Voiding, known),
            ("looking", &again, &cancel, AbortStep::Looking, known),
            (
                "looking, no invoice",
                &again,
                &cancel,
                AbortStep::Looking,
                unknown,
            ),
            (
                "restoring, cancelled",
                &again,
                &cancel,
                AbortStep::Restoring,
                known,
            ),
            ("restoring, expired", &again, &late, AbortStep::Restoring, known),
            (
                "restoring, amount moved",
                &again,
                &moved,
                AbortStep::Restoring,
                unknown,
            ),
            (
                "restoring, card refused",
                &again,
                &refused,
                AbortStep::Restoring,
                unknown,
            ),
            (
                "restoring, not possible",
                &again,
                &not_possible,
                AbortStep::Restoring,
                unknown,
            ),
            ("ending", &first, &cancel, AbortStep::Ending, known),
            ("halted, invoice open", &again, &cancel, AbortStep::Halted, known),
            ("halted, ending", &first, &cancel, AbortStep::Halted, unknown),
        ] {
            let stage = Stage::Aborting {
                payment: payment.clone(),
                reason: reason.clone(),
                step,
                invoice: invoice.map(str::to_owned),
            };
            self.put(detail, stage);
        }
    }

    /// Where nothing is left to restore: the card was the subscription's own already.
    fn aborting_with_the_same_card(&mut self) {
        let [cancel, late, moved, ..] = abort_reasons();
        let payment = Payment {
            method_set: None,
            ..self.world.payment()
        };
        for (detail, reason) in [
            ("looking, same card", cancel),
            ("looking, same card, late", late),
            ("looking, same card, amount moved", moved),
        ] {
            let stage = Stage::Aborting {
                payment: payment.clone(),
                reason,
                step: AbortStep::Looking,
                invoice: Some("in_1".to_owned()),
            };
            self.put(detail, stage);
        }
    }

    fn ends(&mut self) {
        let deal = self.world.deal(&World::selection("pro", 5));
        let receipt = |refund: Option<RefundStep>, card: Option<CardStep>| Receipt {
            charged: deal.quote.due_today,
            invoice: Some("in_1".to_owned()),
            url: None,
            excess: refund.as_ref().map(|_| World::money(100)),
            refund,
            never_happened: 0,
            card,
            at: NOW,
        };
        let halted = RefundStep::Halted {
            code: "charge_disputed".to_owned(),
        };
        let method = "pm_new".to_owned();
        let code = "resource_missing".to_owned();
        let not_kept = CardStep::Halted {
            method: method.clone(),
            code,
        };
        for (detail, refund, card) in [
            ("", None, None),
            ("refund on its way", Some(RefundStep::OnItsWay), None),
            ("refund halted", Some(halted), None),
            ("card on its way", None, Some(CardStep::OnItsWay { method })),
            ("card not kept", None, Some(not_kept)),
        ] {
            let stage = Stage::Active {
                deal: deal.clone(),
                receipt: receipt(refund, card),
            };
            self.put(detail, stage);
        }
        let cancelled = Stage::Cancelled {
            by: Party::Customer,
            why: "too expensive".to_owned(),
            from: StageName::Quote,
        };
        self.put("", cancelled);
        let expired = Stage::Expired {
            from: StageName::Quote,
        };
        self.put("", expired);
    }
}

fn abort_reasons() -> [AbortReason; 5] {
    let from = StageName::PaymentConfirm;
    let cancel = AbortReason::Cancel {
        by: Party::Customer,
        why: "too expensive".to_owned(),
        from,
    };
    let refused = AbortReason::CardRefused {
        decline: Decline::ExpiredCard,
    };
    let not_possible = AbortReason::NotPossible {
        refusal: Refusal::new(RefusalCode::SubscriptionPastDue, "A renewal is not paid yet."),
    };
    [
        cancel,
        AbortReason::Deadline { from },
        AbortReason::AmountMoved,
        refused,
        not_possible,
    ]
}
