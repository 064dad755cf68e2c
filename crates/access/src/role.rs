//! Roles and their text form.
use std::fmt;

/// A set of callers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everybody.
    Any,
    /// Callers without a session.
    Guests,
    /// Callers with a session; `Some(true)` only verified ones, `Some(false)` only unverified ones.
    Users(Option<bool>),
    /// One user, optionally bound to being (un)verified.
    User(String, Option<bool>),
    /// The members of a team, or those holding one role in it.
    Team(String, Option<String>),
    /// One membership.
    Member(String),
    /// Users with a label.
    Label(String),
}

/// Why a role string was refused; the text is what clients are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleError(pub String);

impl fmt::Display for RoleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RoleError {}

/// The kinds of roles, in the order messages list them.
const KINDS: [&str; 7] = ["any", "guests", "users", "user", "team", "member", "label"];
/// Longest identifier, in characters.
const ID_MAX: usize = 36;
/// Longest dimension (a team role), in characters: it may hold `project-<id>-<role>`.
const DIMENSION_MAX: usize = 81;

impl Role {
    /// Reads `kind[:identifier][/dimension]`.
    ///
    /// As lenient as the service this one is compatible with: text after a second colon is ignored and a lone `0` counts
    /// as absent; [`Display`](fmt::Display) gives the canonical form.
    ///
    /// # Errors
    /// An unknown kind, or an identifier or dimension that is missing, not allowed or of wrong form.
    pub fn parse(text: &str) -> Result<Self, RoleError> {
        let (kind, identifier, dimension) = split(text)?;
        match kind {
            "any" => plain(kind, identifier, dimension, Self::Any),
            "guests" => plain(kind, identifier, dimension, Self::Guests),
            "users" => {
                no_identifier(kind, identifier)?;
                Ok(Self::Users(verified(kind, dimension)?))
            }
            "user" => {
                let id = identifier_of(kind, identifier)?;
                Ok(Self::User(id, verified(kind, dimension)?))
            }
            "team" => {
                let id = identifier_of(kind, identifier)?;
                if dimension.is_empty() {
                    return Ok(Self::Team(id, None));
                }
                if !is_key(dimension, DIMENSION_MAX) {
                    return Err(RoleError(format!("Role \"team\" dimension value is invalid: {}", key_rule(DIMENSION_MAX))));
                }
                Ok(Self::Team(id, Some(dimension.to_owned())))
            }
            "member" => {
                let id = identifier_of(kind, identifier)?;
                no_dimension(kind, dimension)?;
                Ok(Self::Member(id))
            }
            "label" => {
                let id = label_of(identifier)?;
                no_dimension(kind, dimension)?;
                Ok(Self::Label(id))
            }
            other => Err(unknown(other)),
        }
    }

    /// Every user, whether verified or not.
    #[must_use]
    pub fn users() -> Self {
        Self::Users(None)
    }

    /// One user.
    #[must_use]
    pub fn user(id: impl Into<String>) -> Self {
        Self::User(id.into(), None)
    }

    /// All members of a team.
    #[must_use]
    pub fn team(id: impl Into<String>) -> Self {
        Self::Team(id.into(), None)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Guests => f.write_str("guests"),
            Self::Users(v) => write!(f, "users{}", dimension_text(*v)),
            Self::User(id, v) => write!(f, "user:{id}{}", dimension_text(*v)),
            Self::Team(id, None) => write!(f, "team:{id}"),
            Self::Team(id, Some(role)) => write!(f, "team:{id}/{role}"),
            Self::Member(id) => write!(f, "member:{id}"),
            Self::Label(name) => write!(f, "label:{name}"),
        }
    }
}

impl std::str::FromStr for Role {
    type Err = RoleError;
    fn from_str(s: &str) -> Result<Self, RoleError> {
        Self::parse(s)
    }
}

/// Checks a list of role strings and gives their canonical forms.
///
/// # Errors
/// The message for clients: more than `max` entries, or the first bad one.
pub fn validate_roles(roles: &[String], max: usize) -> Result<Vec<String>, String> {
    if roles.len() > max {
        return Err(format!("You can only provide up to {max} roles."));
    }
    roles.iter().map(|r| validate_role(r)).collect()
}

fn validate_role(text: &str) -> Result<String, String> {
    if text == "*" {
        return Err("Wildcard role \"*\" has been replaced. Use \"any\" instead.".to_owned());
    }
    if text.contains("role:") {
        return Err("Roles using the \"role:\" prefix have been removed. Use \"users\", \"guests\", or \"any\" instead.".to_owned());
    }
    if !KINDS.iter().any(|k| text.starts_with(k)) {
        return Err(unknown(text).0);
    }
    Role::parse(text).map(|r| r.to_string()).map_err(|e| e.0)
}

fn unknown(kind: &str) -> RoleError {
    RoleError(format!("Role \"{kind}\" is not allowed. Must be one of: {}.", KINDS.join(", ")))
}

/// Cuts into kind, identifier and dimension; the latter two empty when absent.
fn split(text: &str) -> Result<(&str, &str, &str), RoleError> {
    let mut parts = text.split(':');
    let kind = parts.next().unwrap_or_default();
    let identifier = parts.next();
    if !text.contains('/') {
        return Ok((kind, present(identifier.unwrap_or_default()), ""));
    }
    // The dimension belongs to the identifier when there is one, else to the kind.
    let (head, dimension) = one_slash(identifier.unwrap_or(kind))?;
    if present(dimension).is_empty() {
        return Err(RoleError("Dimension must not be empty".to_owned()));
    }
    Ok(if identifier.is_some() { (kind, present(head), dimension) } else { (head, "", dimension) })
}

fn one_slash(text: &str) -> Result<(&str, &str), RoleError> {
    match text.split_once('/') {
        Some((head, tail)) if !tail.contains('/') => Ok((head, tail)),
        _ => Err(RoleError("Only one dimension can be provided".to_owned())),
    }
}

/// A lone zero counts as nothing at all.
fn present(text: &str) -> &str {
    if text == "0" { "" } else { text }
}

fn plain(kind: &str, identifier: &str, dimension: &str, role: Role) -> Result<Role, RoleError> {
    no_identifier(kind, identifier)?;
    no_dimension(kind, dimension)?;
    Ok(role)
}

fn no_identifier(kind: &str, identifier: &str) -> Result<(), RoleError> {
    if identifier.is_empty() { Ok(()) } else { Err(RoleError(format!("Role \"{kind}\" can not have an ID value."))) }
}

fn no_dimension(kind: &str, dimension: &str) -> Result<(), RoleError> {
    if dimension.is_empty() { Ok(()) } else { Err(RoleError(format!("Role \"{kind}\" can not have a dimension value."))) }
}

fn identifier_of(kind: &str, identifier: &str) -> Result<String, RoleError> {
    if identifier.is_empty() {
        return Err(RoleError(format!("Role \"{kind}\" must have an ID value.")));
    }
    if !is_key(identifier, ID_MAX) {
        return Err(RoleError(format!("Role \"{kind}\" identifier value is invalid: {}", key_rule(ID_MAX))));
    }
    Ok(identifier.to_owned())
}

fn label_of(identifier: &str) -> Result<String, RoleError> {
    if identifier.is_empty() {
        return Err(RoleError("Role \"label\" must have an ID value.".to_owned()));
    }
    if identifier.len() > ID_MAX || !identifier.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(RoleError(format!(
            "Role \"label\" identifier value is invalid: Value must be a valid string between 1 and {ID_MAX} chars containing only alphanumeric chars"
        )));
    }
    Ok(identifier.to_owned())
}

fn verified(kind: &str, dimension: &str) -> Result<Option<bool>, RoleError> {
    match dimension {
        "" => Ok(None),
        "verified" => Ok(Some(true)),
        "unverified" => Ok(Some(false)),
        _ => Err(RoleError(format!("Role \"{kind}\" dimension value is invalid. Must be one of: verified, unverified."))),
    }
}

fn dimension_text(verified: Option<bool>) -> &'static str {
    match verified {
        None => "",
        Some(true) => "/verified",
        Some(false) => "/unverified",
    }
}

fn is_key(text: &str, max: usize) -> bool {
    text.len() <= max
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn key_rule(max: usize) -> String {
    format!("Parameter must contain at most {max} chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char")
}

#[cfg(test)]
pub(crate) use tests::any_role;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn err(text: &str) -> String {
        Role::parse(text).unwrap_err().0
    }

    #[test]
    fn reads_all_kinds() {
        for text in
            ["any", "guests", "users", "users/verified", "users/unverified", "user:a", "user:a/verified", "team:t", "team:t/owner", "member:m", "label:vip"]
        {
            assert_eq!(Role::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(err("nobody"), "Role \"nobody\" is not allowed. Must be one of: any, guests, users, user, team, member, label.");
        assert_eq!(err("any/verified"), "Role \"any\" can not have a dimension value.");
        assert_eq!(err("any:x"), "Role \"any\" can not have an ID value.");
        assert_eq!(err("user"), "Role \"user\" must have an ID value.");
        assert_eq!(err("user:a/x"), "Role \"user\" dimension value is invalid. Must be one of: verified, unverified.");
        assert_eq!(err("team:a/b/c"), "Only one dimension can be provided");
        assert_eq!(err("team/x:abc"), "Only one dimension can be provided");
        assert_eq!(err("team:a/"), "Dimension must not be empty");
        assert!(err("user:_a").starts_with("Role \"user\" identifier value is invalid: Parameter must contain at most 36"));
        assert!(err("team:a/-b").contains("at most 81"));
        assert!(err("label:a-b").contains("only alphanumeric"));
        assert!(Role::parse(&format!("user:{}", "a".repeat(37))).is_err());
    }

    #[test]
    fn lenient_forms_become_canonical() {
        assert_eq!(Role::parse("user:a:b").unwrap(), Role::user("a"));
        assert_eq!(Role::parse("any:0").unwrap(), Role::Any);
        assert_eq!(err("user:0"), "Role \"user\" must have an ID value.");
    }

    #[test]
    fn lists_of_roles() {
        let list = |v: &[&str]| validate_roles(&v.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(), 2);
        assert_eq!(list(&["any", "users"]).unwrap(), ["any", "users"]);
        assert_eq!(list(&["any"; 3]).unwrap_err(), "You can only provide up to 2 roles.");
        assert!(list(&["*"]).unwrap_err().starts_with("Wildcard"));
        assert!(list(&["role:all"]).unwrap_err().starts_with("Roles using"));
    }

    pub(crate) fn any_role() -> impl Strategy<Value = Role> {
        let id = "[A-Za-z1-9][A-Za-z0-9_.-]{0,35}";
        prop_oneof![
            Just(Role::Any),
            Just(Role::Guests),
            any::<Option<bool>>().prop_map(Role::Users),
            (id, any::<Option<bool>>()).prop_map(|(i, v)| Role::User(i, v)),
            (id, proptest::option::of("[A-Za-z1-9][A-Za-z0-9_.-]{0,80}")).prop_map(|(i, r)| Role::Team(i, r)),
            id.prop_map(Role::Member),
            "[A-Za-z1-9][A-Za-z0-9]{0,35}".prop_map(Role::Label),
        ]
    }

    proptest! {
        #[test]
        fn parse_undoes_print(role in any_role()) {
            prop_assert_eq!(Role::parse(&role.to_string()).unwrap(), role);
        }

        #[test]
        fn parse_never_panics_and_print_is_stable(text in "(any|user|team|label|users)?[a-z0:/\"]{0,12}") {
            if let Ok(role) = Role::parse(&text) {
                prop_assert_eq!(Role::parse(&role.to_string()).unwrap(), role);
            }
        }
    }
}
