"""Runs the recorded tour, given as its folder, as it was run when it was recorded: what others had done in between is done in between.

The recording of the sections from `formats` on was made after that of realtime had set a user's preferences, and while the first member of a team
still had its roles.
"""

import sys

# Sections before and after.
BEFORE = ["general", "account", "users", "teams", "databases", "tablesdb", "storage", "abuse", "operators", "more"]
AFTER = ["formats", "console", "policies"]


def in_between(tour):
    """Brings about the state of the recording; nothing of it is recorded."""
    tour.rec("prefs", "PATCH", "/users/da/prefs", tour.K, {"prefs": {"a": 1}}, log=False)
    members = tour.rec("members", "GET", "/teams/team1/memberships", tour.K, log=False)["memberships"]
    tour.rec("roles", "PATCH", f"/teams/team1/memberships/{members[0]['$id']}", tour.K, {"roles": ["keyset"]}, log=False)


def main():
    """The sections in the order of the tour."""
    sys.path.insert(0, sys.argv[1])
    sys.argv[1:] = BEFORE
    import run  # noqa: PLC0415 (found in the folder of the tour, which runs as it is imported)
    in_between(run.s4)
    for name in AFTER:
        run.s4.runs(*run.groups[name])


if __name__ == "__main__":
    main()
