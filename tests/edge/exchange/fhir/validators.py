"""Three programs that read a FHIR bundle and state its faults."""

import json
import subprocess
from pathlib import Path

from fhir.resources.R4B.bundle import Bundle

NPM_FHIR = Path(__file__).resolve().parents[4] / ".venv" / "fhir" / "node_modules"


NPM_SCRIPT = """
const {Fhir} = require("fhir");
const read = JSON.parse(require("fs").readFileSync(0));
const found = new Fhir().validate(read, {errorOnUnexpected: true});
console.log(JSON.stringify(found.messages.filter(each => each.severity === "error").map(each => each.location + ": " + each.message)));
"""


def faults_by_fhir_resources(bundle):
    try:
        Bundle.model_validate(bundle)
    except ValueError as fault:
        return [str(fault)]
    return []


def faults_by_npm(bundle):
    script = ["node", "-e", NPM_SCRIPT]
    done = subprocess.run(script, input=json.dumps(bundle), capture_output=True, text=True, check=True, env={"NODE_PATH": str(NPM_FHIR)})
    return json.loads(done.stdout)


def all_three(missing):
    """Each gives the faults that it finds in a bundle."""
    try:
        import fhirkit
    except ImportError:
        missing("the package fhirkit-rs (make peers)")
    if not (NPM_FHIR / "fhir").exists():
        missing("npm's fhir (make peers, which needs npm)")

    def faults_by_fhirkit(bundle):
        return [issue.message for issue in fhirkit.validate(json.dumps(bundle)) if issue.severity == "error"]

    return faults_by_fhir_resources, faults_by_fhirkit, faults_by_npm
