use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A customer will run into it: the workflow must not be served.
    Error,
    /// Somebody should know.
    Warning,
}

/// One thing that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was found, with its name in the file.
    pub what: String,
}

/// What the checks found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// In the order in which they were found.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether the workflow can be served.
    pub fn is_servable(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.severity != Severity::Error)
    }

    /// This report with what another check found.
    #[must_use]
    pub fn and(mut self, more: impl IntoIterator<Item = Finding>) -> Self {
        self.findings.extend(more);
        self
    }

    pub(super) fn error(&mut self, what: impl Into<String>) {
        self.findings.push(Finding {
            severity: Severity::Error,
            what: what.into(),
        });
    }

    pub(super) fn warning(&mut self, what: impl Into<String>) {
        self.findings.push(Finding {
            severity: Severity::Warning,
            what: what.into(),
        });
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.severity {
            Severity::Error => write!(f, "error: {}", self.what),
            Severity::Warning => write!(f, "warning: {}", self.what),
        }
    }
}
