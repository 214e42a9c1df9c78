use std::fmt::Write as _;

use changeover::domain::account::CardMove;
use changeover::domain::language::Language;
use changeover::mail::{render, samples};
use changeover::ports::mail::{CardFace, Holding, Letter, News, NextStep, Voucher, VoucherKind};
use changeover::text::OFFERED;
use jiff::Timestamp;

use super::{currency, money};

#[test]
fn every_piece_of_news_in_every_offered_language() {
    for (name, news) in samples::all_news(currency("BRL")) {
        let mut seen = String::new();
        for language in OFFERED {
            let letter = samples::letter(language, news.clone());
            let mail = render(&letter).expect("rendered");
            for part in [&mail.subject, &mail.text] {
                assert!(
                    !part.contains("mail-") && !part.contains("decline-"),
                    "a key is shown: {part}"
                );
                assert!(
                    !part.contains(['{', '}', '<', '>']),
                    "a template shows through: {part}"
                );
                assert!(!part.contains("\n\n\n"), "a gap: {part}");
            }
            let around = [&letter.sender.support, &letter.sender.name, &mail.subject];
            for said in letter.reference.iter().chain(around) {
                assert!(
                    mail.text.contains(said) && mail.html.contains(said),
                    "{name} does not say {said}"
                );
            }
            assert!(mail.html.contains(&format!("<html lang=\"{language}\"")));
            is_fit_for_a_phone_and_loads_nothing(name, &mail.html);
            says_in_html_all_that_the_text_says(name, &mail.text, &mail.html);
            writeln!(seen, "== {language}: {}\n\n{}", mail.subject, mail.text).expect("written");
        }
        insta::assert_snapshot!(name, seen);
    }
}

/// The layout, by the mails that have most in them.
#[test]
fn mails_are_laid_out() {
    for (name, news) in samples::all_news(currency("BRL")) {
        if ["confirmed", "declined", "pix"].contains(&name) {
            let mail = render(&samples::letter(Language::PtBr, news)).expect("rendered");
            insta::assert_snapshot!(format!("html-{name}"), mail.html);
        }
    }
}

#[test]
fn what_customers_type_stays_text() {
    let evil = "<script>alert(1)</script>\"><img src=x onerror=a>\r\nBcc: thief@example.com\u{202e}";
    for mut letter in every_letter_about(evil) {
        letter.to.name = Some(evil.to_owned());
        letter.sender.name = evil.to_owned();
        letter.sender.support = format!("javascript:alert(1){evil}");
        letter.reference = Some(evil.to_owned());
        let mail = render(&letter).expect("rendered");
        for raw in [
            "<script",
            "<img",
            "href=\"javascript",
            "\" onmouseover",
            "\"onmouseover",
        ] {
            assert!(!mail.html.contains(raw), "`{raw}` in {}", mail.html);
        }
        assert!(
            mail.html.contains("&#60;script&#62;"),
            "the name is shown, escaped: {}",
            mail.html
        );
        assert!(
            !mail.subject.contains(['\r', '\n', '\u{202e}']),
            "{}",
            mail.subject
        );
        assert!(
            !mail.text.lines().any(|line| line.starts_with("Bcc:")),
            "{}",
            mail.text
        );
        assert!(!mail.text.contains('\u{202e}'));
    }
}

#[test]
fn only_web_links_become_links() {
    let with = |url: &str| {
        let amount = money(1, "BRL");
        let news = News::NotaFiscalIssued {
            number: "1".to_owned(),
            url: Some(url.to_owned()),
            amount,
        };
        render(&samples::letter(Language::En, news)).expect("rendered")
    };
    assert!(
        with("https://nota.example/1?a=1&b=2")
            .html
            .contains("href=\"https://nota.example/1?a=1&#38;b=2\"")
    );
    for url in [
        "javascript:alert(1)",
        "data:text/html,x",
        "nota.example",
        "https://x\nBcc: y",
        "",
    ] {
        let mail = with(url);
        assert!(!mail.html.contains("class=\"button\""), "{url:?} became a button");
        assert!(!mail.text.contains("Open the nota fiscal"), "{url:?} is offered");
    }
}

#[test]
fn the_same_letter_gives_the_same_bytes_and_another_language_other_ones() {
    let write = |language| render(&samples::letter(language, News::Cancelled)).expect("rendered");
    assert_eq!(write(Language::En), write(Language::En));
    assert_ne!(write(Language::En), write(Language::PtBr));
}

/// Width, dark mode, and that nothing is fetched when the mail is opened: no pictures, no styles or fonts from elsewhere.
fn is_fit_for_a_phone_and_loads_nothing(name: &str, html: &str) {
    for needed in [
        "width=device-width",
        "max-width:560px",
        "name=\"color-scheme\" content=\"light dark\"",
        "prefers-color-scheme: dark",
    ] {
        assert!(html.contains(needed), "{name} lacks {needed}");
    }
    for loads in [
        "<img",
        "<link",
        "<script",
        "src=",
        "url(",
        "@import",
        "background=",
    ] {
        assert!(!html.contains(loads), "{name} loads something: {loads}");
    }
}

/// The two forms of a mail are twins: no word is in the text alone.
fn says_in_html_all_that_the_text_says(name: &str, text: &str, html: &str) {
    let mut shown = html.to_owned();
    for (escaped, character) in [("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")] {
        shown = shown.replace(escaped, character);
    }
    let marks = |c: char| !c.is_alphanumeric();
    for word in text.split_whitespace().map(|word| word.trim_matches(marks)) {
        let is_a_number_of_the_checklist = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_digit());
        assert!(
            is_a_number_of_the_checklist || shown.contains(word),
            "{name} says `{word}` in its text alone"
        );
    }
}

fn every_letter_about(evil: &str) -> Vec<Letter> {
    let mut all = samples::all_news(currency("USD"));
    all.extend([
        (
            "ticket",
            News::TicketReceived {
                ticket: evil.to_owned(),
            },
        ),
        (
            "nota",
            News::NotaFiscalIssued {
                number: evil.to_owned(),
                url: Some("https://x.example/\" onmouseover=\"a".to_owned()),
                amount: money(1, "USD"),
            },
        ),
        (
            "confirmed",
            News::Confirmed {
                holdings: vec![Holding {
                    name: evil.to_owned(),
                    before: 1,
                    after: 2,
                }],
                plan: evil.to_owned(),
                charged: money(1, "USD"),
                recurring: money(1, "USD"),
                next_renewal: Some(Timestamp::UNIX_EPOCH),
                receipt_url: Some("javascript:alert(1)".to_owned()),
                contract: Some(evil.to_owned()),
                next_steps: vec![NextStep {
                    text: evil.to_owned(),
                    url: Some("javascript:alert(1)".to_owned()),
                }],
            },
        ),
        (
            "pix",
            News::Voucher(Voucher {
                kind: VoucherKind::Pix,
                amount: money(1, "BRL"),
                pay_until: Timestamp::UNIX_EPOCH,
                code: Some(evil.to_owned()),
                url: Some("data:text/html,x".to_owned()),
                releases: Some(evil.to_owned()),
                again: false,
            }),
        ),
        (
            "card",
            News::Card {
                what: CardMove::Added,
                card: CardFace {
                    brand: evil.to_owned(),
                    last4: evil.to_owned(),
                    expiry: None,
                },
            },
        ),
        (
            "payer",
            News::PayerAsked {
                agency: evil.to_owned(),
                until: None,
                url: Some("javascript:alert(1)".to_owned()),
            },
        ),
        (
            "declined",
            News::Declined {
                amount: money(1, "USD"),
                reason: evil.to_owned(),
                resume_url: None,
            },
        ),
    ]);
    all.into_iter()
        .map(|(_, news)| samples::letter(Language::En, news))
        .collect()
}
