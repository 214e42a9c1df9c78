//! One device begins, another one ends: by the link of a mail.

use super::driver::Browser;
use super::house::Front;
use super::paying::{comes_to_the_payment, gives_a_new_card, is_back_with_one_charge};
use super::person::{REFUSED_LATER, WORKS};

/// The sample sellers' files, with a customer of Clint who waits at the payment being written to at once: an hour is long in a test.
fn hurried() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, file) in [
        (
            "activecampaign",
            include_str!("../../workflows/activecampaign.toml"),
        ),
        ("clint", include_str!("../../workflows/clint.toml")),
        ("sharpspring", include_str!("../../workflows/sharpspring.toml")),
        ("zenvia", include_str!("../../workflows/zenvia.toml")),
    ] {
        let (usual, soon) = (
            r#"payment_confirm = ["1 hour", "1 day"]"#,
            r#"payment_confirm = ["1 second", "1 day"]"#,
        );
        let file = if name == "clint" {
            assert!(file.contains(usual), "the ladder has moved");
            file.replace(usual, soon)
        } else {
            file.to_owned()
        };
        std::fs::write(folder.path().join(format!("{name}.toml")), file).expect("a written file");
    }
    folder
}

// No other test has two browsers: each waits for a place while it holds one, and two such tests could wait for each other.
#[tokio::test]
async fn c4_z7_a_refused_card_goes_on_from_a_mail_on_another_device() {
    let files = hurried();
    let folder = files.path().to_string_lossy().into_owned();
    let front = Front::open_with("device-first", &[("CHANGEOVER_WORKFLOWS", &folder)]).await;
    let first = &front.browser;
    let before = front.charges().await.len();
    comes_to_the_payment(&front).await;
    let shown = first.due().await;
    gives_a_new_card(first, REFUSED_LATER).await;
    first.presses("Atualizar plano").await;
    first.is_at("O pagamento não foi aprovado").await;
    let mail = front.mail("O pagamento não foi aprovado").await;
    let text = mail["text"].as_str().expect("a text");
    let link = text.split_whitespace().find(|word| word.contains("/p/mail/"));

    let second = Browser::open("device-second").await;
    second.goes_to(link.expect("a link")).await;
    second.is_at("O pagamento não foi aprovado").await;
    let kept = "return document.querySelectorAll('input[name=pay]').length";
    assert_eq!(
        second.runs(kept, &[]).await,
        1,
        "no kept card is offered to a mail's reader"
    );
    second.is_a_good_page("the page of a mail").await;
    second.gives_card(WORKS).await;
    second.presses("Pagar com este cartão").await;
    second.is_at("Plano atualizado").await;
    second.sees("Cobrado").await;
    drop(second);

    // The first device presses on what it still shows, and sees that it is done.
    first.presses("Pagar com este cartão").await;
    first.is_at("Plano atualizado").await;
    is_back_with_one_charge(&front, before, shown).await;
    front.close().await;
}
