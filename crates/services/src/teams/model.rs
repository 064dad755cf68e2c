//! Memberships as the API shows them.
use database::Document;
use kernel::Cx;
use serde_json::{Map, Value};

use crate::support::base;

/// Which of a member's data are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    id: bool,
    name: bool,
    email: bool,
    phone: bool,
    mfa: bool,
}

impl Shown {
    /// Everything, for servers and administrators.
    const ALL: Self = Self { id: true, name: true, email: true, phone: true, mfa: true };

    /// What answers to changes and a user's own list hold: whom it is about, but neither phone nor second factor.
    pub(crate) const WHO: Self = Self { id: true, name: true, email: true, phone: false, mfa: false };

    /// What this caller may see by the project's privacy settings.
    pub(crate) fn to(cx: &Cx<'_>) -> Self {
        if cx.privileged() {
            return Self::ALL;
        }
        let flag = |key: &str| cx.project.auth_flag(key, true);
        Self {
            id: flag("membershipsUserId"),
            name: flag("membershipsUserName"),
            email: flag("membershipsUserEmail"),
            phone: flag("membershipsUserPhone"),
            mfa: flag("membershipsMfa"),
        }
    }
}

/// Fields of `membership`; what is not shown is empty.
pub(crate) fn membership(doc: &Document, team: Option<&Document>, user: Option<&Document>, shown: Shown) -> Map<String, Value> {
    let mut map = base(doc);
    let of_user = |visible: bool, key: &str| Value::from(user.filter(|_| visible).map_or("", |u| u.str(key)));
    if !shown.id {
        map.insert("userId".into(), "".into());
    }
    map.insert("userName".into(), of_user(shown.name, "name"));
    map.insert("userEmail".into(), of_user(shown.email, "email"));
    map.insert("userPhone".into(), of_user(shown.phone, "phone"));
    map.insert(
        "mfa".into(),
        user.is_some_and(|u| shown.mfa && u.bool("mfa") && (u.bool("emailVerification") || u.bool("phoneVerification") || u.bool("mfaTotp"))).into(),
    );
    map.insert("teamName".into(), team.map_or("", |t| t.str("name")).into());
    map
}
