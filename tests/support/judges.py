"""Judges that are not Python packages: which are here, and what the test header says of those that are not."""

import json
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tests" / "contract" / "jsforce" / "package.json"
JSFORCE = ROOT / "build" / "jsforce"
OPENAPI = "HUBSPOT_OPENAPI_DIR"


def wanted() -> str:
    """The exact version of jsforce."""
    version: str = json.loads(PACKAGE.read_text())["dependencies"]["jsforce"]
    return version


def jsforce() -> Path | None:
    """The folder of modules that has jsforce, installed where npm is there and it is not yet; None where it cannot be."""
    modules = JSFORCE / "node_modules"
    manifest = modules / "jsforce" / "package.json"
    here = manifest.is_file() and json.loads(manifest.read_text())["version"] == wanted()
    if shutil.which("node") is None:
        return None
    if not here and shutil.which("npm") and "PYTEST_XDIST_WORKER" not in os.environ:
        JSFORCE.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGE, JSFORCE / "package.json")
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        try:
            subprocess.run(command, cwd=JSFORCE, timeout=180, check=True, capture_output=True)
        except (subprocess.SubprocessError, OSError):
            return None
        here = manifest.is_file()
    return modules if here else None


def openapi() -> Path | None:
    """The folder of HubSpot's official specification, which nobody may pass on."""
    folder = Path(os.environ[OPENAPI]) if os.environ.get(OPENAPI) else None
    return folder if folder is not None and folder.is_dir() else None


def header() -> list[str]:
    """Lines of the test header."""
    node = f"jsforce {wanted()} drives the emulated org" if jsforce() else "jsforce: needs node and npm; not collected"
    spec = "HubSpot's OpenAPI files judge both directions" if openapi() else f"{OPENAPI} is not set; not collected"
    return [f"judges: {node}", f"judges: {spec}"]


def ignored() -> list[str]:
    """Test modules, below tests/, whose judge is not here."""
    found = [] if jsforce() else ["contract/test_jsforce.py"]
    return found if openapi() else [*found, "contract/test_openapi.py"]
