//! What people see in the terminal: a timeline that grows, and tables.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;

use crate::ports::time::Clock as _;
use crate::system::SystemClock;

/// Who acts in a line of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The customer.
    Customer,
    /// Changeover.
    Changeover,
    /// The payment provider.
    Provider,
    /// The trouble that the demo makes.
    Trouble,
    /// What is proven in the end.
    Proof,
}

impl Who {
    fn label(self) -> (&'static str, AnsiColor) {
        match self {
            Self::Customer => ("customer", AnsiColor::Cyan),
            Self::Changeover => ("changeover", AnsiColor::Green),
            Self::Provider => ("provider", AnsiColor::Blue),
            Self::Trouble => ("trouble", AnsiColor::Red),
            Self::Proof => ("proof", AnsiColor::Yellow),
        }
    }
}

/// A timeline on standard output. A closed pipe is not worth an error: nobody is looking any more.
pub struct Timeline {
    began: Timestamp,
}

impl Timeline {
    /// Begins now.
    pub fn begin() -> Self {
        Self {
            began: SystemClock.now(),
        }
    }

    /// A heading.
    pub fn heading(text: &str) {
        let bold = Style::new().bold();
        print(&format!("\n{bold}{text}{bold:#}\n"));
    }

    /// One thing that happened.
    pub fn happened(&self, who: Who, text: &str) {
        let millis = SystemClock.now().duration_since(self.began).as_millis();
        let (label, color) = who.label();
        let (color, dim) = (
            Style::new().fg_color(Some(color.into())).bold(),
            Style::new().dimmed(),
        );
        let time = format!("{:>3}.{:02} s", millis / 1000, (millis % 1000) / 10);
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        print(&format!(
            "  {dim}{time}{dim:#}  {color}{label:<10}{color:#}  {first}\n"
        ));
        for line in lines {
            print(&format!("                         {line}\n"));
        }
    }

    /// A check with its result.
    pub fn check(held: bool, text: &str) {
        let (mark, color) = if held {
            ("✔", AnsiColor::Green)
        } else {
            ("✘", AnsiColor::Red)
        };
        let color = Style::new().fg_color(Some(color.into())).bold();
        print(&format!("  {color}{mark}{color:#}  {text}\n"));
    }

    /// Plain text, indented.
    pub fn text(text: &str) {
        for line in text.lines() {
            print(&format!("  {line}\n"));
        }
    }
}

/// Writes to standard output, with colours only where they are seen.
pub fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Writes one line to standard error.
pub fn complain(text: &str) {
    let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    let _ = writeln!(anstream::stderr().lock(), "{red}changeover:{red:#} {text}");
}
