/// Whether a text can be a mail address: one `@` with something on both sides and a dot in the domain, no white space,
/// no control characters, at most 254 bytes (RFC 5321). Whether somebody reads it only a mail can tell.
pub fn can_be_email(text: &str) -> bool {
    let readable = text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let well_formed = text.split_once('@').is_some_and(|(local, domain)| {
        let labels = domain.split('.').all(|label| !label.is_empty());
        !local.is_empty() && local.len() <= 64 && !domain.contains('@') && domain.contains('.') && labels
    });
    // Angle brackets, commas and the like would make a list or a header of it.
    readable && well_formed && !text.contains(['<', '>', ',', ';', ':', '"', '(', ')', '\\'])
}

#[cfg(test)]
mod tests {
    use super::can_be_email;

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in ["a@b.co", "fiscal+nf@empresa.com.br", "josé@exemplo.com.br"] {
            assert!(can_be_email(good), "{good}");
        }
        let long = format!("{}@b.co", "a".repeat(65));
        for bad in [
            "",
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a@b.",
            "a@b@c.d",
            "a b@c.d",
            "a@b.c,d@e.f",
            "A <a@b.co>",
            &long,
        ] {
            assert!(!can_be_email(bad), "{bad}");
        }
    }
}
