//! Users and what belongs to them.
use super::table::models;

models! {
    USER_LIST: "userList" "Users List" {
        "total": integer; "users": list (USER);
    }
    SESSION_LIST: "sessionList" "Sessions List" {
        "total": integer; "sessions": list (SESSION);
    }
    IDENTITY_LIST: "identityList" "Identities List" {
        "total": integer; "identities": list (IDENTITY);
    }
    LOG_LIST: "logList" "Logs List" {
        "total": integer; "logs": list (LOG);
    }
    TARGET_LIST: "targetList" "Target list" {
        "total": integer; "targets": list (TARGET);
    }
    LOG: "log" "Log" {
        "event": text; "userId": text; "userEmail": text; "userName": text; "mode": text; "userType": text; "ip": text; "time": datetime; "osCode": text;
        "osName": text; "osVersion": text; "clientType": text; "clientCode": text; "clientName": text; "clientVersion": text; "clientEngine": text;
        "clientEngineVersion": text; "deviceName": text; "deviceBrand": text; "deviceModel": text; "countryCode": text; "countryName": text;
    }
    USER: "user" "User" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "password": text nullable; "hash": text nullable;
        "hashOptions": json nullable; "registration": datetime; "status": boolean = Bool(true); "labels": text list; "passwordUpdate": datetime;
        "email": text; "phone": text; "emailVerification": boolean; "phoneVerification": boolean; "mfa": boolean; "prefs": (PREFERENCES) = EmptyObject;
        "targets": list (TARGET); "accessedAt": datetime; "impersonator": boolean nullable; "impersonatorUserId": text nullable;
    }
    ALGO_MD5: "algoMd5" "AlgoMD5" (("type", ["md5"])) {
        "type": text = Text("md5");
    }
    ALGO_SHA: "algoSha" "AlgoSHA" (("type", ["sha"])) {
        "type": text = Text("sha");
    }
    ALGO_PHPASS: "algoPhpass" "AlgoPHPass" (("type", ["phpass"])) {
        "type": text = Text("phpass");
    }
    ALGO_BCRYPT: "algoBcrypt" "AlgoBcrypt" (("type", ["bcrypt"])) {
        "type": text = Text("bcrypt");
    }
    ALGO_SCRYPT: "algoScrypt" "AlgoScrypt" (("type", ["scrypt"])) {
        "type": text = Text("scrypt"); "costCpu": integer = Int(8); "costMemory": integer = Int(14); "costParallel": integer = Int(1);
        "length": integer = Int(64);
    }
    ALGO_SCRYPT_MODIFIED: "algoScryptModified" "AlgoScryptModified" (("type", ["scryptMod"])) {
        "type": text = Text("scryptMod"); "salt": text; "saltSeparator": text; "signerKey": text;
    }
    ALGO_ARGON2: "algoArgon2" "AlgoArgon2" (("type", ["argon2"])) {
        "type": text = Text("argon2"); "memoryCost": integer; "timeCost": integer; "threads": integer;
    }
    ACCOUNT: "account" "Account" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "registration": datetime; "status": boolean = Bool(true);
        "labels": text list; "passwordUpdate": datetime; "email": text; "phone": text; "emailVerification": boolean; "phoneVerification": boolean;
        "mfa": boolean; "prefs": (PREFERENCES) = EmptyObject; "targets": list (TARGET); "accessedAt": datetime; "impersonator": boolean nullable;
        "impersonatorUserId": text nullable;
    }
    PREFERENCES: "preferences" "Preferences" any {}
    SESSION: "session" "Session" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "userId": text; "expire": datetime; "provider": text; "providerUid": text;
        "providerAccessToken": text; "providerAccessTokenExpiry": datetime; "providerRefreshToken": text; "ip": text; "osCode": text; "osName": text;
        "osVersion": text; "clientType": text; "clientCode": text; "clientName": text; "clientVersion": text; "clientEngine": text;
        "clientEngineVersion": text; "deviceName": text; "deviceBrand": text; "deviceModel": text; "countryCode": text; "countryName": text;
        "current": boolean; "factors": text list; "secret": text sensitive; "mfaUpdatedAt": datetime;
    }
    IDENTITY: "identity" "Identity" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "userId": text; "provider": text; "providerUid": text; "providerEmail": text;
        "providerAccessToken": text; "providerAccessTokenExpiry": datetime; "providerRefreshToken": text;
    }
    TOKEN: "token" "Token" {
        "$id": text; "$createdAt": datetime; "userId": text; "secret": text sensitive; "expire": datetime; "phrase": text;
    }
    JWT: "jwt" "JWT" {
        "jwt": text;
    }
    MFA_CHALLENGE: "mfaChallenge" "MFA Challenge" {
        "$id": text; "$createdAt": datetime; "userId": text; "expire": datetime;
    }
    MFA_RECOVERY_CODES: "mfaRecoveryCodes" "MFA Recovery Codes" {
        "recoveryCodes": text list;
    }
    MFA_TYPE: "mfaType" "MFAType" {
        "secret": text; "uri": text;
    }
    MFA_FACTORS: "mfaFactors" "MFAFactors" {
        "totp": boolean; "phone": boolean; "email": boolean; "recoveryCode": boolean;
    }
    TARGET: "target" "Target" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "userId": text; "providerId": text nullable; "providerType": text;
        "identifier": text; "expired": boolean;
    }
}
