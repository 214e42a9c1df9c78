//! Sample data beside the sandbox: one account per seller that already holds a plan, so that a newcomer can begin at once.
//!
//! What was made is noted in a file of the data folder, with the key of the sample backend; it is made once.

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::sandbox_child::SandboxChild;
use crate::cli::sample::{self, Customer};
use crate::config::Config;
use crate::domain::account::AccountId;
use crate::domain::change::Actor;
use crate::engine::{AdoptContract, Asked, CreateAccount, Engine};
use crate::ports::store::{ApiKey, ClientAnswer};
use crate::ports::time::Ids as _;
use crate::system::SystemIds;

/// What was made.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Sample {
    seller: String,
    contract: String,
    /// A key that opens nothing but the sandbox's play money.
    api_key: String,
}

/// Makes the sample, or reads what was made before.
pub(super) async fn bring(
    engine: &Engine,
    config: &Config,
    sandbox: &SandboxChild,
) -> anyhow::Result<Sample> {
    let file = config.data.join("sample.json");
    if let Ok(text) = std::fs::read_to_string(&file) {
        return serde_json::from_str(&text).with_context(|| format!("{} cannot be read", file.display()));
    }
    let seller = engine
        .sellers()
        .all()
        .next()
        .context("no seller")?
        .playbook
        .clone();
    let customer = sample::existing_customer(&sandbox.address).await?;
    let key = SecretString::from(format!("cho_{}", hex::encode(SystemIds.secret())));
    let hash = Sha256::digest(key.expose_secret().as_bytes()).into();
    let (label, created_at) = ("sample".to_owned(), engine.now());
    engine
        .store()
        .keep_api_key(ApiKey {
            seller: seller.seller.id.clone(),
            hash,
            label,
            created_at,
        })
        .await?;
    let contract = adopt(
        engine,
        &customer,
        &Asked {
            seller: seller.seller.id.clone(),
            actor: Actor::system(),
            key: None,
            expected_version: None,
        },
    )
    .await?;
    let sample = Sample {
        seller: seller.seller.name.clone(),
        contract,
        api_key: key.expose_secret().to_owned(),
    };
    std::fs::write(&file, serde_json::to_vec_pretty(&sample)?)?;
    Ok(sample)
}

async fn adopt(engine: &Engine, customer: &Customer, asked: &Asked) -> anyhow::Result<String> {
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
        plan: Some(sample::PLAN.parse()?),
        plan_interval: None,
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

impl Sample {
    /// The first steps, ready to be copied.
    pub(super) fn how_to_start(&self, base: &str) -> String {
        let Self {
            seller,
            contract,
            api_key,
        } = self;
        format!(
            "
A sample account of {seller} holds contract {contract}. Begin a plan change for it:

  curl -s {base}/v1/contracts/{contract}/changes \\
    -H 'Authorization: Bearer {api_key}' \\
    -H 'Idempotency-Key: first-change' -H 'Content-Type: application/json' \\
    -d '{{\"selection\": {{\"plan\": \"growth\", \"quantities\": {{\"device\": 5, \"user-seat\": 8}},
         \"currency\": \"BRL\", \"interval\": \"month\"}}, \"actor\": {{\"role\": \"owner\", \"id\": \"me\"}}}}'

The answer's `next_action` says what comes next. Press Ctrl-C to stop.
"
        )
    }
}
