use changeover::domain::language::Language;
use changeover::mail::{render, samples};
use changeover::ports::mail::{Holding, Letter, News};
use changeover::text::OFFERED;
use jiff::Timestamp;

use super::{currency, money};

#[test]
fn every_piece_of_news_in_every_offered_language() {
    for language in OFFERED {
        for (name, news) in samples::all_news(currency("BRL")) {
            let letter = samples::letter(language, news);
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
            for said in [
                &letter.reference,
                &letter.sender.support,
                &letter.sender.name,
                &mail.subject,
            ] {
                assert!(
                    mail.text.contains(said) && mail.html.contains(said),
                    "{name} does not say {said}"
                );
            }
            assert!(mail.html.contains(&format!("<html lang=\"{language}\"")));
            let seen = format!("{}\n\n{}\n{}", mail.subject, mail.text, mail.html);
            insta::assert_snapshot!(format!("{language}-{name}"), seen);
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
        letter.reference = evil.to_owned();
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
                next_steps: vec![evil.to_owned()],
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
