//! The master secret of a development server: made once, kept in the data folder. A rotation adds a line; the last one counts.
use std::io::ErrorKind;
use std::path::Path;

use crate::durable;

/// Name of the file in the data folder.
pub(crate) const FILE: &str = "development-secret";

fn read(data: &Path) -> std::io::Result<Vec<String>> {
    match std::fs::read_to_string(data.join(FILE)) {
        Ok(text) => Ok(text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(e),
    }
}

/// Reads the secrets of the folder, the newest last, or makes one that only the owner can read.
pub(crate) fn of_folder(data: &Path) -> std::io::Result<Vec<String>> {
    let secrets = read(data)?;
    if secrets.is_empty() { add(data) } else { Ok(secrets) }
}

/// Makes another secret; answers all.
pub(crate) fn add(data: &Path) -> std::io::Result<Vec<String>> {
    std::fs::create_dir_all(data)?;
    let mut secrets = read(data)?;
    secrets.push(crypto::random_hex(64));
    durable::replace(&data.join(FILE), format!("{}\n", secrets.join("\n")).as_bytes())?;
    Ok(secrets)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let first = super::of_folder(&data).unwrap();
        assert_eq!((first.len(), first[0].len()), (1, 64));
        assert_eq!(super::of_folder(&data).unwrap(), first);
        assert_eq!(std::fs::metadata(data.join(super::FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        let second = super::add(&data).unwrap();
        assert_eq!((second.len(), &second[0]), (2, &first[0]));
        assert_eq!(super::of_folder(&data).unwrap(), second);
        // As earlier versions wrote it.
        std::fs::write(data.join(super::FILE), "abc").unwrap();
        assert_eq!(super::of_folder(&data).unwrap(), ["abc"]);
    }
}
