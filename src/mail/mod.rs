//! Mails that tell a customer what happened, and the ways they leave: SMTP or the mailbox.
