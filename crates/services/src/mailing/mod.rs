//! Mails and short messages of a project: how they are written, how they go, and the settings of both.
mod compose;
mod deliver;
mod mock_phones;
mod sms;
mod smtp;
mod smtp_test;
mod templates;

use kernel::Endpoint;

pub(crate) use compose::{Letter, agent_values, prepare, project_name, require};
pub(crate) use deliver::register;
pub(crate) use sms::{Text, mock_code, require as require_phone};

/// The service's endpoints.
pub(crate) const ENDPOINTS: &[&[&Endpoint]] = &[smtp::ENDPOINTS, smtp_test::ENDPOINTS, templates::ENDPOINTS, mock_phones::ENDPOINTS];
