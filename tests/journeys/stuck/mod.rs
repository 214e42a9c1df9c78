//! What is stuck is found with a code and its evidence, and freed by its action (I25).

mod actions;
mod codes;
