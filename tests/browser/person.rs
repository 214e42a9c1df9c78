//! Somebody in front of a browser: sees, presses and types as people do, by the words on the page.

use serde_json::{Value, json};

use super::driver::{Browser, Element, Key};

/// The most Tab presses from one place to another on one page.
const TABS_MAX: usize = 120;

/// What a Brazilian company answers to a form for billing data.
pub const BRAZILIAN: [(&str, &str); 7] = [
    ("Razão social", "Padaria Luz Ltda"),
    ("CNPJ", "11.222.333/0001-81"),
    ("E-mail fiscal", "fiscal@padaria-luz.example"),
    ("Rua e número", "Rua das Flores 10"),
    ("Cidade", "São Paulo"),
    ("Estado", "SP"),
    ("CEP", "01310-100"),
];

/// Test cards that are the provider's own: one that works, one that the bank refuses when it is charged, one whose bank asks its holder.
pub const WORKS: &str = "5555555555554444";
pub const REFUSED_LATER: &str = "4000000000000341";
pub const ASKS: &str = "4000002500003155";

/// A text as `XPath` writes it: it has no way to escape a quote.
fn quoted(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    let parts: Vec<String> = text.split('"').map(|part| format!("\"{part}\"")).collect();
    format!("concat({})", parts.join(", '\"', "))
}

/// What can be pressed and is called so: by its words, or by its label.
fn pressable(words: &str) -> String {
    let words = quoted(words);
    let named = format!("(contains(normalize-space(.), {words}) or @aria-label = {words})");
    let kinds = "self::a[@href] or self::button or self::summary or self::label";
    format!("//*[({kinds}) and {named}]")
}

impl Browser {
    /// Waits until these words can be read.
    pub async fn sees(&self, words: &str) {
        let path = format!(
            "//body//*[not(self::script or self::style) and contains(normalize-space(.), {}) and not(./*[contains(normalize-space(.), {})])]",
            quoted(words),
            quoted(words)
        );
        self.path(&path).await;
    }

    /// Waits until the page with this heading is there.
    pub async fn is_at(&self, heading: &str) {
        let path = format!("//h1[contains(normalize-space(.), {})]", quoted(heading));
        self.path(&path).await;
    }

    /// Presses the link, button or menu that is called so.
    pub async fn presses(&self, words: &str) {
        let element = self.path(&pressable(words)).await;
        self.clicks(&element).await;
    }

    /// Presses the button that is called exactly so.
    pub async fn presses_button(&self, words: &str) {
        let element = self
            .path(&format!("//button[normalize-space(.) = {}]", quoted(words)))
            .await;
        self.clicks(&element).await;
    }

    /// The field with this label.
    pub async fn field(&self, label: &str) -> Element {
        let label = quoted(label);
        self.path(&format!(
            "//*[@id = //label[contains(normalize-space(.), {label})]/@for]"
        ))
        .await
    }

    /// Types into the field with this label, instead of what stands there.
    pub async fn fills(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        self.types(&field, text).await;
    }

    /// Types into the fields with these labels.
    pub async fn fills_all(&self, fields: &[(&str, &str)]) {
        for (label, text) in fields {
            self.fills(label, text).await;
        }
    }

    /// Chooses in the list with this label, by typing how the choice begins.
    pub async fn chooses(&self, label: &str, beginning: &str) {
        let list = self.field(label).await;
        self.types_on(&list, beginning).await;
    }

    /// The one amount of money that stands there, in minor units: `R$ 206,22`, `20,98 €`.
    pub async fn amount(&self, selector: &str) -> u64 {
        self.number(selector).await
    }

    /// What is due, as the page with the last button says it.
    pub async fn due(&self) -> u64 {
        self.amount(".amounts .sum td").await
    }

    /// Gives a card to a form in Portuguese.
    pub async fn gives_card(&self, number: &str) {
        let card = [
            ("Nome impresso", "Ana Luz"),
            ("Número do cartão", number),
            ("Validade", "12/30"),
            ("Código de segurança", "123"),
        ];
        self.fills_all(&card).await;
    }

    /// What can be read at the first place that this selector names.
    pub async fn reads(&self, selector: &str) -> String {
        let element = self.css(selector).await;
        self.text(&element).await
    }

    /// The number that stands there, without the signs that group it.
    pub async fn number(&self, selector: &str) -> u64 {
        let text = self.reads(selector).await;
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        match digits.parse() {
            Ok(number) => number,
            Err(_) => {
                self.lost(&format!("`{selector}` says `{text}`, which is no number"))
                    .await
            }
        }
    }

    /// Waits until the element of this selector says something with these words in it.
    pub async fn sees_in(&self, id: &str, words: &str) {
        let path = format!(
            "//*[@id = {} and contains(normalize-space(.), {})]",
            quoted(id),
            quoted(words)
        );
        self.path(&path).await;
    }

    /// Walks with Tab alone until the focus is on what is called so, and says where it is. The path through the page must come there.
    pub async fn tabs_to(&self, words: &str) {
        for _ in 0..TABS_MAX {
            self.key(Key::Tab).await;
            let name = self.focused().await;
            if name.contains(words) {
                return;
            }
        }
        self.lost(&format!("Tab never comes to `{words}`")).await;
    }

    /// What the element with the focus is called. Fails where nobody could see that it has the focus.
    async fn focused(&self) -> String {
        let script = "
            const one = document.activeElement;
            if (!one || one === document.body) return null;
            const seen = getComputedStyle(one), around = one.closest('.choice, h3'), beside = around && getComputedStyle(around);
            const after = getComputedStyle(one, '::after');
            const outlined = [seen, beside, after].some((s) => s && s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0);
            const label = one.getAttribute('aria-label')
              || (one.labels && one.labels.length ? [...one.labels].map((l) => l.textContent).join(' ') : '')
              || one.textContent || one.value || '';
            return [label.replace(/\\s+/g, ' ').trim(), outlined];";
        let told = self.runs(script, &[]).await;
        let Some(name) = told[0].as_str() else {
            return String::new();
        };
        if told[1] != true {
            self.lost(&format!("the focus on `{name}` cannot be seen")).await;
        }
        name.to_owned()
    }

    /// How wide the page is and how wide the window, at this width, with what sticks out.
    pub async fn widths(&self, width: u32) -> Value {
        self.is_wide(width).await;
        let script = "
            const page = document.documentElement;
            const out = [...document.body.querySelectorAll('*')].filter((one) =>
              one.getBoundingClientRect().right > page.clientWidth + 1 && !one.closest('.scroll, pre, .sr, .skip'));
            return [page.scrollWidth, page.clientWidth, out.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))];";
        self.runs(script, &[]).await
    }

    /// Fails where the page is wider than the window at one of the widths that people have.
    pub async fn fits_every_width(&self, page: &str) {
        for width in [320, 768, 1280] {
            let told = self.widths(width).await;
            if told[0].as_u64() > told[1].as_u64() {
                self.lost(&format!("{page} is too wide at {width} px: {told}"))
                    .await;
            }
        }
        self.is_wide(1280).await;
    }

    /// What axe-core finds wrong with the page as it is now: a list of rules, with why and where.
    pub async fn violations(&self) -> Value {
        self.runs(super::axe(), &[]).await;
        let script = "
            const done = arguments[arguments.length - 1];
            const told = (node) => node.html.slice(0, 160) + ' ' + (node.any[0]?.message ?? '');
            axe.run(document, { resultTypes: ['violations'] }).then(
              (found) => done(found.violations.map((one) =>
                ({ rule: one.id, why: one.help, where: one.nodes.slice(0, 3).map(told) }))),
              (problem) => done([{ rule: String(problem) }]));";
        self.runs_later(script, &[]).await
    }

    /// Nothing is wrong with the page for axe-core, in light and in dark surroundings.
    pub async fn is_accessible(&self, page: &str) {
        for scheme in ["light", "dark"] {
            self.is_lit(scheme).await;
            let wrong = self.violations().await;
            if wrong != json!([]) {
                let wrong = serde_json::to_string_pretty(&wrong).unwrap_or_default();
                self.lost(&format!("axe-core on {page} in {scheme}: {wrong}"))
                    .await;
            }
        }
        self.is_lit("light").await;
    }

    /// Everything that is checked of each page that a journey passes.
    pub async fn is_a_good_page(&self, page: &str) {
        self.is_accessible(page).await;
        self.fits_every_width(page).await;
        let language = self.runs("return document.documentElement.lang", &[]).await;
        if language == "" {
            self.lost(&format!("{page} does not say its language")).await;
        }
        if let Some(folder) = super::gallery::folder() {
            self.is_pictured(&folder, page).await;
        }
    }
}
