//! Sample data beside the sandbox: one account per seller that already holds a plan, so that a newcomer can begin at once.
//!
//! What was made is noted in a file of the data folder, with the keys of the sample backends; it is made once.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::sandbox_child::SandboxChild;
use crate::cli::sample::{self, Customer};
use crate::config::Config;
use crate::domain::account::AccountId;
use crate::domain::catalog::{Options, Playbook, Selection};
use crate::domain::change::Actor;
use crate::engine::{AdoptContract, Asked, CreateAccount, Engine, NewStaff, StaffError};
use crate::ports::store::{ApiKey, ClientAnswer, StaffRole};
use crate::ports::time::Ids as _;
use crate::system::SystemIds;

/// The seller whose first steps are printed. Its plan is paid in another way.
const FIRST: &str = "clint";

/// What was made for one seller.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Sample {
    seller: String,
    contract: String,
    /// A key that opens nothing but the sandbox's play money.
    api_key: String,
}

/// What was made for all of them, and who can sign in at the console.
#[derive(Clone)]
pub(super) struct Samples(Vec<Sample>, SampleStaff);

/// Somebody who can sign in at the console. The password opens nothing but the sandbox's play money.
#[derive(Clone, Serialize, Deserialize)]
struct SampleStaff {
    login: String,
    password: String,
}

/// The name of the sample login.
const LOGIN: &str = "demo";

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
    let staff = sample_staff(engine, config).await?;
    let file = config.data.join("sample.json");
    if let Ok(text) = std::fs::read_to_string(&file) {
        let noted: Noted =
            serde_json::from_str(&text).with_context(|| format!("{} cannot be read", file.display()))?;
        let samples = match noted {
            Noted::All(samples) => samples,
            Noted::One(sample) => vec![sample],
        };
        return Ok(Samples(samples, staff));
    }
    let mut samples = Vec::new();
    for seller in engine.sellers().all() {
        samples.extend(of_seller(engine, &seller.playbook, sandbox).await?);
    }
    // The one whose first steps are printed comes first.
    samples.sort_by_key(|sample| sample.seller != FIRST);
    note(&file, &samples)?;
    Ok(Samples(samples, staff))
}

/// Makes the sample login, or reads what was made before.
async fn sample_staff(engine: &Engine, config: &Config) -> anyhow::Result<SampleStaff> {
    let file = config.data.join("sample-staff.json");
    if let Ok(text) = std::fs::read_to_string(&file) {
        return serde_json::from_str(&text).with_context(|| format!("{} cannot be read", file.display()));
    }
    let staff = SampleStaff {
        login: LOGIN.to_owned(),
        password: hex::encode(&SystemIds.secret()[..8]),
    };
    let new = NewStaff {
        login: staff.login.clone(),
        role: StaffRole::Lead,
        seller: None,
        password: staff.password.clone(),
    };
    match engine.add_staff(new, "sample").await {
        Ok(_) => {}
        // The file was lost, or another node was faster.
        Err(StaffError::Taken) => engine.set_staff_password(LOGIN, staff.password.clone()).await?,
        Err(problem) => return Err(problem.into()),
    }
    std::fs::write(&file, serde_json::to_vec_pretty(&staff)?)?;
    Ok(staff)
}

fn note(file: &Path, samples: &[Sample]) -> anyhow::Result<()> {
    Ok(std::fs::write(file, serde_json::to_vec_pretty(samples)?)?)
}

/// The sample of a seller whose file comes with the program; of others nothing is known that could be held.
async fn of_seller(
    engine: &Engine,
    playbook: &Playbook,
    sandbox: &SandboxChild,
) -> anyhow::Result<Option<Sample>> {
    let seller = &playbook.seller.id;
    let (customer, plan, options) = if seller.as_str() == FIRST {
        let customer = sample::existing_customer(&sandbox.address).await?;
        (customer, Some(sample::PLAN), Options::new())
    } else {
        let Some(held) = holding(seller.as_str())? else {
            return Ok(None);
        };
        let customer = sample::customer_with(&sandbox.address, playbook, &held).await?;
        (customer, None, held.options)
    };
    let key = SecretString::from(format!("cho_{}", hex::encode(SystemIds.secret())));
    let hash = Sha256::digest(key.expose_secret().as_bytes()).into();
    let (label, created_at) = ("sample".to_owned(), engine.now());
    engine
        .store()
        .keep_api_key(ApiKey {
            seller: seller.clone(),
            hash,
            label,
            created_at,
        })
        .await?;
    let asked = Asked {
        seller: seller.clone(),
        actor: Actor::system(),
        key: None,
        expected_version: None,
    };
    let contract = adopt(engine, &customer, (plan, options), &asked).await?;
    Ok(Some(Sample {
        seller: seller.to_string(),
        contract,
        api_key: key.expose_secret().to_owned(),
    }))
}

/// What the sample customer of a seller holds.
fn holding(seller: &str) -> anyhow::Result<Option<Selection>> {
    let held = match seller {
        "zenvia" => json!({
            "plan": "specialist", "quantities": { "package-s": 1 }, "currency": "BRL", "interval": "month",
            "options": { "package-s": ["whatsapp", "email"] },
        }),
        "activecampaign" => json!({
            "plan": "plus", "quantities": { "contacts": 2500, "seat": 1 }, "currency": "EUR", "interval": "month",
        }),
        "sharpspring" => json!({
            "plan": "licence-s", "quantities": {}, "currency": "USD", "interval": "month",
        }),
        _ => return Ok(None),
    };
    Ok(Some(serde_json::from_value(held)?))
}

async fn adopt(
    engine: &Engine,
    customer: &Customer,
    (plan, options): (Option<&str>, Options),
    asked: &Asked,
) -> anyhow::Result<String> {
    let account = CreateAccount {
        external_id: Some(sample::EXTERNAL_ID.to_owned()),
        email: sample::EMAIL.to_owned(),
        name: sample::NAME.to_owned(),
        language: None,
        created_at: None,
        provider_customer: Some(customer.id.clone()),
    };
    let made = engine
        .create_account(&account, asked, &|account| {
            Ok(ClientAnswer {
                status: 201,
                body: account.id.to_string().into_bytes(),
            })
        })
        .await?;
    let account = AccountId(String::from_utf8(made.answer.body)?.parse()?);
    let adopt = AdoptContract {
        account,
        subscription: customer.subscription.clone(),
        plan: plan.map(str::parse).transpose()?,
        plan_interval: None,
        options,
        responsible: Some(sample::RESPONSIBLE.to_owned()),
    };
    let made = engine
        .adopt_contract(&adopt, asked, &|contract| {
            Ok(ClientAnswer {
                status: 201,
                body: contract.id.to_string().into_bytes(),
            })
        })
        .await?;
    Ok(String::from_utf8(made.answer.body)?)
}

impl Samples {
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
        } = first;
        let mut text = format!(
            "
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
