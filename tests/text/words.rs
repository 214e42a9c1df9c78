use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use changeover::domain::language::Language;
use changeover::text::decline::DeclineReason;
use changeover::text::problem::problem;
use changeover::text::{Arg, OFFERED, Words, spoken};

/// Key, or key and attribute, with the arguments that its sentence names.
type Sentences = BTreeMap<String, BTreeSet<&'static str>>;

#[test]
fn every_offered_language_says_all_that_english_says_with_the_same_arguments() {
    let english = sentences(Language::En);
    assert!(english.len() > 60, "only {} sentences were found", english.len());
    for language in OFFERED {
        let spoken = sentences(language);
        for (key, args) in &english {
            assert_eq!(spoken.get(key), Some(args), "`{key}` in {language}");
        }
    }
}

#[test]
fn no_language_says_what_english_does_not() {
    let english = sentences(Language::En);
    for language in Language::ALL {
        for key in sentences(language).keys() {
            assert!(english.contains_key(key), "`{key}` in {language} is of no use");
        }
    }
}

#[test]
fn every_sentence_can_be_said() {
    for language in OFFERED {
        for (key, args) in sentences(language) {
            let told: Vec<_> = args.iter().map(|name| (*name, Arg::from("Aurora"))).collect();
            let said = Words::find(language, &key, &told);
            let said = said.unwrap_or_else(|| panic!("`{key}` in {language} cannot be said"));
            assert!(
                !said.contains(['{', '}', '\u{2068}', '\u{2069}']),
                "`{key}` in {language}: {said}"
            );
            assert_eq!(
                said.matches("Aurora").count(),
                args.len(),
                "`{key}` in {language}: {said}"
            );
        }
    }
}

#[test]
fn every_key_in_the_code_has_its_sentence() {
    let english = sentences(Language::En);
    let rooms: BTreeSet<&str> = english.keys().filter_map(|key| key.split('-').next()).collect();
    let mut asked = 0;
    for file in files_below(&source_dir("src"), "rs") {
        let code = fs::read_to_string(&file).expect("readable");
        for literal in code.split('"').filter(|part| is_key(part)) {
            if literal.split('-').next().is_some_and(|room| rooms.contains(room)) {
                assert!(
                    english.contains_key(literal),
                    "`{literal}` of {} has no sentence",
                    file.display()
                );
                asked += 1;
            }
        }
    }
    assert!(asked > 40, "only {asked} keys were found in the code");
}

#[test]
fn numbers_in_sentences_follow_the_language() {
    let args = [
        ("before", Arg::from(12_500)),
        ("after", Arg::from(8)),
        ("difference", Arg::from("x")),
    ];
    let said = Words::get(Language::PtBr, "mail-confirmed-holding-changed", &args);
    assert_eq!(said, "agora 8 (antes: 12.500, x)");
}

#[test]
fn every_language_is_offered_and_what_is_not_there_is_seen() {
    for language in Language::ALL {
        assert_eq!(spoken(language), language);
    }
    assert_eq!(
        Words::get(Language::PtBr, "mail-no-such-sentence", &[]),
        "mail-no-such-sentence"
    );
    assert_eq!(
        Words::find(Language::En, "mail-greeting-named", &[]),
        None,
        "an argument is missing"
    );
}

#[test]
fn a_lost_or_stolen_card_is_told_as_any_other_refusal() {
    for code in [
        "lost_card",
        "stolen_card",
        "pickup_card",
        "fraudulent",
        "do_not_honor",
        "",
        "something_new",
    ] {
        assert_eq!(DeclineReason::of_code(code), DeclineReason::Generic, "{code}");
    }
    for language in OFFERED {
        let told = DeclineReason::of_code("stolen_card").advice(language);
        assert_eq!(told, DeclineReason::of_code("generic_decline").advice(language));
    }
}

#[test]
fn each_reason_survives_its_key_and_has_its_own_sentence_before_the_same_checklist() {
    for language in OFFERED {
        let mut said = BTreeSet::new();
        for reason in DeclineReason::ALL {
            assert_eq!(DeclineReason::of_code(reason.key()), reason);
            let advice = reason.advice(language);
            // A boleto or Pix that nobody has paid has nothing to check.
            if reason.is_about_a_card() {
                assert_eq!(
                    advice.checklist,
                    DeclineReason::Generic.advice(language).checklist
                );
            } else {
                assert!(advice.checklist.is_empty());
            }
            assert!(
                said.insert(advice.reason),
                "{reason:?} says the same as another in {language}"
            );
        }
    }
    let english = DeclineReason::IncorrectCvc.advice(Language::En).checklist;
    let order = [
        "number",
        "expiry",
        "security code",
        "online purchases",
        "balance or limit",
    ];
    assert_eq!(english.len(), order.len());
    for (item, about) in english.iter().zip(order) {
        assert!(item.contains(about), "{item}");
    }
}

#[test]
fn a_refusal_without_words_of_its_own_gets_the_general_ones() {
    for language in OFFERED {
        let general = problem(language, "no_such_code", &[]);
        assert_eq!(general, problem(language, "unknown", &[]));
        assert_ne!(general, problem(language, "quote_expired", &[]));
        assert!(!general.next.is_empty());
    }
}

#[test]
fn french_never_breaks_a_line_before_its_punctuation() {
    for (file, text) in texts(Language::Fr) {
        let sentences = text.lines().filter_map(|line| line.split_once(" = "));
        for (key, sentence) in sentences {
            let shown: Vec<char> = sentence.replace("{ \"\\u00A0\" }", "\u{a0}").chars().collect();
            for pair in shown.windows(2) {
                let kept = match pair[1] {
                    ':' => pair[0] == '\u{a0}',
                    '?' | '!' | ';' => pair[0] == '\u{202f}',
                    _ => pair != [' ', '»'] && pair != ['«', ' '],
                };
                assert!(kept, "`{key}` in {}: {sentence}", file.display());
            }
            assert!(
                !sentence.contains('\''),
                "a typewriter's apostrophe in `{key}`: {sentence}"
            );
        }
    }
}

/// The messages of a language as they stand in its files; a key that stands there twice fails the test.
fn sentences(language: Language) -> Sentences {
    let mut all = Sentences::new();
    for (_, text) in texts(language) {
        let mut message = String::new();
        let mut key = String::new();
        for line in text.leak().lines() {
            if let Some((name, _)) = line.split_once(" = ") {
                if let Some(attribute) = name.strip_prefix("    .") {
                    key = format!("{message}.{attribute}");
                } else {
                    name.clone_into(&mut message);
                    name.clone_into(&mut key);
                }
                assert!(
                    all.insert(key.clone(), BTreeSet::new()).is_none(),
                    "`{key}` twice in {language}"
                );
            }
            let args = line
                .split('$')
                .skip(1)
                .filter_map(|rest| rest.split([' ', '}']).next());
            all.entry(key.clone()).or_default().extend(args);
        }
        all.remove("");
    }
    all
}

fn texts(language: Language) -> Vec<(PathBuf, String)> {
    let files = files_below(&source_dir("src/text/locales").join(language.tag()), "ftl");
    let read = |file: PathBuf| (file.clone(), fs::read_to_string(&file).expect("readable"));
    files.into_iter().map(read).collect()
}

fn is_key(literal: &str) -> bool {
    literal.contains('-')
        && !literal.ends_with('-')
        && literal
            .bytes()
            .all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'.'))
}

fn source_dir(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

fn files_below(folder: &Path, end: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.expect("readable").path()) {
        if path.is_dir() {
            files.extend(files_below(&path, end));
        } else if path.extension().is_some_and(|extension| extension == end) {
            files.push(path);
        }
    }
    files
}
