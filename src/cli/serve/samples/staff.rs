//! Who can sign in at the console beside the sandbox.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::engine::{Engine, NewStaff, StaffError};
use crate::ports::store::StaffRole;
use crate::ports::time::Ids as _;
use crate::system::SystemIds;

/// Somebody who can sign in at the console. The password opens nothing but the sandbox's play money.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SampleStaff {
    pub(super) login: String,
    pub(super) password: String,
}

/// The name of the sample login.
const LOGIN: &str = "demo";

/// Makes the sample login, or reads what was made before.
pub(super) async fn sample_staff(engine: &Engine, config: &Config) -> anyhow::Result<SampleStaff> {
    let file = config.data.join("staff.json");
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
