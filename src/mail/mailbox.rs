use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::message::{fingerprint, message_id};
use super::page::one_line;
use super::render::render;
use crate::ports::mail::{Letter, MailFailure, Mailer};

/// The most mails that one listing returns.
pub const MAILS_LISTED_MAX: usize = 200;

/// A folder of delivered mails, for the time before there is a mail server. One JSON file a mail.
///
/// A second copy of a letter is kept as a second file, so that a duplicate is seen and not hidden. Nothing is deleted.
#[derive(Clone)]
pub struct Mailbox {
    folder: Arc<PathBuf>,
    /// Held while a free file name is chosen and taken. One process delivers into a folder.
    delivering: Arc<Mutex<()>>,
}

/// A delivered mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMail {
    /// The name under which the mailbox gives it out; not part of the file.
    #[serde(skip)]
    pub id: String,
    /// The same for every copy of one letter.
    pub message_id: String,
    /// The seller in whose name it was sent.
    pub from: String,
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML document.
    pub html: String,
    /// When the fact that it tells was journalled.
    pub at: Timestamp,
}

impl Mailbox {
    /// Opens the folder, making it when it is not there, and removes what a crash left half written.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "tmp") {
                fs::remove_file(path)?;
            }
        }
        Ok(Self {
            folder: Arc::new(folder),
            delivering: Arc::default(),
        })
    }

    /// The newest mails first, at most `limit` and never more than [`MAILS_LISTED_MAX`].
    pub async fn list(&self, limit: usize) -> io::Result<Vec<StoredMail>> {
        let folder = Arc::clone(&self.folder);
        in_background(move || {
            let mut ids = ids_in(&folder)?;
            ids.sort_unstable_by(|a, b| b.cmp(a));
            ids.iter()
                .take(limit.min(MAILS_LISTED_MAX))
                .map(|id| read(&folder, id))
                .collect()
        })
        .await
    }

    /// One mail; `None` when there is none of this name.
    pub async fn read(&self, id: &str) -> io::Result<Option<StoredMail>> {
        if !is_id(id) {
            return Ok(None);
        }
        let (folder, id) = (Arc::clone(&self.folder), id.to_owned());
        in_background(move || match read(&folder, &id) {
            Ok(mail) => Ok(Some(mail)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    async fn deliver(&self, letter: &Letter) -> Result<(), MailFailure> {
        let rendered = render(letter)
            .map_err(|_| MailFailure::Temporary("the mail's template could not be filled".to_owned()))?;
        let mail = StoredMail {
            id: String::new(),
            message_id: message_id(letter),
            from: one_line(&letter.sender.name),
            to: letter.to.email.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            at: letter.at,
        };
        let stem = format!(
            "{:014}-{}",
            letter.at.as_millisecond().max(0),
            fingerprint(&letter.dedupe_key)
        );
        let mailbox = self.clone();
        in_background(move || mailbox.put(&stem, &mail))
            .await
            .map_err(|error| {
                MailFailure::Temporary(format!("the mailbox could not be written: {}", error.kind()))
            })
    }

    fn put(&self, stem: &str, mail: &StoredMail) -> io::Result<()> {
        let _one_at_a_time = self.delivering.lock().unwrap_or_else(PoisonError::into_inner);
        let half_written = self.folder.join(format!("{stem}.tmp"));
        let mut file = File::create(&half_written)?;
        file.write_all(&serde_json::to_vec_pretty(mail)?)?;
        file.sync_all()?;
        let free = (0_u32..).map(|copy| file_of(&self.folder, &format!("{stem}-{copy:04}")));
        for path in free {
            if !path.try_exists()? {
                fs::rename(&half_written, path)?;
                break;
            }
        }
        File::open(self.folder.as_path())?.sync_all()
    }
}

impl Mailer for Mailbox {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), MailFailure>> {
        Box::pin(self.deliver(letter))
    }
}

fn ids_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if let Some(id) = name.to_str().and_then(|name| name.strip_suffix(".json"))
            && is_id(id)
        {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

fn read(folder: &Path, id: &str) -> io::Result<StoredMail> {
    let mut mail: StoredMail = serde_json::from_slice(&fs::read(file_of(folder, id))?)?;
    id.clone_into(&mut mail.id);
    Ok(mail)
}

fn file_of(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.json"))
}

/// Only what this mailbox names itself: digits that stand for a time, a digest and a count. Leads out of no folder.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
