//! What can go wrong between the billing form and the provider's customer, one test each.

use changeover::domain::change::samples::World;
use changeover::domain::change::{
    BillingStep, Call, CallAnswer, CallName, Event, IdentityRef, Stage, StageName,
};

use super::ana::{Ana, refused};

#[test]
fn a_refused_tax_number_cannot_be_walked_around() {
    let mut ana = Ana::opens(World::newcomer(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    ana.is_quoted();
    ana.accepts();
    ana.gives_billing_data(1);
    ana.it_answers(CallAnswer::CustomerSaved {
        customer: "cus_1".to_owned(),
    });
    ana.it_fails(refused());
    assert_eq!(ana.at(), "billing_info.asking");
    ana.does(Event::PassBillingInfo);
    assert_eq!(
        ana.the_only_call(),
        CallName::AddTaxId,
        "the provider still lacks the number"
    );
}

#[test]
fn taxes_are_quoted_again_also_when_the_data_took_two_attempts() {
    let mut ana = Ana::opens(World::newcomer(), &World::selection("pro", 5));
    ana.asks_for_a_quote();
    ana.is_quoted();
    ana.accepts();
    ana.gives_billing_data(1);
    ana.it_fails(refused());
    ana.gives_billing_data(1);
    ana.it_answers(CallAnswer::CustomerSaved {
        customer: "cus_1".to_owned(),
    });
    ana.it_answers(CallAnswer::TaxIdAdded {
        tax_id: "txi_1".to_owned(),
    });
    assert_eq!(
        ana.at(),
        "quote.pending",
        "the quote was made before the provider knew the address"
    );
}

#[test]
fn no_tax_number_is_added_where_there_is_none() {
    let identity = IdentityRef {
        tax_id_hash: String::new(),
        ..World::identity(3)
    };
    for (world, then) in [
        (World::unsaved(), None),
        (World::subscribed(), Some(CallName::RemoveTaxId)),
    ] {
        let mut ana = Ana::opens(world, &World::selection("pro", 5));
        ana.asks_for_a_quote();
        ana.is_quoted();
        ana.accepts();
        while ana.at() == "billing_info.saving" {
            ana.it_answers(match ana.the_only_call() {
                CallName::SaveCustomer => CallAnswer::CustomerSaved {
                    customer: "cus_1".to_owned(),
                },
                _ => CallAnswer::TaxIdAdded {
                    tax_id: "txi_1".to_owned(),
                },
            });
        }
        if then.is_none() {
            ana.world.billing.as_mut().expect("on file").saved_tax_id = None;
        }
        ana.does(Event::GiveBillingInfo {
            identity: identity.clone(),
        });
        ana.it_answers(CallAnswer::CustomerSaved {
            customer: "cus_1".to_owned(),
        });
        assert_eq!(ana.live.first().map(Call::name), then);
    }
}

#[test]
fn a_late_customer_never_replaces_the_one_in_use_and_its_data_is_not_trusted() {
    let expired = Stage::Expired {
        from: StageName::BillingInfo,
    };
    let late = Event::Done {
        call: CallName::SaveCustomer,
        answer: CallAnswer::CustomerSaved {
            customer: "cus_late".to_owned(),
        },
    };
    let mut ana = Ana::stands_in(World::subscribed(), expired.clone());
    ana.provider_says(late.clone());
    assert_eq!(ana.world.account.provider_customer.as_deref(), Some("cus_1"));

    let mut world = World::unsaved();
    world.account.provider_customer = None;
    let mut ana = Ana::stands_in(world, expired);
    ana.provider_says(late);
    assert_eq!(
        ana.world.account.provider_customer.as_deref(),
        Some("cus_late"),
        "it is not made twice"
    );

    // Another change of the account may have stored newer data meanwhile: the provider does not have those.
    let on_file = ana.world.billing.expect("billing data");
    assert_ne!(on_file.saved_hash, Some(on_file.identity.hash));
}

#[test]
fn an_old_tax_number_that_stays_does_not_stop_anybody() {
    let stage = Stage::BillingSaving {
        deal: World::subscribed().deal(&World::selection("pro", 5)),
        identity: World::identity(2),
        step: BillingStep::RemoveTaxId,
        requote: false,
    };
    let mut ana = Ana::stands_in(World::subscribed(), stage);
    ana.live.push(Call::RemoveTaxId {
        customer: "cus_1".to_owned(),
        tax_id: "txi_1".to_owned(),
    });
    ana.it_fails(refused());
    assert_eq!(ana.at(), "payment_confirm.choosing");
}
