//! Stories up to the last button: quoting, accepting, billing data.

use changeover::domain::account::ContractStatus;
use changeover::domain::catalog::StageName as PolicyStage;
use changeover::domain::change::samples::{NOW, World};
use changeover::domain::change::{
    Actor, CallAnswer, CallName, DriftCause, Event, IntentStatus, Quote, QuoteId, Refusal, RefusalCode,
    Stage, Tell, Wake, decide, next_wake, open,
};
use jiff::SignedDuration;

use super::ana::{Ana, owner};

fn customer_saved() -> CallAnswer {
    CallAnswer::CustomerSaved {
        customer: "cus_1".to_owned(),
    }
}

fn tax_id_added() -> CallAnswer {
    CallAnswer::TaxIdAdded {
        tax_id: "txi_2".to_owned(),
    }
}

/// Ana with an existing subscription, at the choice of a card.
fn choosing() -> Ana {
    let mut ana = Ana::opens(World::subscribed(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    ana.is_quoted();
    ana.accepts();
    assert_eq!(
        ana.at(),
        "payment_confirm.choosing",
        "all is on file: nothing is asked"
    );
    ana
}

#[test]
fn a_wrong_role_changes_nothing_and_hears_who_can() {
    let world = World::subscribed();
    for (role, hint) in [
        ("agent", "owner"),
        ("nobody", "owner"),
        ("Not A Role", "actor.role"),
    ] {
        let actor = Actor::customer(role, None);
        let refusal = open(&World::selection("pro", 5), world.turn(&actor, NOW)).expect_err("refused");
        assert_eq!(refusal.code, RefusalCode::RoleNotAllowed);
        assert!(refusal.detail.contains(hint), "{refusal}");
    }
    let mut ana = choosing();
    let yes = ana.yes_to(ana.due());
    let refusal = ana
        .tries(yes, Actor::customer("agent", None))
        .expect_err("refused");
    assert_eq!(refusal.code, RefusalCode::RoleNotAllowed);
    assert_eq!(ana.live, [], "nothing is charged");
}

#[test]
fn what_is_held_already_is_no_change() {
    let (world, actor) = (World::subscribed(), owner());
    let refusal = open(&World::selection("basic", 2), world.turn(&actor, NOW)).expect_err("refused");
    assert_eq!(refusal.code, RefusalCode::NothingChanges);
    let refusal = open(&World::selection("free", 3), world.turn(&actor, NOW)).expect_err("refused");
    assert_eq!(refusal.code, RefusalCode::SelectionInvalid);
    assert_eq!(refusal.pointer.as_deref(), Some("/selection/quantities/seat"));
}

#[test]
fn the_state_of_things_at_the_provider_leads_back_to_choosing_with_the_reason() {
    let mut ana = Ana::opens(World::subscribed(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    let refusal = Refusal::new(RefusalCode::SubscriptionPastDue, "Pay the open invoice first.");
    ana.provider_says(Event::QuoteRefused {
        refusal: refusal.clone(),
    });
    assert!(matches!(&ana.stage, Stage::Draft { problem: Some(problem), .. } if *problem == refusal));
    ana.asks_for_a_quote();
    assert_eq!(ana.at(), "quote.pending");
}

#[test]
fn a_quote_that_was_replaced_is_not_accepted() {
    let mut ana = Ana::opens(World::subscribed(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    ana.is_quoted();
    assert_eq!(ana.heard(Tell::QuoteReady), 1);
    let refusal = ana.cannot(Event::Accept {
        quote: QuoteId("quote-of-yesterday".to_owned()),
    });
    assert_eq!(refusal.code, RefusalCode::QuoteStale);
    assert_eq!(refusal.expected, Some(ana.due()), "the amount on offer is named");
}

#[test]
fn b7_half_an_hour_on_the_page_and_the_quote_must_be_made_again() {
    let mut ana = choosing();
    ana.chooses("pm_old");
    ana.waits(1);
    let yes = ana.yes_to(ana.due());
    assert_eq!(ana.cannot(yes).code, RefusalCode::QuoteExpired);
    assert_eq!(ana.live, []);
    let old = ana.deal().quote.id;
    ana.asks_for_a_quote();
    ana.is_quoted();
    assert_ne!(ana.deal().quote.id, old);
    let shown =
        matches!(&ana.stage, Stage::QuoteReady { drift: Some(drift), .. } if drift.replaced.id == old);
    assert!(shown, "the customer sees what it replaces");
    ana.accepts();
    assert_eq!(
        ana.at(),
        "payment_confirm.choosing",
        "the billing data are not asked for again"
    );
}

#[test]
fn a_first_customer_gives_the_billing_data_and_sees_the_taxes() {
    let mut ana = Ana::opens(World::newcomer(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    ana.is_quoted();
    ana.accepts();
    assert_eq!(ana.at(), "billing_info.asking");
    assert_eq!(
        ana.cannot(Event::PassBillingInfo).code,
        RefusalCode::BillingInfoMissing
    );
    ana.gives_billing_data(2);
    ana.it_answers(customer_saved());
    ana.it_answers(tax_id_added());
    assert_eq!(ana.heard(Tell::BillingData), 1);
    assert_eq!(ana.at(), "quote.pending", "taxes follow the address");
    let quote = Quote {
        tax: World::money(300),
        ..ana.world.quote(&World::selection("pro", 5), ana.now)
    };
    ana.provider_says(Event::Quoted { quote });
    let shown = matches!(&ana.stage, Stage::QuoteReady { drift: Some(drift), .. }
        if drift.why == DriftCause::BillingDataChanged);
    assert!(shown, "the new total is shown and confirmed again");
}

#[test]
fn what_is_bought_anew_is_in_force_also_where_the_contract_has_ended_meanwhile() {
    let mut world = World::subscribed();
    world.contract = World::newcomer().contract;
    let mut ana = Ana::opens(world, &World::selection("pro", 5));
    ana.asks_for_a_quote();
    ana.world.contract.status = ContractStatus::Cancelled;
    ana.is_quoted();
    ana.accepts();
    ana.chooses("pm_new");
    ana.confirms();
    ana.is_verified();
    let untried = ana.open(IntentStatus::RequiresConfirmation, None);
    ana.it_answers(CallAnswer::Payment(untried));
    ana.it_pays();
    assert_eq!(ana.at(), "active");
    assert_eq!(ana.world.contract.subscription.as_deref(), Some("sub_new"));
    assert_eq!(ana.world.contract.status, ContractStatus::Active);
}

#[test]
fn other_billing_data_with_the_same_amounts_do_not_ask_twice() {
    let mut ana = choosing();
    ana.gives_billing_data(2);
    ana.it_answers(customer_saved());
    ana.it_answers(tax_id_added());
    assert_eq!(
        ana.the_only_call(),
        CallName::RemoveTaxId,
        "the outdated number goes after the new one came"
    );
    ana.it_answers(CallAnswer::TaxIdRemoved);
    assert_eq!(ana.at(), "quote.pending");
    ana.is_quoted();
    assert_eq!(
        ana.at(),
        "payment_confirm.choosing",
        "nothing moved, so nothing is asked again"
    );
    assert_eq!(ana.heard(Tell::QuoteReady), 1);
}

#[test]
fn a_seller_that_always_asks_shows_the_data_once() {
    let mut ana = Ana::opens(World::always_asked(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    ana.is_quoted();
    ana.accepts();
    assert_eq!(ana.at(), "billing_info.asking");
    ana.does(Event::PassBillingInfo);
    assert_eq!(ana.at(), "payment_confirm.choosing");
    ana.asks_for_a_quote();
    ana.is_quoted();
    ana.accepts();
    assert_eq!(ana.at(), "payment_confirm.choosing");
}

#[test]
fn choosing_otherwise_begins_again() {
    let mut ana = choosing();
    ana.does(Event::Select {
        selection: World::selection("pro", 9),
    });
    assert_eq!(ana.at(), "draft");
    ana.asks_for_a_quote();
    ana.is_quoted();
    assert_eq!(ana.deal().selection, World::selection("pro", 9));
}

#[test]
fn what_is_left_lying_expires_and_a_closed_change_stays_closed() {
    let mut ana = choosing();
    ana.time_is_up();
    assert_eq!(ana.at(), "expired");
    assert_eq!(ana.heard(Tell::Expired), 1);
    let refusal = ana.cannot(Event::AskQuote);
    assert_eq!(refusal.code, RefusalCode::ChangeClosed);
}

#[test]
fn i11_folding_the_journal_gives_the_stage_again() {
    let mut ana = choosing();
    ana.gives_billing_data(2);
    ana.it_answers(customer_saved());
    ana.it_answers(tax_id_added());
    ana.it_answers(CallAnswer::TaxIdRemoved);
    ana.is_quoted();
    ana.chooses("pm_new");
    ana.confirms();
    ana.it_answers(CallAnswer::MethodSet);
    ana.is_verified();
    ana.it_pays();

    // As it is read from the store: the events as text, the world as it was.
    let mut again = Ana::opens(World::subscribed(), &World::selection("pro", 5));
    for (event, actor, at) in &ana.journal[1..] {
        let text = serde_json::to_string(event).expect("an event can be written");
        let read: Event = serde_json::from_str(&text).expect("and read");
        assert_eq!(read, *event);
        again.now = *at;
        again.tries(read, actor.clone()).expect("it happened");
    }
    assert_eq!(again.stage, ana.stage);
    assert_eq!(again.world.contract, ana.world.contract);
    assert_eq!(again.told, ana.told);
}

#[test]
fn the_same_question_has_the_same_answer() {
    let ana = choosing();
    let (actor, event) = (owner(), ana.yes_to(ana.due()));
    let once = decide(&ana.stage, &event, ana.world.turn(&actor, ana.now));
    let twice = decide(&ana.stage, &event, ana.world.turn(&actor, ana.now));
    assert_eq!(once, twice);
}

#[test]
fn a_draft_is_reminded_of_only_where_the_seller_says_so() {
    let ana = Ana::opens(World::subscribed(), &World::selection("pro", 5));
    let mut policy = ana.world.playbook.policy.clone();
    let next = next_wake(&ana.stage, &policy, ana.now, 0, 0, None).map(|(_, wake)| wake);
    assert_eq!(next, Some(Wake::TimeUp));
    let ladder = vec![SignedDuration::from_hours(2)];
    policy.reminders.insert(PolicyStage::Draft, ladder);
    let next = next_wake(&ana.stage, &policy, ana.now, 0, 0, None).map(|(_, wake)| wake);
    assert_eq!(next, Some(Wake::Remind(0)));
}
