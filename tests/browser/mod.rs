//! Journeys that people make, in a real browser in front of a real installation, from a sample product back into it.
//!
//! `driver.rs` knows `WebDriver`, `person.rs` what people do in front of a page and what is checked of each one, `gallery.rs` keeps pictures
//! of them, `house.rs` is the installation. A journey says what somebody sees, presses and types; waiting is in the words themselves.

mod activecampaign;
mod clint;
mod devices;
mod driver;
mod gallery;
mod house;
mod pages;
mod paying;
mod person;
mod sharpspring;
mod sms;
mod support;
mod zenvia;

use std::sync::OnceLock;

/// The script of axe-core, at the version that `package.json` beside this file names.
fn axe() -> &'static str {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let file = driver::target().join("test-tools/browser/node_modules/axe-core/axe.min.js");
        std::fs::read_to_string(&file).unwrap_or_else(|problem| {
            panic!(
                "axe-core is missing ({}: {problem}): `tests/run` installs it, or: npm install --prefix {} axe-core@4.14.1",
                file.display(),
                driver::target().join("test-tools/browser").display()
            )
        })
    })
}
