//! Making users with a password hashed elsewhere. At the next sign-in it is hashed anew.
use crypto::password::Imported;
use kernel::{Cx, Endpoint, Error, Reply, Result, endpoint};
use protocol::{Check, ErrorKind, params};
use serde_json::Value;

use super::{model, store};

params! {
    /// Formats that carry their parameters in the hash.
    pub(crate) struct Hashed {
        user_id: String = "userId", Check::CustomId, required;
        email: String = "email", Check::Email, required;
        password: String = "password", Check::Password, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, or Str("");
    }
}
params! {
    pub(crate) struct Sha {
        user_id: String = "userId", Check::CustomId, required;
        email: String = "email", Check::Email, required;
        password: String = "password", Check::Password, required;
        version: String = "passwordVersion", Check::Enum(&["sha1", "sha224", "sha256", "sha384", "sha512/224", "sha512/256", "sha512", "sha3-224", "sha3-256", "sha3-384", "sha3-512"]), or Str("");
        name: String = "name", Check::Text { min: 1, max: 128 }, or Str("");
    }
}
params! {
    pub(crate) struct Scrypt {
        user_id: String = "userId", Check::CustomId, required;
        email: String = "email", Check::Email, required;
        password: String = "password", Check::Password, required;
        salt: String = "passwordSalt", Check::Text { min: 1, max: 128 }, required;
        cpu: i64 = "passwordCpu", Check::Int32, required;
        memory: i64 = "passwordMemory", Check::Int32, required;
        parallel: i64 = "passwordParallel", Check::Int32, required;
        length: i64 = "passwordLength", Check::Int32, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, or Str("");
    }
}
params! {
    pub(crate) struct ScryptModified {
        user_id: String = "userId", Check::CustomId, required;
        email: String = "email", Check::Email, required;
        password: String = "password", Check::Password, required;
        salt: String = "passwordSalt", Check::Text { min: 1, max: 128 }, required;
        separator: String = "passwordSaltSeparator", Check::Text { min: 1, max: 128 }, required;
        signer_key: String = "passwordSignerKey", Check::Text { min: 1, max: 128 }, required;
        name: String = "name", Check::Text { min: 1, max: 128 }, or Str("");
    }
}

macro_rules! import {
    ($($doc:literal $name:ident $path:literal $sdk:literal $handler:ident($params:ty);)*) => { $(
        endpoint! {
            #[doc = $doc]
            $name: Post $path => 201 "user" by $handler($params);
            sdk [$sdk] auth [Admin, Key] scope ["users.write"]
            audit "user.create" on "user/{response.$id}"
        }
    )* };
}
import! {
    "Creates a user with an argon2 hash." ARGON2 "/v1/users/argon2" "users.createArgon2User" argon2(Hashed);
    "Creates a user with a bcrypt hash." BCRYPT "/v1/users/bcrypt" "users.createBcryptUser" bcrypt(Hashed);
    "Creates a user with an MD5 hash." MD5 "/v1/users/md5" "users.createMD5User" md5(Hashed);
    "Creates a user with a portable PHP hash." PHPASS "/v1/users/phpass" "users.createPHPassUser" phpass(Hashed);
    "Creates a user with a SHA hash." SHA "/v1/users/sha" "users.createSHAUser" sha(Sha);
    "Creates a user with a scrypt hash." SCRYPT "/v1/users/scrypt" "users.createScryptUser" scrypt(Scrypt);
    "Creates a user with a hash of Firebase's scrypt." SCRYPT_MODIFIED "/v1/users/scrypt-modified" "users.createScryptModifiedUser" scrypt_modified(ScryptModified);
}

fn argon2(cx: &mut Cx<'_>, p: Hashed) -> Result<Reply> {
    hashed(cx, p, Imported::Argon2)
}
fn bcrypt(cx: &mut Cx<'_>, p: Hashed) -> Result<Reply> {
    hashed(cx, p, Imported::Bcrypt)
}
fn md5(cx: &mut Cx<'_>, p: Hashed) -> Result<Reply> {
    hashed(cx, p, Imported::Md5)
}
fn phpass(cx: &mut Cx<'_>, p: Hashed) -> Result<Reply> {
    hashed(cx, p, Imported::Phpass)
}
fn hashed(cx: &mut Cx<'_>, p: Hashed, format: Imported<'_>) -> Result<Reply> {
    import(cx, &p.user_id, &p.email, p.password, p.name, format)
}
fn sha(cx: &mut Cx<'_>, p: Sha) -> Result<Reply> {
    import(cx, &p.user_id, &p.email, p.password, p.name, Imported::Sha { version: &p.version })
}
fn scrypt(cx: &mut Cx<'_>, p: Scrypt) -> Result<Reply> {
    let format = Imported::Scrypt { salt: &p.salt, cpu: p.cpu, memory: p.memory, parallel: p.parallel, length: p.length };
    import(cx, &p.user_id, &p.email, p.password, p.name, format)
}
fn scrypt_modified(cx: &mut Cx<'_>, p: ScryptModified) -> Result<Reply> {
    let format = Imported::ScryptMod { salt: &p.salt, separator: &p.separator, signer_key: &p.signer_key };
    import(cx, &p.user_id, &p.email, p.password, p.name, format)
}

fn import(cx: &Cx<'_>, id: &str, email: &str, hash: String, name: String, format: Imported<'_>) -> Result<Reply> {
    let email = email.to_lowercase();
    store::check_identities(cx, &email, "", ErrorKind::UserEmailAlreadyExists)?;
    let options = Value::Object(format.options());
    // A hash that could never be checked, or only at a price nobody wants to pay at each sign-in.
    crypto::password::check_import(&hash, format.algo(), &options).map_err(|_| {
        Error::with(
            ErrorKind::GeneralArgumentInvalid,
            "Invalid `password` param: the hash is not of this format, or its cost is beyond what this server computes.",
        )
    })?;
    let password = store::Stored { hash: Some(hash), algo: format.algo().as_str(), options };
    let id = cx.custom_id(id);
    let user = store::create(cx, store::NewUser { id, email: Some(email), phone: None, name, password, accessed_at: None }, None)?;
    Ok(Reply::Model("user", model::user(cx, &user)?))
}

pub(super) const ENDPOINTS: &[&Endpoint] = &[&BCRYPT, &MD5, &ARGON2, &SHA, &PHPASS, &SCRYPT, &SCRYPT_MODIFIED];
