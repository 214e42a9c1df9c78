use askama::Template;

use super::contents::page_of;
use super::page::Page;
use crate::ports::mail::Letter;

/// A mail as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line, not yet encoded for a header.
    pub subject: String,
    /// Plain text; paragraphs are not wrapped, so that each reader's program can.
    pub text: String,
    /// A whole HTML document with its styles inside, without images and without anything that is loaded.
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail/templates/letter.html")]
struct LetterHtml<'a> {
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "mail/templates/letter.txt")]
struct LetterText<'a> {
    page: &'a Page,
}

/// Writes a letter out in the language of its reader (in English where that language is not yet offered).
///
/// The same letter always gives the same bytes. Names are escaped in HTML and kept on one line everywhere.
/// An error is a defect of a template; it does not depend on the letter.
pub fn render(letter: &Letter) -> Result<Rendered, askama::Error> {
    let page = page_of(letter);
    Ok(Rendered {
        text: LetterText { page: &page }.render()?,
        html: LetterHtml { page: &page }.render()?,
        subject: page.subject,
    })
}
