use std::fs;

use changeover::domain::language::Language;
use changeover::mail::{MAILS_LISTED_MAX, Mailbox, render, samples};
use changeover::ports::mail::{Letter, Mailer, News};
use tempfile::TempDir;

use super::told_by;

fn letter(key: &str, second: i64) -> Letter {
    let mut letter = samples::letter(Language::En, News::Cancelled);
    key.clone_into(&mut letter.dedupe_key);
    letter.at = jiff::Timestamp::from_second(second).expect("a time");
    letter
}

#[tokio::test]
async fn a_delivered_mail_is_there_after_opening_the_folder_again() {
    let folder = TempDir::new().expect("a folder");
    let sent = letter("chg-1:cancelled", 1_000);
    Mailbox::open(folder.path())
        .expect("opened")
        .send(&sent)
        .await
        .expect("delivered");

    let mailbox = Mailbox::open(folder.path()).expect("opened again");
    let mails = mailbox.list(10).await.expect("listed");
    let [mail] = mails.as_slice() else {
        panic!("{} mails", mails.len())
    };
    let written = render(&sent).expect("rendered");
    assert_eq!(
        (&mail.subject, &mail.text, &mail.html),
        (&written.subject, &written.text, &written.html)
    );
    assert_eq!(
        (mail.to.as_str(), mail.from.as_str(), mail.at),
        ("ana@example.com", "Aurora CRM", sent.at)
    );
    assert!(
        mail.message_id.ends_with("@aurora.example>"),
        "{}",
        mail.message_id
    );
    assert_eq!(mailbox.read(&mail.id).await.expect("read").as_ref(), Some(mail));
}

#[tokio::test]
async fn a_second_copy_is_seen_and_named_as_the_same_mail() {
    let folder = TempDir::new().expect("a folder");
    let mailbox = Mailbox::open(folder.path()).expect("opened");
    for sent in [
        letter("chg-1:cancelled", 1_000),
        letter("chg-1:cancelled", 1_000),
        letter("chg-2:cancelled", 1_000),
    ] {
        mailbox.send(&sent).await.expect("delivered");
    }
    let mails = mailbox.list(10).await.expect("listed");
    assert_eq!(mails.len(), 3);
    let mut names: Vec<_> = mails.iter().map(|mail| mail.message_id.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 2, "two letters, three copies");
}

#[tokio::test]
async fn copies_that_arrive_together_are_all_kept() {
    let folder = TempDir::new().expect("a folder");
    let mailbox = Mailbox::open(folder.path()).expect("opened");
    let sent = letter("chg-1:cancelled", 1_000);
    let outcomes = futures_util::future::join_all((0..8).map(|_| mailbox.send(&sent))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(mailbox.list(10).await.expect("listed").len(), 8);
}

#[tokio::test]
async fn the_newest_come_first_and_never_too_many() {
    let folder = TempDir::new().expect("a folder");
    let mailbox = Mailbox::open(folder.path()).expect("opened");
    for second in [2_000_i64, 9, 10_000_000_000, 1_000] {
        mailbox.send(&letter("chg", second)).await.expect("delivered");
    }
    let order = |mails: Vec<changeover::mail::StoredMail>| -> Vec<i64> {
        mails.iter().map(|mail| mail.at.as_second()).collect()
    };
    assert_eq!(
        order(mailbox.list(9).await.expect("listed")),
        [10_000_000_000, 2_000, 1_000, 9]
    );
    assert_eq!(
        order(mailbox.list(2).await.expect("listed")),
        [10_000_000_000, 2_000]
    );

    let first = fs::read_dir(folder.path())
        .expect("read")
        .next()
        .expect("a file")
        .expect("an entry")
        .path();
    for copy in 0..=MAILS_LISTED_MAX {
        fs::copy(
            &first,
            folder.path().join(format!("00000000000001-abc-{copy:04}.json")),
        )
        .expect("copied");
    }
    assert_eq!(
        mailbox.list(usize::MAX).await.expect("listed").len(),
        MAILS_LISTED_MAX
    );
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_no_mail() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("00000000001000-abc.tmp"), "{\"message_id\":").expect("written");
    fs::write(folder.path().join("README.json"), "not ours").expect("written");
    let mailbox = Mailbox::open(folder.path()).expect("opened");
    assert_eq!(mailbox.list(10).await.expect("listed"), []);
    assert_eq!(
        fs::read_dir(folder.path()).expect("read").count(),
        1,
        "only the stranger's file is left"
    );
}

#[tokio::test]
async fn no_name_leads_out_of_the_folder() {
    let outside = TempDir::new().expect("a folder");
    let mailbox = Mailbox::open(outside.path().join("mails")).expect("opened");
    mailbox.send(&letter("chg", 1)).await.expect("delivered");
    let id = mailbox.list(1).await.expect("listed").remove(0).id;
    fs::copy(
        outside.path().join("mails").join(format!("{id}.json")),
        outside.path().join("a.json"),
    )
    .expect("copied");
    for name in [
        "../a",
        "a/../../a",
        "..",
        "",
        "/etc/passwd",
        "a\0",
        "no-such-mail",
        &"a".repeat(300),
    ] {
        assert_eq!(mailbox.read(name).await.expect("answered"), None, "{name:?}");
    }
}

#[tokio::test]
async fn a_folder_that_is_gone_is_tried_again_later() {
    let folder = TempDir::new().expect("a folder");
    let mailbox = Mailbox::open(folder.path().join("mails")).expect("opened");
    fs::remove_dir(folder.path().join("mails")).expect("removed");
    let failure = mailbox
        .send(&letter("chg", 1))
        .await
        .expect_err("nowhere to write");
    told_by(&failure, false);
}
