"""Trust: a release that somebody signed is read only while this site trusts the key. To revoke a key, its NAME.pub is removed.

The signature is checked again whenever a release is about to read, because a key can be revoked after the installation.
"""

from pathlib import Path

from pydantic import ValidationError

from edge.disk.keys import public_key
from edge.disk.signing import PUBLIC, SIGNATURE, Signature, signed_by
from edge.inference.errors import COPY_AGAIN, ModelUnusable, model_faults
from edge.inference.release import MANIFEST

REVOKED = "Use another release: sonoedge model activate RELEASE. If you trust the key again, put its file back"


@model_faults()
def signer_of(release: Path, keys: Path) -> str | None:
    """The name of the trusted key that signed a release; None where nobody did: it is built in, or was installed with --unsigned.

    `release` is its folder, `keys` the folder of the trusted keys.

    Raises:
        ModelUnusable: the key is not trusted any more, did not sign this release, or a file cannot be read.
    """
    try:
        signature, manifest = (release / SIGNATURE).read_bytes(), (release / MANIFEST).read_bytes()
        name = Signature.model_validate_json(signature).key
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise ModelUnusable(f"{release / SIGNATURE} cannot be used ({type(error).__name__})", COPY_AGAIN) from error
    path = keys / f"{name}{PUBLIC}"
    if not path.exists():
        raise ModelUnusable(f"the key '{name}', which signed {release.name}, is revoked: {path} is not there", REVOKED)
    return signed_by(manifest, signature, {name: public_key(path)}, release)
