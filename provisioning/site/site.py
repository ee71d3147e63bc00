"""A board joins a site and leaves it: the policy of a stick is verified, stored, and from the next start on it opens the pages."""

import re
from pathlib import Path

from edge.disk.digest import digest_of
from edge.disk.durable import replace_file, sync_folder
from edge.disk.plain_file import read_plain
from provisioning.boot.place import Place
from provisioning.boot.record import Event
from provisioning.boot.selector import Selector
from provisioning.codes import ProvisionRefused
from provisioning.site.firewall import UNITS, allow
from provisioning.site.policy import MOST_BYTES, NAME, Policy, parse, policy_of
from provisioning.trust.client import FOLDERS, SITE
from provisioning.trust.trust import Verified
from provisioning.update.events import happened

POLICY = re.compile(rf"{FOLDERS[SITE]}/(?P<site>[^/]+)/{re.escape(NAME)}")
READABLE = 0o644
"""The appliance, which is not root, reads the policy, whatever the umask of the person at the board."""


def join(selector: Selector, believed: Verified, site: str, units: Path = UNITS) -> Event:
    """Stores the policy of a site from a stick. Without a name: of the site that the board belongs to, or of the only one on the stick.

    Raises:
        ProvisionRefused: E-NO-POLICY, E-WRONG-SITE or E-POLICY; E-TAMPER, or the stick cannot be read.
        OSError: the disk of the board refuses it.
    """
    place = selector.place
    kept = policy_of(place)
    name = _required(kept, site) or _only(believed)
    fetched = place.trust / NAME
    policy, content = _fetched(believed, name, fetched)
    before = kept.networks if kept else ()
    allow(dict.fromkeys((*before, *policy.networks)), units)  # both, so that a power cut locks no tablet out
    replace_file(place.site, content)
    place.site.chmod(READABLE)
    fetched.unlink()
    allow(policy.networks, units)
    networks = ", ".join(map(str, policy.networks)) or "no network"
    return happened(selector, "OK-SITE", f"The board belongs to the site {name}; its pages open to {networks}")


def has_news(place: Place, believed: Verified) -> bool:
    """Whether a source has a policy for the board at `place` that the board does not have yet.

    Raises:
        ProvisionRefused: E-POLICY, what is stored cannot be used.
    """
    kept = policy_of(place)
    if kept is None:
        return any(POLICY.fullmatch(target.name) for target in believed.targets)
    digest = digest_of(place.site)
    return any(target.name == _name(kept.site) and target.sha256 != digest for target in believed.targets)


def leave(selector: Selector, units: Path = UNITS) -> Event:
    """Forgets the site: the pages open on the board itself only. Safe to repeat.

    Raises:
        OSError: the disk of the board refuses it.
    """
    place = selector.place
    if selector.files.exists(place.site):
        place.site.unlink()
        sync_folder(place.root)
    allow((), units)
    return happened(selector, "OK-SITE-LEFT", "The board belongs to no site")


def _required(kept: Policy | None, site: str) -> str:
    if kept is not None and site not in ("", kept.site):
        next_step = "Leave that site first: sonoedge provision site leave"
        raise ProvisionRefused("E-WRONG-SITE", f"this board belongs to the site {kept.site}", next_step)
    return site or (kept.site if kept else "")


def _only(believed: Verified) -> str:
    found = sorted(match["site"] for target in believed.targets if (match := POLICY.fullmatch(target.name)))
    if len(found) > 1:
        raise ProvisionRefused("E-WRONG-SITE", f"{believed.source.name} has policies of {', '.join(found)}", "Name the site: --site NAME")
    if not found:
        raise ProvisionRefused("E-NO-POLICY", f"{believed.source.name} is genuine, and holds no policy of a site")
    return found[0]


def _name(site: str) -> str:
    return f"{FOLDERS[SITE]}/{site}/{NAME}"


def _fetched(believed: Verified, site: str, copy: Path) -> tuple[Policy, bytes]:
    """The policy of a site, and its bytes as they were signed."""
    name = _name(site)
    target = next((target for target in believed.for_site(site) if target.name == name), None)
    if target is None:
        raise ProvisionRefused("E-NO-POLICY", f"{believed.source.name} is genuine, and holds no policy of {site}")
    if target.length > MOST_BYTES:
        raise ProvisionRefused("E-POLICY", f"{name} has {target.length} bytes, and a policy no more than {MOST_BYTES} bytes")
    believed.fetch(target, copy)
    content = read_plain(copy, MOST_BYTES)
    policy = parse(content, name)
    if policy.site != site:
        raise ProvisionRefused("E-POLICY", f"{name} states another site, {policy.site}")
    return policy, content
