//! The sample products themselves: each opens, in each of its scenes, and is a good page.

use super::house::Front;

#[tokio::test]
async fn every_sample_product_is_a_good_page_in_every_scene() {
    let front = Front::open("products").await;
    let browser = &front.browser;
    for seller in ["clint", "zenvia", "activecampaign", "sharpspring"] {
        front.goes_to(&format!("/sample/{seller}/")).await;
        browser.is_a_good_page(seller).await;
        let script = "return [...document.querySelectorAll('.backstage .picks a')].map((one) => one.getAttribute('href'))";
        let scenes = browser.runs(script, &[]).await;
        let scenes = scenes.as_array().expect("scenes").clone();
        assert!(scenes.len() > 4, "{seller} has only {} scenes", scenes.len());
        for scene in scenes {
            front.goes_to(scene.as_str().expect("an address")).await;
            browser.css(".backstage").await;
        }
    }
    front.goes_to("/sample/zenvia/?who=new").await;
    browser.presses("Comparar planes").await;
    browser.is_a_good_page("the public comparison").await;
    front.goes_to("/sample/zenvia/?who=new").await;
    browser.presses("Contratar").await;
    browser.sees("Starter").await;
    front.close().await;
}

#[tokio::test]
async fn the_checks_of_pages_can_fail() {
    let front = Front::open("checks").await;
    let browser = &front.browser;
    front.goes_to("/sample/clint/").await;
    let bad = "document.querySelector('main').insertAdjacentHTML('beforeend', arguments[0])";
    browser.runs(bad, &["<img src=\"/x\">".into()]).await;
    let wrong = browser.violations().await;
    assert_eq!(wrong[0]["rule"], "image-alt", "{wrong}");
    browser.runs(bad, &["<p id=\"wide\">wide</p>".into()]).await;
    let widened = "document.getElementById('wide').style.width = '900px'";
    browser.runs(widened, &[]).await;
    let told = browser.widths(320).await;
    assert!(told[0].as_u64() > told[1].as_u64(), "{told}");
    front.close().await;
}

#[tokio::test]
async fn the_hosted_pages_of_every_seller_are_good_pages() {
    let front = Front::open("hosted").await;
    let browser = &front.browser;
    for (scene, pages) in [
        (
            "clint/growth",
            "billing choose wallet invoices usage history contact",
        ),
        ("zenvia/settled", "billing plans choose wallet invoices usage"),
        ("zenvia/new", "plans choose"),
        ("activecampaign/plus", "billing plans choose usage contact"),
        ("sharpspring/agency", "clients wallet"),
        ("sharpspring/bakery", "billing usage"),
    ] {
        let (seller, who) = scene.split_once('/').expect("a seller and a customer");
        for page in pages.split(' ') {
            front
                .goes_to(&format!("/sample/{seller}/open/{page}?who={who}"))
                .await;
            browser.is_a_good_page(&format!("{page} of {scene}")).await;
        }
    }
    front.close().await;
}

#[tokio::test]
async fn the_mailbox_and_the_problems_are_good_pages() {
    let front = Front::open("mailbox").await;
    let browser = &front.browser;
    front.goes_to("/mailbox").await;
    browser.is_a_good_page("the mailbox").await;
    front.goes_to("/problems").await;
    browser.is_a_good_page("the problems").await;
    browser.presses("Another change is open on this contract").await;
    browser.sees("What the customer reads").await;
    browser.is_a_good_page("one problem").await;
    front.goes_to("/problems/there_is_no_such_code").await;
    browser.is_a_good_page("a problem that is not there").await;
    front.close().await;
}
