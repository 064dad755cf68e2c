//! What an administrator does from the command line: run inside the server through its socket while it runs, else on the data folder.
mod command;
mod jobs;
mod ready;
mod socket;

pub(crate) use command::Command;
pub(crate) use socket::{Listener, call};
