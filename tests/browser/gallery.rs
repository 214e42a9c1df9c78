//! The gallery: every page that the journeys pass, in each of its languages, in light and in dark, on a phone and on a desk.
//!
//! `tests/run gallery` makes it. What the journeys check of a page in their own language is checked there in all of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::driver::Browser;

/// Widths that are pictured, in CSS pixels: a phone, and a desk.
const WIDTHS: [u32; 2] = [390, 1280];
const SCHEMES: [&str; 2] = ["light", "dark"];

/// Where the pictures go, when they are wanted.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os("CHANGEOVER_GALLERY").map(PathBuf::from)
}

impl Browser {
    /// Pictures the page as it is now; and, in a tab beside it, as it is in its other languages.
    pub async fn is_pictured(&self, folder: &Path, page: &str) {
        let own = self.runs("return document.documentElement.lang", &[]).await;
        let own = own.as_str().unwrap_or_default().to_owned();
        self.pictures(folder, page, &own).await;
        let others =
            "return [...document.querySelectorAll('a[hreflang]')].map((one) => [one.hreflang, one.href])";
        let others = self.runs(others, &[]).await;
        let Some(others) = others.as_array().filter(|others| !others.is_empty()) else {
            return index(folder);
        };
        let here = self.tab().await;
        self.opens_tab().await;
        for other in others {
            let [language, address] = [&other[0], &other[1]].map(|told| told.as_str().unwrap_or_default());
            self.goes_to(address).await;
            let named = format!("{page} in {language}");
            self.is_accessible(&named).await;
            self.fits_every_width(&named).await;
            self.pictures(folder, page, language).await;
            // A session goes on in the language that was read last.
            let back = address.replace(&format!("lang={language}"), &format!("lang={own}"));
            self.goes_to(&back).await;
        }
        self.closes_tab().await;
        self.looks_at(&here).await;
        index(folder);
    }

    async fn pictures(&self, folder: &Path, page: &str, language: &str) {
        for (scheme, width) in SCHEMES
            .iter()
            .flat_map(|scheme| WIDTHS.map(|width| (scheme, width)))
        {
            self.is_lit(scheme).await;
            self.is_wide(width).await;
            let name = format!("{}.{}.{language}.{scheme}.{width}.png", self.test(), slug(page));
            std::fs::create_dir_all(folder).expect("a folder");
            std::fs::write(folder.join(name), self.whole_page().await).expect("a written file");
        }
        self.is_lit("light").await;
        self.is_wide(1280).await;
    }
}

fn slug(page: &str) -> String {
    let sign = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '-' };
    page.chars().map(sign).collect()
}

/// One page that shows all pictures that are there so far: a row for each page and language.
fn index(folder: &Path) {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let [test, page, language, _, _, "png"] = name.split('.').collect::<Vec<_>>()[..] {
            let row = format!("{test}: {} ({language})", page.replace('-', " "));
            rows.entry(row).or_default().push(name);
        }
    }
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Gallery</title><style>\
         body{font:15px system-ui;margin:24px;background:#888}h2{margin:32px 0 8px;color:#fff}div{display:flex;gap:12px;\
         align-items:flex-start;overflow-x:auto}img{max-height:720px;border-radius:4px}</style>",
    );
    for (row, mut names) in rows {
        names.sort_by_key(|name| (name.contains(".1280."), name.contains(".dark.")));
        write!(html, "<h2>{row}</h2><div>").expect("a text");
        for name in names {
            write!(
                html,
                "<a href=\"{name}\"><img loading=\"lazy\" src=\"{name}\" alt=\"{name}\"></a>"
            )
            .expect("a text");
        }
        html.push_str("</div>");
    }
    // Journeys go on side by side: whoever looks meanwhile sees the old one or the new one.
    let draft = folder.join(format!("index.{:?}", std::thread::current().id()));
    std::fs::write(&draft, html).expect("a written file");
    std::fs::rename(&draft, folder.join("index.html")).expect("a renamed file");
}
