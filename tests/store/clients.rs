//! Clients of agencies: each version follows the one before it, with its line of history, or nothing is written.

use changeover::domain::account::{Account, AccountId, Client, ClientSettings, Payer};
use changeover::ports::store::{ClientRecord, NewAccount, Store, StoreError, Written};

use super::people::{FIRST_PAGE, Household, at, household, line, new_account, seller};
use super::writings::request;

fn client_of(agency: &Account, account: &Account) -> Client {
    Client {
        account: account.id,
        agency: agency.id,
        seller: account.seller.clone(),
        version: 1,
        settings: ClientSettings {
            payer: Payer::Agency,
            access: false,
            direct_support: false,
            services: [].into(),
            allowances: [].into(),
            limits: [].into(),
            retail_price: None,
        },
        consent: None,
        charged: Payer::Agency,
    }
}

fn first(client: &Client, account: Option<&Account>) -> ClientRecord {
    ClientRecord {
        client: client.clone(),
        account: account.map(|account| NewAccount {
            account: account.clone(),
            external_id: None,
            request: None,
        }),
        entry: line(None, at(0), "created"),
        contracts: Vec::new(),
        outbox: Vec::new(),
        request: None,
    }
}

fn next(before: &ClientRecord, what: &str) -> ClientRecord {
    let mut client = before.client.clone();
    client.version += 1;
    client.settings.access = !client.settings.access;
    ClientRecord {
        client,
        account: None,
        entry: line(Some(&before.entry), at(1), what),
        contracts: Vec::new(),
        outbox: Vec::new(),
        request: None,
    }
}

async fn agency(store: &dyn Store) -> Household {
    household(store, "cus_agency").await
}

pub(crate) async fn a_client_is_made_with_its_account_and_its_first_line(store: &dyn Store) {
    let agency = agency(store).await;
    let account = new_account(&seller(), None);
    let mut record = first(&client_of(&agency.account, &account), Some(&account));
    record.request = Some(request("k1", 1));
    assert_eq!(
        store.write_client(record.clone()).await.expect("written"),
        Written::Done
    );
    let repeated = store.write_client(record.clone()).await.expect("answered");
    assert_eq!(repeated, Written::Replayed(request("k1", 1).answer));
    assert_eq!(
        store.client(account.id).await.expect("read"),
        Some(record.client.clone())
    );
    let read = store.account(account.id).await.expect("read");
    assert_eq!(read, Some((account.clone(), None)));
    assert_eq!(
        store.client_journal(account.id, FIRST_PAGE).await.expect("read"),
        [record.entry.clone()]
    );
    assert_eq!(store.client(agency.account.id).await.expect("read"), None);
    // A second time it is not made, and nothing of the attempt is left.
    record.request = Some(request("k2", 2));
    assert_eq!(
        store.write_client(record).await.expect("answered"),
        Written::Stale
    );
    let answered = store.answered(&seller(), "k2").await.expect("read");
    assert_eq!(answered, None);
}

pub(crate) async fn of_two_forms_on_one_version_the_first_counts(store: &dyn Store) {
    let agency = agency(store).await;
    let account = new_account(&seller(), None);
    let made = first(&client_of(&agency.account, &account), Some(&account));
    assert_eq!(
        store.write_client(made.clone()).await.expect("written"),
        Written::Done
    );
    let (one, other) = (next(&made, "one"), next(&made, "other"));
    let (one_came, other_came) = tokio::join!(store.write_client(one.clone()), store.write_client(other));
    let mut came = [one_came.expect("answered"), other_came.expect("answered")];
    came.sort_by_key(|written| *written == Written::Done);
    assert_eq!(came, [Written::Stale, Written::Done]);
    let lines = store.client_journal(account.id, FIRST_PAGE).await.expect("read");
    assert_eq!(lines.len(), 2);
    // History has no break: a line that does not follow the last one is refused, and the form with it.
    let last = ClientRecord {
        entry: lines[1].clone(),
        ..one
    };
    let mut broken = next(&last, "broken");
    broken.entry.previous = [7; 32];
    let refused = store.write_client(broken).await;
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    assert_eq!(
        store
            .client(account.id)
            .await
            .expect("read")
            .map(|client| client.version),
        Some(2)
    );
}

pub(crate) async fn a_form_and_the_contracts_that_it_moves_are_written_together(store: &dyn Store) {
    let agency = agency(store).await;
    let home = household(store, "cus_client").await;
    let made = first(&client_of(&agency.account, &home.account), None);
    assert_eq!(
        store.write_client(made.clone()).await.expect("written"),
        Written::Done
    );
    let mut moved = home.contract.clone();
    moved.version += 1;
    moved.responsible = Some("Bia".to_owned());
    let mut saved = next(&made, "saved");
    saved.contracts = vec![moved.clone()];
    assert_eq!(
        store.write_client(saved.clone()).await.expect("written"),
        Written::Done
    );
    assert_eq!(store.contract(moved.id).await.expect("read"), Some(moved.clone()));
    // The contract has moved meanwhile: neither is written.
    let mut late = next(&saved, "late");
    late.contracts = vec![moved];
    assert_eq!(store.write_client(late).await.expect("answered"), Written::Stale);
    assert_eq!(
        store.client(home.account.id).await.expect("read"),
        Some(saved.client)
    );
}

pub(crate) async fn an_agency_sees_its_own_clients_in_order(store: &dyn Store) {
    let (agency, other) = (agency(store).await, household(store, "cus_other").await);
    let mut made: Vec<AccountId> = Vec::new();
    for of in [&agency, &other, &agency, &agency] {
        let account = new_account(&seller(), None);
        let record = first(&client_of(&of.account, &account), Some(&account));
        assert_eq!(store.write_client(record).await.expect("written"), Written::Done);
        made.push(account.id);
    }
    let ids = |clients: Vec<Client>| clients.iter().map(|client| client.account).collect::<Vec<_>>();
    let own = store.clients_of(agency.account.id, None, 2).await.expect("read");
    assert_eq!(ids(own), [made[0], made[2]]);
    let rest = store
        .clients_of(agency.account.id, Some(made[2]), 2)
        .await
        .expect("read");
    assert_eq!(ids(rest), [made[3]]);
    assert_eq!(store.client_ids(None, 200).await.expect("read"), made);
    assert_eq!(store.client_ids(Some(made[1]), 1).await.expect("read"), [made[2]]);
}
