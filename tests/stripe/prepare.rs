use std::fmt::Write as _;

use changeover::domain::account::{TaxId, TaxIdKind};
use changeover::domain::change::Call;
use changeover::ports::payments::{Payments as _, Prepared, Preparing};
use changeover::stripe::{StripeConfig, StripePayments};
use url::form_urlencoded;
use uuid::Uuid;

use super::things::{self, targets};
use super::{schema, stub};

fn payments() -> StripePayments {
    StripePayments::new(&stub::config("http://127.0.0.1:1")).expect("a good configuration")
}

fn calls() -> Vec<Call> {
    let [customer, subscription, invoice] = ["cus_1", "sub_1", "in_1"].map(str::to_owned);
    let identity = Uuid::from_u128(3);
    vec![
        Call::SaveCustomer {
            customer: None,
            identity,
        },
        Call::SaveCustomer {
            customer: Some(customer.clone()),
            identity,
        },
        Call::AddTaxId {
            customer: customer.clone(),
            identity,
        },
        Call::RemoveTaxId {
            customer,
            tax_id: "txi_1".to_owned(),
        },
        Call::SetDefaultMethod {
            subscription: subscription.clone(),
            method: Some("pm_1".to_owned()),
        },
        Call::SetDefaultMethod {
            subscription: subscription.clone(),
            method: None,
        },
        Call::SetTaxRates {
            subscription: subscription.clone(),
            rates: vec!["txr_1".to_owned(), "txr_2".to_owned()],
        },
        Call::SetTaxRates {
            subscription: subscription.clone(),
            rates: Vec::new(),
        },
        things::update(),
        things::create(),
        things::pay(),
        Call::VoidInvoice {
            invoice: invoice.clone(),
            subscription: subscription.clone(),
        },
        Call::LowerSubscription {
            subscription: subscription.clone(),
            targets: targets(),
        },
        Call::CancelSubscription { subscription },
        Call::Refund {
            invoice,
            amount: things::brl(250),
        },
    ]
}

fn readable(prepared: &Prepared) -> String {
    let pairs = form_urlencoded::parse(prepared.body.as_bytes());
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("  {name} = {value}")).collect();
    format!("{} {}\n{}\n", prepared.method, prepared.path, pairs.join("\n"))
}

#[test]
fn every_call_is_one_request_as_it_is_published() {
    let payments = payments();
    let mut all = String::new();
    for call in calls() {
        let prepared = things::prepared(&payments, &call);
        assert_eq!(
            prepared.api_version,
            schema::version(),
            "the parameters are those of our version"
        );
        let problems = schema::problems(&prepared.method, &prepared.path, &prepared.body);
        assert!(problems.is_empty(), "{call:?}: {problems:#?}");
        let _ = writeln!(all, "# {}\n{}", call.name(), readable(&prepared));
    }
    insta::assert_snapshot!("requests", all);
}

#[test]
fn a_first_subscription_is_made_with_automatic_tax_where_the_provider_reckons_it() {
    let mut create = things::create();
    let Call::CreateSubscription { automatic_tax, .. } = &mut create else {
        panic!("another call");
    };
    *automatic_tax = true;
    let prepared = things::prepared(&payments(), &create);
    let problems = schema::problems(&prepared.method, &prepared.path, &prepared.body);
    assert!(problems.is_empty(), "{problems:#?}");
    let read = readable(&prepared);
    assert!(read.contains("automatic_tax[enabled] = true"), "{read}");
    let untaxed = readable(&things::prepared(&payments(), &things::create()));
    assert!(!untaxed.contains("automatic_tax"), "{untaxed}");
}

#[test]
fn every_kind_of_tax_number_is_recorded_under_a_published_type() {
    let payments = payments();
    let (marks, account) = (things::marks(), things::account());
    let add = Call::AddTaxId {
        customer: "cus_1".to_owned(),
        identity: Uuid::from_u128(3),
    };
    for (kind, number, recorded) in [
        (
            TaxIdKind::Cnpj,
            "12ABC34501DE35",
            "type=br_cnpj&value=12.ABC.345/01DE-35",
        ),
        (TaxIdKind::Cpf, "52998224725", "type=br_cpf&value=529.982.247-25"),
        (
            TaxIdKind::EuVat,
            "FR40303265045",
            "type=eu_vat&value=FR40303265045",
        ),
        (TaxIdKind::EsNif, "A58818501", "type=es_cif&value=A58818501"),
        (TaxIdKind::PtNif, "501964843", "type=eu_vat&value=PT501964843"),
        (TaxIdKind::GbVat, "GB980780684", "type=gb_vat&value=GB980780684"),
        (
            TaxIdKind::ChVat,
            "CHE107787577 IVA",
            "type=ch_vat&value=CHE-107.787.577 MWST",
        ),
        (TaxIdKind::NoVat, "995525828", "type=no_vat&value=995525828MVA"),
        (TaxIdKind::ClRut, "760864285", "type=cl_tin&value=760864285"),
        (
            TaxIdKind::MxRfc,
            "GODE561231GR8",
            "type=mx_rfc&value=GODE561231GR8",
        ),
        (
            TaxIdKind::ArCuit,
            "20055361682",
            "type=ar_cuit&value=20-05536168-2",
        ),
        (TaxIdKind::CoNit, "2131234321", "type=co_nit&value=2131234321"),
        (TaxIdKind::PeRuc, "20512333797", "type=pe_ruc&value=20512333797"),
        (TaxIdKind::UyRut, "211003420017", "type=uy_ruc&value=211003420017"),
        (TaxIdKind::UsEin, "911144442", "type=us_ein&value=91-1144442"),
        (TaxIdKind::CaBn, "123456782", "type=ca_bn&value=123456782"),
        (TaxIdKind::AuAbn, "83914571673", "type=au_abn&value=83914571673"),
    ] {
        let mut identity = things::identity();
        identity.tax_id = Some(TaxId::parse(kind, number).expect("a number"));
        let preparing = Preparing {
            marks: &marks,
            account: &account,
            identity: Some(&identity),
        };
        let prepared = payments.prepare(&add, preparing).expect("a request");
        let problems = schema::problems(&prepared.method, &prepared.path, &prepared.body);
        assert!(problems.is_empty(), "{kind:?}: {problems:#?}");
        let sent: Vec<String> = form_urlencoded::parse(prepared.body.as_bytes())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(sent.join("&"), recorded, "{kind:?}");
    }
    // The provider knows no SIREN and no SIRET: nothing asks for such a call.
    for (kind, number) in [
        (TaxIdKind::FrSiren, "552008443"),
        (TaxIdKind::FrSiret, "73282932000074"),
    ] {
        assert!(!kind.is_kept_by_the_provider());
        let mut identity = things::identity();
        identity.tax_id = Some(TaxId::parse(kind, number).expect("a number"));
        let preparing = Preparing {
            marks: &marks,
            account: &account,
            identity: Some(&identity),
        };
        assert!(payments.prepare(&add, preparing).is_err());
    }
}

#[test]
fn the_same_call_gives_the_same_bytes() {
    let payments = payments();
    for call in calls() {
        let first = things::prepared(&payments, &call);
        for _ in 0..20 {
            assert_eq!(things::prepared(&payments, &call), first);
        }
    }
}

#[test]
fn billing_data_that_is_missing_or_an_id_that_is_a_path_makes_no_request() {
    let payments = payments();
    let (marks, account) = (things::marks(), things::account());
    let preparing = Preparing {
        marks: &marks,
        account: &account,
        identity: None,
    };
    let save = Call::SaveCustomer {
        customer: None,
        identity: Uuid::nil(),
    };
    let error = payments.prepare(&save, preparing).expect_err("no billing data");
    assert_eq!(error.call, "save_customer");
    for path in ["../charges", "in_1/pay", "in_1?x=1", ""] {
        let void = Call::VoidInvoice {
            invoice: path.to_owned(),
            subscription: "sub_1".to_owned(),
        };
        assert!(payments.prepare(&void, preparing).is_err(), "{path}");
    }
}

#[test]
fn a_live_key_is_not_even_kept_for_another_address() {
    let address = "http://127.0.0.1:1".parse().expect("an address");
    let config = StripeConfig::new(address, "sk_live_1".to_owned().into());
    assert!(StripePayments::new(&config).is_err());
}
