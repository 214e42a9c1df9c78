use changeover::text::{OFFERED, Words};

/// What pages look up by a word that comes from elsewhere, with every word that can come.
const FAMILIES: [(&str, &[&str]); 9] = [
    (
        "page-stage",
        &[
            "draft",
            "quote-pending",
            "quote-ready",
            "billing-info-asking",
            "billing-info-saving",
            "payment-confirm-choosing",
            "payment-confirm-charging",
            "payment-confirm-action-required",
            "payment-confirm-settling",
            "payment-confirm-declined",
            "payment-confirm-aborting",
            "downgrade-ticket-held",
            "downgrade-ticket-open",
            "downgrade-ticket-scheduling",
            "downgrade-ticket-scheduled",
            "downgrade-ticket-applying",
            "active",
            "cancelled",
            "expired",
        ],
    ),
    (
        "page-ticket-stage",
        &[
            "downgrade-ticket-held",
            "downgrade-ticket-open",
            "downgrade-ticket-scheduling",
            "downgrade-ticket-scheduled",
            "downgrade-ticket-applying",
        ],
    ),
    (
        "page-contract-status",
        &[
            "proposed",
            "cancelled",
            "ending",
            "active",
            "past-due",
            "unpaid",
            "trialing",
            "incomplete",
            "paused",
        ],
    ),
    (
        "page-invoice-status",
        &["draft", "overdue", "open", "paid", "void", "uncollectible"],
    ),
    ("page-invoice-kind", &["first", "change", "renewal", "other"]),
    (
        "page-pay-not",
        &[
            "currency",
            "nothing-due",
            "renewal-too-near",
            "first-subscription",
        ],
    ),
    ("page-drift-what", &["tax", "balance-used", "due-today", "other"]),
    ("page-wallet-pending", &["add", "make-default", "remove"]),
    ("page-clients-pays", &["agency", "client"]),
];

#[test]
fn every_word_that_a_page_looks_up_has_its_sentence() {
    for language in OFFERED {
        for (family, words) in FAMILIES {
            for word in words {
                let key = format!("{family}-{word}");
                assert!(
                    Words::find(language, &key, &[]).is_some(),
                    "`{key}` in {language}"
                );
            }
        }
        for (family, args) in [
            ("page-choose-unit", ["price", "price"]),
            ("page-recurring", ["amount", "day"]),
        ] {
            for interval in ["month", "year"] {
                let key = format!("{family}-{interval}");
                let told = args.map(|name| (name, "x".into()));
                assert!(
                    Words::find(language, &key, &told).is_some(),
                    "`{key}` in {language}"
                );
            }
        }
    }
}
