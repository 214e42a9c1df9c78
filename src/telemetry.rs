//! Logs and traces, with the change id and without personal data.
