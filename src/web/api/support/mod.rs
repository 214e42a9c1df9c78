//! `/v1/support`: finding and freeing what is stuck.

pub mod act;
pub mod erase;
pub mod list;
pub mod show;
