//! Mails: their texts in several languages, their form, and the way to a mail server. The only crate that speaks SMTP; knows no project and no store.
mod capture;
mod message;
mod smtp;
mod template;
mod texts;

pub use capture::{capture, capture_text, captured, captured_texts};
pub use message::{BadMail, Mail, header_text, is_address};
pub use smtp::{Secure, SendError, Server, hello, send};
pub use template::{Values, fill_text, link, render};
pub use texts::{KINDS, Kind, Texts, default_message, smtp_test, texts, webhook_paused};
