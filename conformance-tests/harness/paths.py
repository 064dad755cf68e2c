"""Where things are."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
REPO = HERE.parent
CACHE = Path(os.environ.get("FERRITE_TEST_CACHE", HERE / ".cache"))
SHARED = Path(os.environ.get("FERRITE_SHARED", REPO.parent / "shared"))
