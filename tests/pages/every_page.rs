use super::reader::Reader;
use crate::support::{Clint, House};

const PAGES: [&str; 8] = [
    "/billing",
    "/plans",
    "/choose",
    "/wallet",
    "/invoices",
    "/usage",
    "/history",
    "/contact",
];

#[tokio::test]
async fn every_page_is_there_in_every_language_of_the_seller_and_holds_no_script_of_its_own() {
    let house = House::open().await;
    let customer = Clint::customer(&house).await;
    let mut reader = Reader::of(&house, &customer, "owner", "plans").await;
    for language in ["pt-BR", "en"] {
        for page in PAGES {
            reader.visits(&format!("{page}?lang={language}")).await;
            let html = reader.page.text();
            assert_eq!(reader.page.status, 200, "{page} in {language}: {}", reader.text());
            assert!(html.contains(&format!("<html lang=\"{language}\">")), "{page}");
            for inline in ["<style", " style=\"", " onclick", "javascript:", "<script>"] {
                assert!(!html.contains(inline), "`{inline}` on {page}");
            }
            let policy = reader.page.header("content-security-policy").unwrap_or_default();
            assert!(
                !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"),
                "{policy}"
            );
        }
    }
    house.close().await;
}

#[tokio::test]
async fn everybody_may_compare_the_plans() {
    for (seller, languages) in [
        ("clint", ["pt-BR", "en"]),
        ("zenvia", ["es", "pt-BR"]),
        ("activecampaign", ["fr", "pt-BR"]),
        ("sharpspring", ["pt-BR", "en"]),
    ] {
        let house = House::of(seller).await;
        for language in languages {
            let path = format!("/compare/{seller}?lang={language}");
            let page = house.backend.raw(hyper::Method::GET, &path, &[], "").await;
            assert_eq!(page.status, 200, "{path}");
            assert!(
                page.text().contains(&format!("<html lang=\"{language}\">")),
                "{path}"
            );
        }
        house.close().await;
    }
}
