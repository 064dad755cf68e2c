//! The master secret of a development server: made once, kept in the data folder.
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Name of the file in the data folder.
pub(crate) const FILE: &str = "development-secret";

/// Reads the secret of the folder, or makes one that only the owner can read.
pub(crate) fn of_folder(data: &Path) -> std::io::Result<String> {
    let path = data.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(e),
    }
    std::fs::create_dir_all(data)?;
    let secret = crypto::random_hex(64);
    // Written beside and renamed, so that a crash leaves no half of it.
    let fresh = data.join(format!("{FILE}.new"));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, &path)?;
    std::fs::File::open(data)?.sync_all()?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let first = super::of_folder(&data).unwrap();
        assert_eq!(first.len(), 64);
        assert_eq!(super::of_folder(&data).unwrap(), first);
        assert_eq!(std::fs::metadata(data.join(super::FILE)).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
