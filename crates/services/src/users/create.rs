//! Making users with a plain password.
use kernel::{Cx, Endpoint, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};

use super::{model, store};

params! {
    pub(crate) struct Create {
        user_id: String = "userId", Check::CustomId, required;
        email: Option<String> = "email", Check::Nullable(&Check::Email), optional;
        phone: Option<String> = "phone", Check::Nullable(&Check::Phone), optional;
        password: Option<String> = "password", Check::NewPasswordOrEmpty, optional;
        name: String = "name", Check::Text { min: 1, max: 128 }, or Str("");
    }
}

endpoint! {
    /// Creates a user.
    CREATE: Post "/v1/users" => 201 "user" by create(Create);
    sdk ["users.create"] auth [Admin, Key] scope ["users.write"]
    audit "user.create" on "user/{response.$id}"
}

fn create(cx: &mut Cx<'_>, p: Create) -> Result<Reply> {
    let password = p.password.unwrap_or_default();
    store::check_dictionary(&cx.project, &password)?;
    let email = p.email.map(|e| e.to_lowercase());
    if let Some(email) = &email {
        store::check_identities(cx, email, "", ErrorKind::UserEmailAlreadyExists)?;
    }
    let id = cx.custom_id(&p.user_id);
    if !password.is_empty() {
        store::check_personal(&cx.project, &password, [&id, email.as_deref().unwrap_or(""), &p.name, p.phone.as_deref().unwrap_or("")])?;
    }
    let stored = if password.is_empty() { store::Stored::none() } else { store::Stored::new(cx, &password)? };
    let user = store::create(cx, store::NewUser { id, email, phone: p.phone, name: p.name, password: stored, accessed_at: None }, None)?;
    Ok(Reply::Model("user", model::user(cx, &user)?))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&CREATE];
