//! Permission strings, one a line: what is read prints as something that reads the same, and lists of them expand.
#![no_main]
use access::{Action, Permission, Role, expand, validate_permissions};
use libfuzzer_sys::fuzz_target;


fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for line in text.lines() {
        if let Ok(permission) = Permission::parse(line) {
            assert_eq!(Permission::parse(&permission.to_string()).as_ref(), Ok(&permission));
        }
        if let Ok(role) = Role::parse(line) {
            assert_eq!(Role::parse(&role.to_string()).as_ref(), Ok(&role));
        }
    }
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if let Ok(list) = validate_permissions(&lines, &Action::ALL, 100) {
        let once = expand(&list, &Action::ALL);
        assert_eq!(expand(&once, &Action::ALL), once, "what is expanded stays as it is");
    }
});
