use changeover::domain::catalog::{Catalog, Interval, Item, Offer, Plan, Price, QuantityRule, Scheme, Tier};
use changeover::domain::language::{Language, Texts};
use changeover::stripe::catalog::PushState;
use serde_json::{Value, json};

use super::stub::{Reply, Stub};
use super::things::{self, list, with};

fn named(en: &str, pt: &str) -> Texts {
    [(Language::En, en.to_owned()), (Language::PtBr, pt.to_owned())].into()
}

fn price(scheme: Scheme) -> Price {
    Price {
        currency: "BRL".parse().expect("known"),
        interval: Interval::MONTH,
        scheme,
    }
}

/// One plan with one item on it, whose price has tiers.
pub fn catalog() -> Catalog {
    let tiers = vec![
        Tier {
            up_to: Some(5),
            unit: 700,
            flat: 0,
        },
        Tier {
            up_to: None,
            unit: 500,
            flat: 100,
        },
    ];
    let plan = Plan::new(
        "growth".parse().expect("a plan"),
        named("Growth", "Crescimento"),
        vec![price(Scheme::PerUnit { unit: 4990 })],
    );
    let item = Item::new("device".parse().expect("an item"), named("Device", "Aparelho"));
    let quantities = QuantityRule {
        min: 0,
        max: 100,
        step: 1,
        optional: true,
    };
    let prices = vec![price(Scheme::Graduated { tiers })];
    let offer = Offer::new(plan.id.clone(), item.id.clone(), quantities, prices);
    Catalog {
        plans: vec![plan],
        items: vec![item],
        offers: vec![offer],
        ..Catalog::new("clint".parse().expect("a seller"))
    }
}

fn product(id: &str, name: &str) -> Value {
    json!({"id": id, "object": "product", "active": true, "created": 1, "images": [], "livemode": false,
        "marketing_features": [], "metadata": {}, "name": name, "type": "service", "updated": 1})
}

fn plan_price(name: &str) -> Value {
    with(things::price("price_1"), json!({"lookup_key": name}))
}

#[tokio::test]
async fn an_empty_provider_gets_everything_once() {
    let names: Vec<String> = catalog()
        .all_prices()
        .into_iter()
        .map(|(name, ..)| name.to_string())
        .collect();
    let stub = Stub::start().await;
    stub.answers("GET /v1/products", Reply::ok(&list("/v1/products", vec![])))
        .answers("GET /v1/prices", Reply::ok(&list("/v1/prices", vec![])));
    let payments = stub.payments();
    let plan = payments
        .plan_push(&catalog(), &[], Language::PtBr)
        .await
        .expect("planned");
    assert_eq!((plan.missing(), plan.differs()), (4, false));
    let products: Vec<_> = plan
        .products
        .iter()
        .map(|one| (one.id.as_str(), one.name.as_str()))
        .collect();
    assert_eq!(
        products,
        [
            ("clint.growth", "Crescimento"),
            ("clint.growth.device", "Aparelho (Crescimento)")
        ]
    );
    stub.answers(
        "POST /v1/products",
        Reply::ok(&product("clint.growth", "Crescimento")),
    )
    .answers(
        "POST /v1/products",
        Reply::ok(&product("clint.growth.device", "Aparelho (Crescimento)")),
    )
    .answers("POST /v1/prices", Reply::ok(&plan_price(&names[0])))
    .answers("POST /v1/prices", Reply::ok(&plan_price(&names[1])));
    let pushed = payments.push(&plan).await.expect("pushed");
    assert_eq!(pushed.missing(), 0);
    let seen = stub.seen();
    let tiered = &seen.last().expect("a price").body;
    for part in [
        "tiers_mode=graduated",
        "tiers[0][up_to]=5",
        "tiers[0][unit_amount]=700",
        "tiers[1][up_to]=inf",
        "tiers[1][flat_amount]=100",
        "product=clint.growth.device",
        "recurring[interval]=month",
    ] {
        assert!(tiered.contains(part), "{part} in {tiered}");
    }
    assert!(
        seen[2..].iter().all(|seen| seen.key.is_some()),
        "each is made under a key"
    );
    payments.push(&pushed).await.expect("nothing left to do");
    assert_eq!(stub.seen().len(), seen.len());
}

#[tokio::test]
async fn what_differs_is_shown_and_left_alone() {
    let names: Vec<String> = catalog()
        .all_prices()
        .into_iter()
        .map(|(name, ..)| name.to_string())
        .collect();
    let tiers = json!([
        {"up_to": 5, "unit_amount": 700, "flat_amount": null}, {"up_to": null, "unit_amount": 500, "flat_amount": 100},
    ]);
    let tiered = with(
        things::price("price_2"),
        json!({"lookup_key": names[1], "product": "clint.growth.device", "billing_scheme": "tiered",
            "tiers_mode": "graduated", "tiers": tiers, "unit_amount": null}),
    );
    let dearer = with(
        plan_price(&names[0]),
        json!({"unit_amount": 5990, "active": false}),
    );
    let stub = Stub::start().await;
    let there = vec![
        product("clint.growth", "Growth"),
        product("clint.growth.device", "Aparelho (Crescimento)"),
    ];
    stub.answers("GET /v1/products", Reply::ok(&list("/v1/products", there)))
        .answers(
            "GET /v1/prices",
            Reply::ok(&list("/v1/prices", vec![dearer, tiered])),
        );
    let payments = stub.payments();
    let plan = payments
        .plan_push(&catalog(), &[], Language::PtBr)
        .await
        .expect("planned");
    assert_eq!((plan.missing(), plan.differs()), (0, true));
    let how = |state: &PushState| match state {
        PushState::Differs { how, .. } => how.join("; "),
        _ => String::new(),
    };
    assert_eq!(how(&plan.products[0].state), "it is called `Growth`");
    assert_eq!(how(&plan.prices[0].state), "it is archived; its amounts differ");
    assert_eq!(
        plan.prices[1].state,
        PushState::Present {
            id: "price_2".to_owned()
        }
    );
    assert_eq!(payments.push(&plan).await.expect("pushed"), plan);
}
