//! A crash at every numbered point of the happy journey, one at a time, ends as without the crash.
