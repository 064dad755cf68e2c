//! Permissions: one action for one role, as text `action("role")`.
use std::fmt;

use crate::access::Roles;
use crate::role::{Role, RoleError};

/// What may be done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Make a new document in a collection, or a file in a bucket.
    Create,
    /// See it.
    Read,
    /// Change it.
    Update,
    /// Remove it.
    Delete,
}

impl Action {
    /// All actions: what collections, tables and buckets may grant.
    pub const ALL: [Self; 4] = [Self::Create, Self::Read, Self::Update, Self::Delete];
    /// What single documents, rows and files may grant.
    pub const ITEM: [Self; 3] = [Self::Read, Self::Update, Self::Delete];
    /// What the aggregate `write` stands for.
    const WRITE: [Self; 3] = [Self::Create, Self::Update, Self::Delete];

    /// The word used in permission strings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// The action of a word; `write` is none, see [`expand`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str() == word)
    }

    /// The role inside a canonical permission string when that string is about this action: `read("any")` → `any`.
    #[must_use]
    pub fn role_in(self, permission: &str) -> Option<&str> {
        permission.strip_prefix(self.as_str())?.strip_prefix("(\"")?.strip_suffix("\")")
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One action given to one role. `write` in text form is an aggregate, see [`expand`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Permission {
    /// What is allowed.
    pub action: Action,
    /// To whom.
    pub role: Role,
}

/// Why a permission string was refused; printed, it is the text clients are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PermissionError {
    /// Not of the form `action("role")`; holds the whole text.
    Malformed(String),
    /// The action is not one of create, read, update, delete, write; holds the word.
    UnknownAction(String),
    /// The role part is wrong.
    Role(RoleError),
}

impl fmt::Display for PermissionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(text) => write!(f, "Invalid permission string format: \"{text}\"."),
            Self::UnknownAction(word) => write!(f, "Invalid permission type: \"{word}\"."),
            Self::Role(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for PermissionError {}

impl Permission {
    /// Gives `action` to `role`.
    #[must_use]
    pub fn new(action: Action, role: Role) -> Self {
        Self { action, role }
    }

    /// Reads `action("role")`. The aggregate `write` is refused here: [`expand`] resolves it first.
    ///
    /// # Errors
    /// What is wrong with the form, the action or the role.
    pub fn parse(text: &str) -> Result<Self, PermissionError> {
        match read(text)? {
            (Word::One(action), role) => Ok(Self { action, role }),
            (Word::Write, _) => Err(PermissionError::UnknownAction("write".to_owned())),
        }
    }

    /// What the creator of a document, row or file gets when nothing else was asked for.
    #[must_use]
    pub fn owner(user_id: &str) -> Vec<String> {
        Action::ITEM.iter().map(|a| format!("{a}(\"user:{user_id}\")")).collect()
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(\"{}\")", self.action, self.role)
    }
}

impl std::str::FromStr for Permission {
    type Err = PermissionError;
    fn from_str(s: &str) -> Result<Self, PermissionError> {
        Self::parse(s)
    }
}

/// The word before the bracket.
#[derive(Clone, Copy)]
enum Word {
    One(Action),
    Write,
}

impl Word {
    fn as_str(self) -> &'static str {
        match self {
            Self::One(a) => a.as_str(),
            Self::Write => "write",
        }
    }
}

fn read(text: &str) -> Result<(Word, Role), PermissionError> {
    let malformed = || PermissionError::Malformed(text.to_owned());
    let (word, rest) = text.split_once("(\"").ok_or_else(malformed)?;
    if rest.contains("(\"") {
        return Err(malformed());
    }
    let word = match word {
        "write" => Word::Write,
        other => Word::One(Action::parse(other).ok_or_else(|| PermissionError::UnknownAction(other.to_owned()))?),
    };
    // Only the closing mark is removed, wherever it stands: trailing text becomes part of the role and is judged there.
    let role = Role::parse(&rest.replace("\")", "")).map_err(PermissionError::Role)?;
    Ok((word, role))
}

/// Checks permission strings from a client and gives their canonical forms, `write` still unexpanded.
///
/// `allowed` are the actions this kind of resource may grant ([`Action::ALL`] or [`Action::ITEM`]); `write` always is.
///
/// # Errors
/// The message for clients: more than `max` entries, or what is wrong with the first bad one.
pub fn validate_permissions(permissions: &[String], allowed: &[Action], max: usize) -> Result<Vec<String>, String> {
    if permissions.len() > max {
        return Err(format!("You can only provide up to {max} permissions."));
    }
    permissions.iter().map(|p| validate_permission(p, allowed)).collect()
}

fn validate_permission(text: &str, allowed: &[Action]) -> Result<String, String> {
    if text == "*" {
        return Err("Wildcard permission \"*\" has been replaced. Use \"any\" instead.".to_owned());
    }
    if text.contains("role:") {
        return Err("Permissions using the \"role:\" prefix have been replaced. Use \"users\", \"guests\", or \"any\" instead.".to_owned());
    }
    let words = || allowed.iter().map(|a| a.as_str()).chain(["write"]);
    if !words().any(|w| text.starts_with(w)) {
        let list = words().collect::<Vec<_>>().join(", ");
        return Err(format!("Permission \"{text}\" is not allowed. Must be one of: {list}."));
    }
    let (word, role) = read(text).map_err(|e| e.to_string())?;
    Ok(format!("{}(\"{role}\")", word.as_str()))
}

/// Turns `write("r")` into the create/update/delete entries that `allowed` has, makes all canonical and drops
/// duplicates, keeping order. Entries that do not parse grant nothing and are left out: validate first.
#[must_use]
pub fn expand(permissions: &[String], allowed: &[Action]) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(permissions.len());
    let mut seen = std::collections::HashSet::new();
    let mut push = |action: Action, role: &Role| {
        let text = format!("{action}(\"{role}\")");
        if seen.insert(text.clone()) {
            out.push(text);
        }
    };
    for (word, role) in permissions.iter().filter_map(|p| read(p).ok()) {
        match word {
            Word::One(action) => push(action, &role),
            Word::Write => Action::WRITE.into_iter().filter(|a| allowed.contains(a)).for_each(|a| push(a, &role)),
        }
    }
    out
}

/// The role of the first permission that names a role outside `held`, for refusing to hand out what one does not have.
/// A permission that does not parse is returned whole.
#[must_use]
pub fn unheld(permissions: &[String], held: &Roles) -> Option<String> {
    permissions.iter().find_map(|p| match read(p) {
        Ok((_, role)) => Some(role.to_string()).filter(|r| !held.contains(r)),
        Err(_) => Some(p.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Access;
    use crate::role::any_role;
    use proptest::prelude::*;

    fn strings(v: &[&str]) -> Vec<String> {
        v.iter().map(|s| (*s).to_owned()).collect()
    }

    fn refused(text: &str, allowed: &[Action]) -> String {
        validate_permissions(&strings(&[text]), allowed, 100).unwrap_err()
    }

    #[test]
    fn messages_for_clients() {
        assert_eq!(refused("fly(\"any\")", &Action::ALL), "Permission \"fly(\"any\")\" is not allowed. Must be one of: create, read, update, delete, write.");
        assert_eq!(
            refused("create(\"user:da\")", &Action::ITEM),
            "Permission \"create(\"user:da\")\" is not allowed. Must be one of: read, update, delete, write."
        );
        assert_eq!(refused("read(\"any/verified\")", &Action::ALL), "Role \"any\" can not have a dimension value.");
        assert_eq!(refused("read any", &Action::ALL), "Invalid permission string format: \"read any\".");
        assert_eq!(refused("reader(\"any\")", &Action::ALL), "Invalid permission type: \"reader\".");
        assert!(refused("*", &Action::ALL).starts_with("Wildcard permission"));
        assert!(refused("read(\"role:all\")", &Action::ALL).starts_with("Permissions using the"));
        let many = vec!["read(\"any\")".to_owned(); 101];
        assert_eq!(validate_permissions(&many, &Action::ALL, 100).unwrap_err(), "You can only provide up to 100 permissions.");
    }

    #[test]
    fn canonical_form() {
        let given = strings(&["read(\"any", "write(\"user:a:b\")"]);
        assert_eq!(validate_permissions(&given, &Action::ITEM, 100).unwrap(), ["read(\"any\")", "write(\"user:a\")"]);
    }

    #[test]
    fn write_is_limited_to_what_is_allowed() {
        let given = strings(&["write(\"any\")", "read(\"any\")", "update(\"any\")"]);
        assert_eq!(expand(&given, &Action::ITEM), ["update(\"any\")", "delete(\"any\")", "read(\"any\")"]);
        assert_eq!(expand(&given, &Action::ALL), ["create(\"any\")", "update(\"any\")", "delete(\"any\")", "read(\"any\")"]);
    }

    #[test]
    fn finds_roles_not_held() {
        let held = Roles::new(["any", "users", "user:a"]);
        assert_eq!(unheld(&strings(&["read(\"any\")", "write(\"user:a\")"]), &held), None);
        assert_eq!(unheld(&strings(&["read(\"any\")", "read(\"team:x\")", "read(\"guests\")"]), &held), Some("team:x".to_owned()));
        assert_eq!(unheld(&strings(&["rubbish"]), &held), Some("rubbish".to_owned()));
        assert_eq!(unheld(&Permission::owner("a"), &held), None);
    }

    fn any_action() -> impl Strategy<Value = Action> {
        proptest::sample::select(Action::ALL.to_vec())
    }

    /// Few roles, so that permissions and callers meet.
    fn small_role() -> impl Strategy<Value = String> {
        proptest::sample::select(strings(&["any", "guests", "users", "users/verified", "user:a", "user:a/verified", "team:t", "team:t/owner", "label:x"]))
    }

    fn small_permission() -> impl Strategy<Value = String> {
        (proptest::sample::select(vec!["create", "read", "update", "delete", "write"]), small_role()).prop_map(|(w, r)| format!("{w}(\"{r}\")"))
    }

    proptest! {
        #[test]
        fn parse_undoes_print(action in any_action(), role in any_role()) {
            let p = Permission { action, role };
            prop_assert_eq!(Permission::parse(&p.to_string()).unwrap(), p);
        }

        #[test]
        fn expansion_is_idempotent(list in proptest::collection::vec(small_permission(), 0..12)) {
            let once = expand(&list, &Action::ALL);
            prop_assert!(once.iter().all(|p| !p.starts_with("write")));
            prop_assert_eq!(expand(&once, &Action::ALL), once.clone());
            prop_assert_eq!(expand(&once, &Action::ITEM), once);
        }

        #[test]
        fn evaluation_agrees_with_a_naive_one(
            list in proptest::collection::vec(small_permission(), 0..8),
            held in proptest::collection::vec(small_role(), 0..5),
            action in any_action(),
        ) {
            let naive = list.iter().any(|p| {
                let (word, role) = p.trim_end_matches("\")").split_once("(\"").unwrap();
                let about = word == action.as_str() || (word == "write" && action != Action::Read);
                about && held.iter().any(|h| h == role)
            });
            let access = Access::of(Roles::new(held));
            prop_assert_eq!(access.allows(&expand(&list, &Action::ALL), action), naive);
            prop_assert!(Access::system("test").allows(&list, action));
        }

        #[test]
        fn validation_never_panics(text in "(read|write|create)?\\(?\"?[a-z:/0]{0,8}\"?\\)?") {
            if let Ok(ok) = validate_permissions(std::slice::from_ref(&text), &Action::ALL, 1) {
                prop_assert_eq!(validate_permissions(&ok, &Action::ALL, 1).unwrap(), ok);
            }
        }
    }
}
