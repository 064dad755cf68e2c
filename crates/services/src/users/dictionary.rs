//! The commonest passwords, refused where a project asks for it.

/// One per line, lower case, commonest first: those of at least eight characters in the list of zxcvbn (MIT, its licence beside the file).
const COMMON: &str = include_str!("common-passwords.txt");

/// Whether a password is among the commonest.
pub(super) fn contains(password: &str) -> bool {
    let lower = password.to_lowercase();
    COMMON.lines().any(|p| p == lower)
}

#[cfg(test)]
mod tests {
    #[test]
    fn common_ones_are_known() {
        assert_eq!(super::COMMON.lines().count(), 10_000);
        assert!(super::contains("football"));
        assert!(super::contains("Password"));
        assert!(!super::contains("correct-horse-battery"));
    }
}
