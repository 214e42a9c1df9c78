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
