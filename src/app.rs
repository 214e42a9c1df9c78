//! Puts the rooms together: the one place that names everybody.
