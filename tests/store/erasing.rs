//! Taking a person's data out of what is kept.

use changeover::domain::account::AccountId;
use changeover::domain::change::{AccountFact, CallName};
use changeover::ports::store::{
    ClientRequest, EffectStatus, Erasure, FiscalDocument, NewFiscalDocument, Store, Traces, Written,
};

use super::people::{FIRST_PAGE, at, household, new_id};
use super::writings::{billing_data, came_out, done, effect, ending, moving, opened, request};

fn order(account: AccountId, second: i64) -> Erasure {
    Erasure {
        account,
        at: at(second),
        by: "agent-7".to_owned(),
        why: "asked for by its person".to_owned(),
    }
}

fn naming(account: AccountId, key: &str) -> ClientRequest {
    let mut request = request(key, 1);
    request.answer.body = format!(r#"{{"account":"{account}"}}"#).into_bytes();
    request
}

pub(crate) async fn a_person_is_erased_once_nothing_is_under_way_and_nobody_else_is(store: &dyn Store) {
    let ana = household(store, "cus_ana").await;
    let bea = household(store, "cus_bea").await;
    let account = ana.account.id;
    let change = opened(store, &ana, None).await;
    let hers = billing_data(bea.account.id, "Rua de Bea 2");
    let of_bea = opened(store, &bea, None).await;
    let mut record = moving(&of_bea, at(1));
    record.identity = Some(hers.clone());
    record.account = vec![AccountFact::Identity(hers.reference.clone())];
    record.request = Some(naming(bea.account.id, "of bea"));
    done(store, record).await;

    let billing = billing_data(account, "Rua das Flores 1");
    let call = effect(&change, CallName::SaveCustomer, None);
    let mut record = moving(&change, at(1));
    record.identity = Some(billing.clone());
    record.account = vec![AccountFact::Identity(billing.reference.clone())];
    record.effects = vec![call.clone()];
    record.request = Some(naming(account, "of ana"));
    let change = done(store, record).await;
    let blocked = Written::Blocked(change.id);
    assert_eq!(store.erase(order(account, 2)).await.expect("answered"), blocked);
    let change = done(store, ending(&change, at(3))).await;
    // Its call is still on its way: whoever sends it again needs its bytes.
    assert_eq!(store.erase(order(account, 4)).await.expect("answered"), blocked);
    store
        .settle_effect(came_out(&call, EffectStatus::Succeeded), at(5))
        .await
        .expect("settled");
    let document = FiscalDocument {
        id: new_id(),
        change: change.id,
        number: "NF-1".to_owned(),
        url: Some("https://nf.example/1".to_owned()),
        at: at(6),
    };
    let kept = store.add_fiscal_document(NewFiscalDocument {
        document,
        outbox: Vec::new(),
        request: None,
    });
    assert_eq!(kept.await.expect("kept"), Written::Done);
    let history = store.journal(change.id, FIRST_PAGE).await.expect("read");
    let of_the_contract = store
        .contract_journal(ana.contract.id, FIRST_PAGE)
        .await
        .expect("read");
    assert_eq!(
        store.traces(account).await.expect("read"),
        Some(Traces {
            named: true,
            identities: 1,
            requests: 1,
            answers: 1,
            responsible: 1,
            links: 2,
            under_way: None,
            erased_at: None,
        })
    );

    for second in [7, 8] {
        assert_eq!(
            store.erase(order(account, second)).await.expect("erased"),
            Written::Done
        );
        let left = store.traces(account).await.expect("read");
        let nothing = Traces {
            erased_at: Some(at(7)),
            ..Traces::default()
        };
        assert_eq!(left, Some(nothing), "the first order stays");
    }
    let (erased, external_id) = store.account(account).await.expect("read").expect("there");
    assert_eq!(
        (erased.name.as_str(), erased.email.as_str(), external_id),
        ("", "", None)
    );
    assert_eq!(erased.provider_customer.as_deref(), Some("cus_ana"));
    assert_eq!(store.billing(account).await.expect("read"), None);
    assert_eq!(store.identity(billing.reference.row).await.expect("read"), None);
    let contract = store
        .contract(ana.contract.id)
        .await
        .expect("read")
        .expect("there");
    assert_eq!(contract.responsible, None);
    let effects = store.effects(change.id).await.expect("read");
    assert_eq!(
        (effects[0].request.len(), &effects[0].request_hash),
        (0, &call.request_hash)
    );
    let documents = store.fiscal_documents(change.id).await.expect("read");
    assert_eq!((documents[0].number.as_str(), &documents[0].url), ("NF-1", &None));
    let (_, answer) = store
        .answered(&ana.account.seller, "of ana")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(answer.status, 410);
    // The history is what it was, byte by byte.
    assert_eq!(store.journal(change.id, FIRST_PAGE).await.expect("read"), history);
    assert_eq!(
        store
            .contract_journal(ana.contract.id, FIRST_PAGE)
            .await
            .expect("read"),
        of_the_contract
    );

    let untouched = store.traces(bea.account.id).await.expect("read").expect("there");
    assert_eq!(
        (untouched.named, untouched.identities, untouched.answers),
        (true, 1, 1)
    );
    assert_eq!(
        store.identity(hers.reference.row).await.expect("read"),
        Some(hers.identity)
    );
    let nobody = AccountId(new_id());
    assert_eq!(store.traces(nobody).await.expect("read"), None);
    assert_eq!(
        store.erase(order(nobody, 9)).await.expect("answered"),
        Written::Stale
    );
}
