//! Stories of taxes: the subscription is given the rates of the quote before it is charged, and a place that nobody finds is asked for again.

use changeover::domain::change::samples::World;
use changeover::domain::change::{
    Call, CallAnswer, CallFailure, CallName, Event, Quote, QuotedTaxRates, RefusalCode, Stage,
};

use super::ana::Ana;

fn rates(wanted: &str, held: &str) -> QuotedTaxRates {
    let list = |rate: &str| vec![rate.to_owned()];
    QuotedTaxRates {
        wanted: list(wanted),
        held: list(held),
    }
}

/// Ana has said yes, and the preview is taken once more: it is taxed by another rate than the subscription has.
fn about_to_be_charged() -> Ana {
    let mut ana = Ana::ready_to_pay("pm_new");
    ana.confirms();
    ana.it_answers(CallAnswer::MethodSet);
    let again = Quote {
        tax_rates: Some(Box::new(rates("txr_fr", "txr_de"))),
        ..ana.deal().quote
    };
    ana.provider_says(Event::Quoted { quote: again });
    let asked = matches!(&ana.live[..], [Call::SetTaxRates { rates, .. }] if *rates == ["txr_fr"]);
    assert!(asked, "{:?}", ana.live);
    ana
}

#[test]
fn the_rates_of_the_quote_are_set_before_the_charge_and_the_preview_is_taken_once_more() {
    let mut ana = about_to_be_charged();
    ana.it_answers(CallAnswer::TaxRatesSet);
    assert_eq!(
        (ana.at().as_str(), ana.live.len()),
        ("payment_confirm.charging", 0)
    );
    // A provider that still tells of the old ones is not asked for ever.
    let again = Quote {
        tax_rates: Some(Box::new(rates("txr_fr", "txr_de"))),
        ..ana.deal().quote
    };
    ana.provider_says(Event::Quoted { quote: again });
    assert_eq!(ana.the_only_call(), CallName::UpdateSubscription);
}

#[test]
fn whoever_gives_up_while_the_rates_are_set_gets_the_old_card_back_and_keeps_the_rates() {
    let mut ana = about_to_be_charged();
    ana.cancels();
    assert_eq!(ana.at(), "payment_confirm.aborting");
    ana.it_answers(CallAnswer::TaxRatesSet);
    let back =
        matches!(&ana.live[..], [Call::SetDefaultMethod { method: Some(held), .. }] if held == "pm_old");
    assert!(back, "{:?}", ana.live);
    ana.it_answers(CallAnswer::MethodSet);
    assert_eq!(ana.at(), "cancelled");
}

#[test]
fn rates_that_were_provably_never_set_are_set_again_after_another_look() {
    let mut ana = about_to_be_charged();
    let never = CallFailure::NeverHappened { proven_at: ana.now };
    ana.it_fails(never);
    assert_eq!(
        (ana.at().as_str(), ana.live.len()),
        ("payment_confirm.charging", 0)
    );
    let again = Quote {
        tax_rates: Some(Box::new(rates("txr_fr", "txr_de"))),
        ..ana.deal().quote
    };
    ana.provider_says(Event::Quoted { quote: again });
    assert_eq!(ana.the_only_call(), CallName::SetTaxRates);
}

#[test]
fn a_place_that_nobody_finds_is_asked_for_again_and_never_charged() {
    let mut ana = Ana::opens(World::subscribed(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    let lost = Quote {
        location_unknown: true,
        ..ana.world.quote(&World::selection("pro", 5), ana.now)
    };
    ana.provider_says(Event::Quoted { quote: lost });
    assert_eq!(ana.at(), "quote.ready");
    ana.accepts();
    let asked = matches!(&ana.stage, Stage::BillingInfo { problem: Some(problem), .. }
        if problem.code == RefusalCode::BillingLocationUnknown && problem.pointer.as_deref() == Some("/postal_code"));
    assert!(asked, "{}", ana.at());

    // What was found when she said yes, and no longer is, is not charged either.
    let mut ana = Ana::ready_to_pay("pm_new");
    ana.confirms();
    ana.it_answers(CallAnswer::MethodSet);
    let lost = Quote {
        location_unknown: true,
        ..ana.deal().quote
    };
    ana.provider_says(Event::Quoted { quote: lost });
    assert_eq!(
        ana.the_only_call(),
        CallName::SetDefaultMethod,
        "the old card goes back"
    );
}
