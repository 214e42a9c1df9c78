//! Sample data beside the sandbox: per seller a few customers, each where one of its journeys begins, for the sample products and for
//! whoever begins with a backend of their own.
//!
//! What was made is noted in a file of the data folder, with the keys of the sample backends; it is made once.

mod cast;
mod making;
mod staff;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use self::making::Maker;
use self::staff::{SampleStaff, sample_staff};
use super::sandbox_child::SandboxChild;
use crate::config::Config;
use crate::domain::catalog::{Playbook, SellerId};
use crate::engine::Engine;
use crate::ports::store::ApiKey;
use crate::ports::time::Ids as _;
use crate::system::SystemIds;
use crate::web::sample::{SampleCustomer, SampleProduct};

/// The seller whose first steps are printed. Its plan is paid in another way.
const FIRST: &str = "clint";

/// What was made for one seller.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Sample {
    seller: String,
    /// The first contract of its customers.
    contract: String,
    /// A key that opens nothing but the sandbox's play money.
    api_key: String,
    /// Who can be played. Earlier versions had one customer, and did not note it.
    #[serde(default)]
    customers: Vec<SampleCustomer>,
}

/// What was made for all of them, and who can sign in at the console.
#[derive(Clone)]
pub(super) struct Samples(Vec<Sample>, SampleStaff);

/// What the file can hold: earlier versions knew one seller.
#[derive(Deserialize)]
#[serde(untagged)]
enum Noted {
    All(Vec<Sample>),
    One(Sample),
}

/// Makes the samples, or reads what was made before.
pub(super) async fn bring(
    engine: &Engine,
    config: &Config,
    sandbox: &SandboxChild,
) -> anyhow::Result<Samples> {
    let file = config.data.join("sample.json");
    let before = read(&file)?;
    let mut samples = Vec::new();
    for seller in engine.sellers().all() {
        let playbook = &seller.playbook;
        let known = before
            .iter()
            .find(|sample| sample.seller == playbook.seller.id.as_str());
        if let Some(known) = known.filter(|known| !known.customers.is_empty()) {
            samples.push(known.clone());
            continue;
        }
        let maker = Maker {
            engine,
            playbook,
            sandbox: &sandbox.address,
        };
        samples.extend(of_seller(&maker, known).await?);
    }
    // The one whose first steps are printed comes first.
    samples.sort_by_key(|sample| sample.seller != FIRST);
    std::fs::write(&file, serde_json::to_vec_pretty(&samples)?)?;
    Ok(Samples(samples, sample_staff(engine, config).await?))
}

fn read(file: &Path) -> anyhow::Result<Vec<Sample>> {
    let Ok(text) = std::fs::read_to_string(file) else {
        return Ok(Vec::new());
    };
    let noted: Noted =
        serde_json::from_str(&text).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(match noted {
        Noted::All(samples) => samples,
        Noted::One(sample) => vec![sample],
    })
}

/// The sample of a seller whose file comes with the program; of others nothing is known that could be held.
async fn of_seller(maker: &Maker<'_>, known: Option<&Sample>) -> anyhow::Result<Option<Sample>> {
    let mut customers: Vec<SampleCustomer> = Vec::new();
    let mut first = None;
    for person in cast::of(maker.playbook.seller.id.as_str()) {
        let agency = customers.first().map(|customer| customer.account);
        let made = maker.make(&person, agency).await?;
        first = first.or(made.contract);
        customers.push(made.customer);
    }
    let Some(first) = first else {
        return Ok(None);
    };
    Ok(Some(match known {
        Some(known) => Sample {
            customers,
            ..known.clone()
        },
        None => Sample {
            seller: maker.playbook.seller.id.to_string(),
            contract: first,
            api_key: key(maker.engine, maker.playbook).await?,
            customers,
        },
    }))
}

/// A new key of the seller's sample backend.
async fn key(engine: &Engine, playbook: &Playbook) -> anyhow::Result<String> {
    let key = SecretString::from(format!("cho_{}", hex::encode(SystemIds.secret())));
    let key_of = ApiKey {
        seller: playbook.seller.id.clone(),
        hash: Sha256::digest(key.expose_secret().as_bytes()).into(),
        label: "sample".to_owned(),
        created_at: engine.now(),
    };
    engine.store().keep_api_key(key_of).await?;
    Ok(key.expose_secret().to_owned())
}

impl Samples {
    /// What the sample products show.
    pub(super) fn products(&self) -> anyhow::Result<Vec<SampleProduct>> {
        let product = |sample: &Sample| {
            Ok(SampleProduct {
                seller: sample.seller.parse::<SellerId>()?,
                customers: sample.customers.clone(),
            })
        };
        self.0.iter().map(product).collect()
    }

    /// The first steps, ready to be copied.
    pub(super) fn how_to_start(&self, base: &str) -> String {
        let Self(samples, staff) = self;
        let Some((first, others)) = samples.split_first() else {
            return String::new();
        };
        let Sample {
            seller,
            contract,
            api_key,
            ..
        } = first;
        let mut text = format!(
            "
Sample products, to click through: {base}/

A sample account of {seller} holds contract {contract}. Begin a plan change for it:

  curl -s {base}/v1/contracts/{contract}/changes \\
    -H 'Authorization: Bearer {api_key}' \\
    -H 'Idempotency-Key: first-change' -H 'Content-Type: application/json' \\
    -d '{{\"selection\": {{\"plan\": \"growth\", \"quantities\": {{\"device\": 5, \"user-seat\": 8}},
         \"currency\": \"BRL\", \"interval\": \"month\"}}, \"actor\": {{\"role\": \"owner\", \"id\": \"me\"}}}}'

The answer's `next_action` says what comes next.
"
        );
        if !others.is_empty() {
            text.push_str("\nThe other sellers have a sample account too:\n\n");
            for sample in others {
                // Writing to a string cannot fail.
                let _ = writeln!(
                    text,
                    "  {:<14} contract {}  key {}",
                    sample.seller, sample.contract, sample.api_key
                );
            }
        }
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\nSign in at {base}/console as `{}` with the password `{}`.\n",
            staff.login, staff.password
        );
        text.push_str("\nPress Ctrl-C to stop.\n");
        text
    }
}
