//! Teams and memberships.
use super::{account, table::models};

models! {
    TEAM_LIST: "teamList" "Teams List" {
        "total": integer; "teams": list (TEAM);
    }
    MEMBERSHIP_LIST: "membershipList" "Memberships List" {
        "total": integer; "memberships": list (MEMBERSHIP);
    }
    TEAM: "team" "Team" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "name": text; "total": integer; "prefs": (account::PREFERENCES) = EmptyObject;
    }
    MEMBERSHIP: "membership" "Membership" {
        "$id": text; "$createdAt": datetime; "$updatedAt": datetime; "userId": text; "userName": text; "userEmail": text; "userPhone": text; "teamId": text;
        "teamName": text; "invited": datetime; "joined": datetime; "confirm": boolean; "mfa": boolean; "roles": text list;
    }
}
