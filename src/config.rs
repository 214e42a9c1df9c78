//! What the operator decides, read from the environment; every mistake is reported at once.
