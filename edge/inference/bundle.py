"""A model bundle: a release and its signature in one file, NAME-VERSION.sonomodel, for transport on a stick.

It holds the release's files and `signature.json`. The signed manifest names the digest of every stored file.
"""

from pathlib import Path

from edge.disk import bundle as bundles
from edge.disk.bundle import Bundle, Limits
from edge.disk.plain_file import read_plain
from edge.disk.signing import SIGNATURE, Keys, SigningKey, signed_by
from edge.inference.errors import COPY_AGAIN, ModelUnusable, model_faults
from edge.inference.release import MANIFEST, ModelRelease
from edge.inference.release_files import Manifest, parse

SUFFIX = ".sonomodel"
MAKE_IT = "Make it with sonoedge model pack"
LIMITS = Limits(
    files=32,  # a manifest names at most 30
    bytes_total=128_000_000,  # a current release holds 5 000 000
    bytes_each=64_000_000,
    bytes_of={MANIFEST: 1_000_000, SIGNATURE: 10_000},
    make_it=MAKE_IT,
    name_it="Name a bundle or a release folder",
)


@model_faults()
def pack(folder: Path, out: Path, key: SigningKey) -> Path:
    """Signs a release and writes it as one file in the folder `out`; returns its path.

    Raises:
        ModelUnusable: the release is damaged, is too large, or `out` cannot be written.
    """
    release = ModelRelease.load(folder)
    release.verify()
    manifest = (folder / MANIFEST).read_bytes()
    contents = {MANIFEST: manifest, SIGNATURE: key.sign(manifest)}
    contents |= {name: read_plain(folder / name, LIMITS.bytes_each, links=True) for name in sorted(release.files)}
    bundle = out / f"{release.ident}{SUFFIX}"
    bundles.pack(bundle, contents, LIMITS)
    return bundle


@model_faults()
def unpack(path: Path, into: Path, keys: Keys, *, unsigned: bool = False) -> str | None:
    """Puts the files of a bundle into an empty folder; returns the name of the trusted key that signed it.

    With `unsigned`, a bundle without a trusted signature is accepted too, and None is returned. A wrong signature is never accepted.

    Raises:
        ModelUnusable: it is damaged, is too large, holds other files than its manifest names, or has no trusted signature.
        OSError: `into` cannot be written.
    """
    with bundles.opened(path, LIMITS) as bundle:
        if MANIFEST not in bundle.names:
            raise ModelUnusable(f"{path} holds no {MANIFEST}", MAKE_IT)
        bundle.copy(MANIFEST, into)
        signer = _signer(bundle, into, keys, path)
        if signer is None and not unsigned:
            raise ModelUnusable(
                f"{path} has no signature that this site trusts",
                "Put the public key of its maker, NAME.pub, into model_keys of data_dir, or add --unsigned if you know its origin",
            )
        wanted = parse(into / MANIFEST, Manifest).files
        if odd := wanted.keys() ^ (bundle.names - {MANIFEST, SIGNATURE}):
            raise ModelUnusable(f"{path} and its {MANIFEST} do not name the same files ({', '.join(sorted(odd))})", COPY_AGAIN)
        for name, digest in wanted.items():
            if bundle.copy(name, into) != digest:
                raise ModelUnusable(f"{name} in {path} is not the file that was released", COPY_AGAIN)
        return signer


def _signer(bundle: Bundle, into: Path, keys: Keys, path: Path) -> str | None:
    """Leaves `signature.json` in the folder only if it is from a trusted key."""
    if SIGNATURE not in bundle.names:
        return None
    bundle.copy(SIGNATURE, into)
    signer = signed_by((into / MANIFEST).read_bytes(), (into / SIGNATURE).read_bytes(), keys, path)
    if signer is None:
        (into / SIGNATURE).unlink()
    return signer
