//! Endpoints through the whole pipeline, in process: who may do what, and what comes back.
mod account;
mod teams;
mod users;
