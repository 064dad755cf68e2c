//! Endpoints through the whole pipeline, in process: who may do what, and what comes back.
mod account;
mod contract;
mod databases;
mod files;
mod forgery;
mod health;
mod jobs;
mod locale;
mod malformed;
mod oauth;
mod storage;
mod teams;
mod tokens;
mod users;
mod webhooks;
