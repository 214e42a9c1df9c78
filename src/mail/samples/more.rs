use super::day;
use crate::domain::account::CardMove;
use crate::domain::money::{Currency, Money};
use crate::ports::mail::{CardFace, ChangedBy, Held, Holding, News, Renewal, Voucher, VoucherKind};

type Sample = (&'static str, News);

pub(super) fn holdings() -> Vec<Holding> {
    let of = |name: &str, before, after| Holding {
        name: name.to_owned(),
        before,
        after,
    };
    vec![
        of("User seats", 5, 8),
        of("Contacts", 12_500, 10_000),
        of("Devices", 2, 2),
    ]
}

/// What is held: done, scheduled, changed by others, at an end.
pub(super) fn held(currency: Currency) -> [Sample; 8] {
    let held = |renews: bool| Held {
        plan: "Growth".to_owned(),
        holdings: holdings(),
        renewal: renews.then(|| Renewal {
            amount: Money::new(123_456, currency),
            at: day(17),
        }),
    };
    let changed = |by| News::Changed {
        by,
        held: held(false),
    };
    [
        (
            "ticket-applied",
            News::TicketApplied {
                ticket: "T-1042".to_owned(),
                held: held(true),
            },
        ),
        (
            "scheduled",
            News::Scheduled {
                at: day(17),
                held: held(true),
            },
        ),
        ("changed-by-support", changed(ChangedBy::Support)),
        (
            "changed-by-agency",
            changed(ChangedBy::Agency("Farol Digital".to_owned())),
        ),
        ("changed-elsewhere", changed(ChangedBy::Elsewhere)),
        ("contract-ending", News::ContractEnding { at: day(17) }),
        ("contract-continues", News::ContractContinues),
        ("contract-ended", News::ContractEnded { at: day(0) }),
    ]
}

/// Money and cards.
pub(super) fn paying(currency: Currency) -> [Sample; 9] {
    let voucher = |kind, code: &str, again: bool| {
        News::Voucher(Voucher {
            kind,
            amount: Money::new(59_700, currency),
            pay_until: day(3),
            code: Some(code.to_owned()),
            url: (!again).then(|| "https://pay.example.com/voucher/7".to_owned()),
            releases: (!again).then(|| "Released within two working days.".to_owned()),
            again,
        })
    };
    let line = "34191.79001 01043.510047 91020.150008 1 97250000059700";
    let card = |what| News::Card {
        what,
        card: CardFace {
            brand: "visa".to_owned(),
            last4: "4242".to_owned(),
            expiry: Some((3, 2030)),
        },
    };
    let past_due = |known: bool| News::PastDue {
        amount: known.then(|| Money::new(59_700, currency)),
        since: known.then(|| day(-2)),
        pay_url: known.then(|| "https://pay.example.com/invoice/12".to_owned()),
    };
    [
        ("boleto", voucher(VoucherKind::Boleto, line, false)),
        ("boleto-again", voucher(VoucherKind::Boleto, line, true)),
        (
            "pix",
            voucher(
                VoucherKind::Pix,
                "00020126580014br.gov.bcb.pix0136b3c4e1d0-1f0e-4b6c-9a55-0d2f6e3b7a115204000053039865406597.005802BR6304A1B2",
                false,
            ),
        ),
        ("past-due", past_due(true)),
        ("past-due-unknown", past_due(false)),
        ("card-added", card(CardMove::Added)),
        ("card-removed", card(CardMove::Removed)),
        ("card-renewals", card(CardMove::PaysRenewals)),
        (
            "credited",
            News::Credited {
                amount: Money::new(59_700, currency),
            },
        ),
    ]
}

/// Agencies and their clients.
pub(super) fn agencies() -> [Sample; 1] {
    [(
        "payer-asked",
        News::PayerAsked {
            agency: "Farol Digital".to_owned(),
            until: Some(day(7)),
            url: Some("https://pay.example.com/payer/3".to_owned()),
        },
    )]
}
