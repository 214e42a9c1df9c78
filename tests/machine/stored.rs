//! The stored form: what was written once is read for ever, byte for byte; what cannot be understood is refused.

use std::collections::BTreeSet;
use std::path::PathBuf;

use changeover::domain::change::samples::{self, StageSample};
use changeover::domain::change::{MACHINE_VERSION, Stage, StoredStageError, read_stage, write_stage};

use super::chart::compare;

fn golden(version: u32, sample: &StageSample) -> PathBuf {
    let name = format!("{} {}", sample.stage.full_name(), sample.detail);
    let slug: String = name.trim().replace(", ", " ").replace([' ', '.'], "-");
    format!("tests/machine/stored/v{version}/{slug}.json").into()
}

#[test]
fn each_stage_is_stored_as_it_always_was_and_reads_back_equal() {
    let mut names = BTreeSet::new();
    for sample in samples::stages() {
        let path = golden(MACHINE_VERSION, &sample);
        assert!(names.insert(path.clone()), "{} is one sample", path.display());
        let mut text =
            String::from_utf8(write_stage(&sample.stage).expect("it can be written")).expect("UTF-8");
        text.push('\n');
        compare(&path, &text);
        let kept = std::fs::read(&path).expect("the golden file");
        let stage = read_stage(&kept).expect("it can be read");
        assert_eq!(stage, sample.stage, "{}", path.display());
    }
}

#[test]
fn what_every_older_version_has_written_is_still_read() {
    let mut read = 0;
    for version in 1..MACHINE_VERSION {
        let kept = std::fs::read_dir(format!("tests/machine/stored/v{version}")).expect("its golden files");
        for file in kept {
            let path = file.expect("a file").path();
            let bytes = std::fs::read(&path).expect("its bytes");
            let stage = read_stage(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let again = write_stage(&stage).expect("it can be written");
            assert_eq!(
                read_stage(&again).expect("it can be read"),
                stage,
                "{}",
                path.display()
            );
            read += 1;
        }
    }
    assert!(read > 40, "{read} stages of older versions");
}

#[test]
fn a_newer_version_is_refused_whatever_it_says() {
    for rest in [
        r#","stage":"expired","from":"draft"}"#,
        r#","stage":"paused","until":7}"#,
    ] {
        let newer = MACHINE_VERSION + 1;
        let answer = read_stage(format!(r#"{{"v":{newer}{rest}"#).as_bytes());
        assert!(matches!(answer, Err(StoredStageError::Newer(v)) if v == newer));
    }
}

#[test]
fn damage_is_refused_never_guessed_at() {
    let good = r#"{"v":1,"stage":"expired","from":"draft"}"#;
    assert!(matches!(read_stage(good.as_bytes()), Ok(Stage::Expired { .. })));
    for bad in [
        "",
        "{}",
        r#"{"v":1}"#,
        r#"{"v":0,"stage":"expired","from":"draft"}"#,
        r#"{"v":"1","stage":"expired","from":"draft"}"#,
        r#"{"stage":"expired","from":"draft"}"#,
        r#"{"v":1,"stage":"vanished","from":"draft"}"#,
        r#"{"v":1,"stage":"expired"}"#,
        r#"{"v":1,"stage":"expired","from":"nowhere"}"#,
        r#"{"v":1,"stage":"expired","from":"draft"}}"#,
        &good[..good.len() - 1],
    ] {
        assert!(
            matches!(read_stage(bad.as_bytes()), Err(StoredStageError::Damaged(_))),
            "{bad}"
        );
    }
    for sample in samples::stages() {
        let bytes = write_stage(&sample.stage).expect("it can be written");
        assert!(
            read_stage(&bytes[..bytes.len() / 2]).is_err(),
            "half a stage is none"
        );
    }
}

#[test]
fn what_an_earlier_version_has_written_is_still_read() {
    let folder = std::fs::read_dir("tests/machine/stored/v1").expect("the golden files");
    let mut read = 0;
    for file in folder {
        let path = file.expect("a file").path();
        let kept = std::fs::read(&path).expect("the golden file");
        let stage = read_stage(&kept).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let slug = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        let name = stage.full_name().replace('.', "-");
        assert!(slug.starts_with(&name), "{slug} is {name}");
        read += 1;
    }
    assert!(read > 50, "only {read}");
}
