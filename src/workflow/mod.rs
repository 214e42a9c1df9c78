//! Workflow files: parsed, validated, and versioned by the hash of their content.
