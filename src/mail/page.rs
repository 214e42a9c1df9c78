//! One mail before it has a form: what the templates are given, and nothing else.

/// Everything that a mail says, written in one language.
pub(super) struct Page {
    /// The BCP 47 tag of the language.
    pub language: &'static str,
    /// The seller's name, at the head.
    pub seller: String,
    /// Subject and headline.
    pub subject: String,
    pub greeting: String,
    /// What stands between a label and what it names: French sets a space before it.
    pub colon: String,
    /// Sentences, each a paragraph.
    pub paragraphs: Vec<String>,
    /// The one amount that the mail is about.
    pub amount: Option<Fact>,
    /// Amounts, dates and names with their labels.
    pub facts: Vec<Fact>,
    /// What is copied into a bank's app, character by character.
    pub code: Option<Fact>,
    /// What the person does next with what was bought.
    pub steps: Option<Steps>,
    /// What to check after a refused card.
    pub checklist: Option<Checklist>,
    /// What the person can do now.
    pub action: Option<Link>,
    /// How to go on where there is no link to put behind a button.
    pub instead_of_action: Option<String>,
    /// The reference of the change, where the mail is about one.
    pub reference: Option<Fact>,
    /// The sentence before the support contact.
    pub support_label: String,
    pub support: Contact,
    /// Why this mail came.
    pub why: String,
}

pub(super) struct Fact {
    pub label: String,
    pub value: String,
}

pub(super) struct Checklist {
    pub please_check: String,
    pub items: Vec<String>,
    pub issuer: String,
}

pub(super) struct Steps {
    pub title: String,
    pub items: Vec<Step>,
}

pub(super) struct Step {
    pub text: String,
    pub url: Option<String>,
}

pub(super) struct Link {
    pub label: String,
    pub url: String,
}

pub(super) struct Contact {
    pub shown: String,
    /// Where a click leads; `None` when the contact is neither an address nor a link.
    pub href: Option<String>,
}

impl Link {
    /// A link into the web; `None` for everything else, such as `javascript:`, because some addresses come from outside.
    pub fn to_web(label: String, url: Option<&str>) -> Option<Self> {
        let url = url.filter(|url| is_web(url))?.to_owned();
        Some(Self { label, url })
    }
}

impl Step {
    pub fn new(text: &str, url: Option<&str>) -> Self {
        Self {
            text: one_line(text),
            url: url.filter(|url| is_web(url)).map(str::to_owned),
        }
    }
}

impl Contact {
    pub fn new(support: &str) -> Self {
        let shown = one_line(support);
        let href = if is_web(&shown) {
            Some(shown.clone())
        } else if shown.parse::<lettre::Address>().is_ok() {
            Some(format!("mailto:{shown}"))
        } else {
            None
        };
        Self { shown, href }
    }
}

fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// The longest name that a mail repeats, in characters.
const NAME_CHARS_MAX: usize = 200;

/// A name from outside as one line: no line breaks with which it could pose as another line of the mail or of its
/// header, no invisible marks that turn the direction of what follows, and not without end.
pub(super) fn one_line(name: &str) -> String {
    let is_mark =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let spaced: String = name
        .chars()
        .filter(|c| !is_mark(*c))
        .map(|c| {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .take(NAME_CHARS_MAX)
        .collect();
    spaced
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
