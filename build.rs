//! Tells Cargo to build again when a migration or a sentence changes: both are embedded.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=src/text/locales");
}
