//! B14: a lock is released before the commit; seats are read, added and written back; two quantities change within one second.
//! Here the database decides, whoever asks and wherever: no update is lost. On PostgreSQL the two hands are on two nodes.

use futures_util::future::join_all;
use hyper::Method;
use serde_json::{Value, json};

use super::{held_at_the_provider, quantities};
use crate::support::{Backend, Change, Clint, Database, House, Node, Problem};

super::on_both!(b14_of_two_quantity_changes_in_one_second_both_count_one_after_the_other);

/// Contracts that are fought over at the same time.
const CONTRACTS: usize = 4;

struct Two<'h> {
    house: &'h mut House,
    node: Option<Node>,
}

impl Two<'_> {
    /// Here, and at the other node where there is one.
    fn hands(&self) -> [Backend; 2] {
        let here = self.house.backend.clone();
        let there = self.node.as_ref().map(|node| node.backend.clone());
        [here.clone(), there.unwrap_or(here)]
    }

    /// Both work at the same time, until nothing is due.
    async fn work(&mut self) {
        if let Some(node) = &self.node {
            let (there, ()) = tokio::join!(node.works(), self.house.settle());
            there.expect("it works");
        }
        self.house.settle().await;
    }
}

async fn opens(at: &Backend, clint: &Clint, selection: Value) -> Result<Change, Problem> {
    let body = json!({ "selection": selection, "actor": { "role": "owner", "id": "user-1" } });
    let path = format!("/v1/contracts/{}/changes", clint.contract);
    let opened = at.command(Method::POST, &path, &body).await?;
    Ok(Change::opened(at, &opened, "owner"))
}

/// Every change is driven to its end, all of them at the same time; each step is sent to both nodes at once.
async fn all_go_through(two: &mut Two<'_>, changes: &[(&Clint, Change)]) {
    let hands = two.hands();
    two.work().await;
    join_all(changes.iter().map(|(_, change)| change.asks_for_a_quote())).await;
    two.work().await;
    join_all(changes.iter().map(|(_, change)| async {
        change.accepts().await.expect("accepting");
        change.gives_billing_data().await.expect("billing data");
    }))
    .await;
    two.work().await;
    let provider = two.house.provider.clone();
    join_all(changes.iter().map(|(clint, change)| {
        let (hands, provider) = (&hands, &provider);
        async move {
            let mut click = change.confirmation().await;
            click["card"] = json!(provider.cards_of(&clint.customer).await[0]);
            let [here, there] = hands.each_ref().map(|hand| change.at(hand));
            let both = tokio::join!(here.post("confirm", click.clone()), there.post("confirm", click));
            let said = [both.0, both.1];
            let taken = said.iter().filter(|answer| answer.is_ok()).count();
            assert_eq!(taken, 1, "one hand decides: {said:?}");
        }
    }))
    .await;
    two.work().await;
    two.house.rests().await;
    for (_, change) in changes {
        assert_eq!(change.stage().await, "active");
    }
}

async fn b14_of_two_quantity_changes_in_one_second_both_count_one_after_the_other(database: Database) {
    let mut house = House::open_on(database).await;
    let mut clints = Vec::new();
    for _ in 0..CONTRACTS {
        clints.push(Clint::customer(&house).await);
    }
    house.settle().await;
    let node = match database {
        Database::Sqlite => None,
        Database::Postgres => Some(house.another_node().await),
    };
    let mut two = Two {
        house: &mut house,
        node,
    };
    let [here, there] = two.hands();

    // One device more in one tab, two seats more in another.
    let (here, there) = (&here, &there);
    let first = join_all(clints.iter().map(|clint| async move {
        let device = opens(here, clint, Clint::selection(4, 5));
        let seats = opens(there, clint, Clint::selection(3, 7));
        let (device, seats) = tokio::join!(device, seats);
        match (device, seats) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => {
                assert_eq!((lost.status, lost.code.as_str()), (409, "change_in_progress"));
                (clint, won)
            }
            both => panic!("one of them is open: {both:?}"),
        }
    }))
    .await;
    all_go_through(&mut two, &first).await;

    // The other one comes again, on top of what is held by now.
    let house_now = &*two.house;
    let second = join_all(clints.iter().map(|clint| async move {
        let held = clint.held(house_now).await;
        let what_is_left = if held == quantities(4, 5) || held == quantities(3, 7) {
            Clint::selection(4, 7)
        } else {
            panic!("exactly one of the two counts: {held:?}")
        };
        (clint, opens(there, clint, what_is_left).await.expect("a change"))
    }))
    .await;
    all_go_through(&mut two, &second).await;

    if let Some(node) = two.node.take() {
        node.close().await;
    }
    for clint in &clints {
        assert_eq!(clint.held(&house).await, quantities(4, 7));
        let at_the_provider = held_at_the_provider(&house, clint).await;
        let numbers: Vec<_> = at_the_provider
            .into_iter()
            .map(|(_, quantity)| quantity)
            .collect();
        assert_eq!(numbers, [json!(4), json!(7)]);
    }
    assert_eq!(
        house.provider.charges_for_changes().await.len(),
        2 * CONTRACTS,
        "each change is charged once"
    );
    house.close().await;
}
