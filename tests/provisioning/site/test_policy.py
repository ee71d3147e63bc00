"""A policy opens the pages to private networks only, and what cannot be used is refused with its place."""

import json
from contextlib import suppress
from datetime import datetime, timezone
from ipaddress import IPv4Address, IPv4Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from provisioning.boot.place import Place
from provisioning.codes import ProvisionRefused
from provisioning.site.policy import MOST_BYTES, MOST_NETWORKS, PORT, PRIVATE, Policy, fault, parse, policy_of

BORN = "2026-11-30T09:00:00Z"
LEAST = {"site": "kisumu", "issued_at": BORN}


def text(**fields):
    return json.dumps({**LEAST, **fields}).encode()


def policy(*networks):
    return parse(text(networks=networks), "a test")


def refused(content):
    with pytest.raises(ProvisionRefused) as error:
        parse(content, "sites/kisumu/policy.json")
    assert error.value.cause == "E-POLICY"
    assert error.value.what.startswith("the policy in sites/kisumu/policy.json cannot be used: ")
    assert "\n" not in str(error.value)
    return error.value.what.removeprefix("the policy in sites/kisumu/policy.json cannot be used: ")


ADMITTED = [
    "10.0.0.0/8",
    "10.20.0.0/16",
    "172.16.0.0/12",
    "172.31.255.0/24",
    "192.168.0.0/16",
    "192.168.1.0/24",
    "192.168.1.7/32",
    "169.254.0.0/16",
    "127.0.0.0/8",
]


@pytest.mark.parametrize("network", ADMITTED)
def test_a_private_network_is_admitted(network):
    assert policy(network).networks == (IPv4Network(network),)


def test_an_address_alone_is_a_network_of_one():
    assert policy("192.168.1.7").networks == (IPv4Network("192.168.1.7/32"),)


NOT_PRIVATE = [
    "8.8.8.0/24",
    "11.0.0.0/8",
    "172.15.0.0/16",
    "172.32.0.0/16",
    "192.169.0.0/16",
    "100.64.0.0/10",  # shared with other customers of a provider (RFC 6598)
    "224.0.0.0/8",
    "240.0.0.0/8",
    "203.0.113.0/24",
    "255.255.255.255/32",
    "0.0.0.0/8",
]
LARGER = ["0.0.0.0/0", "10.0.0.0/7", "172.0.0.0/11", "192.168.0.0/15"]


@pytest.mark.parametrize("network", [*NOT_PRIVATE, *LARGER])
def test_a_network_that_is_not_private_as_a_whole_is_refused(network):
    assert refused(text(networks=["10.0.0.0/8", network])) == "networks.1: it is no private network, such as 192.168.1.0/24"


@pytest.mark.parametrize(
    "network", ["192.168.1.5/24", "fd00::/64", "::ffff:192.168.1.0/120", "192.168.1.0/33", "kisumu", "", None, 1.5, "10.0.0.0/8\nx=y"]
)
def test_what_is_no_ipv4_network_is_refused(network):
    assert refused(text(networks=[network])) == "networks.0: Input is not a valid IPv4 network"


def test_a_policy_without_networks_opens_the_pages_to_nobody():
    closed = parse(text(), "a test")
    assert (closed.networks, closed.port) == ((), PORT)
    assert not closed.admits("192.168.1.1")


def test_more_networks_than_a_site_has_are_refused():
    networks = [f"10.0.{number}.0/24" for number in range(MOST_NETWORKS + 1)]
    assert len(policy(*networks[:-1]).networks) == MOST_NETWORKS
    assert refused(text(networks=networks)).startswith("networks: ")


@pytest.mark.parametrize(("port", "admitted"), [(1023, False), (1024, True), (8443, True), (65535, True), (65536, False), (-1, False)])
def test_a_port_is_one_that_needs_no_rights(port, admitted):
    if admitted:
        assert parse(text(port=port), "a test").port == port
    else:
        assert refused(text(port=port)).startswith("port: ")


@pytest.mark.parametrize("site", ["k", "kisumu", "st-mary.2_b", "9", "a" * 63])
def test_the_name_of_a_site_is_that_of_its_role(site):
    assert parse(text(site=site), "a test").site == site


@pytest.mark.parametrize("site", ["", "Kisumu", "-a", ".", "..", "a/b", "a b", "kisumu\n", "a" * 64, "é", None, 1])
def test_another_name_is_refused(site):
    assert refused(text(site=site)).startswith("site: ")


def test_a_policy_states_its_time_zone():
    assert parse(text(), "a test").issued_at == datetime(2026, 11, 30, 9, tzinfo=timezone.utc)
    assert refused(text(issued_at="2026-11-30T09:00:00")).startswith("issued_at: ")


def test_fields_of_a_newer_program_are_ignored():
    newer = parse(text(networks=["192.168.1.0/24"], tablets=[{"name": "ward 1"}]), "a test")
    assert newer == policy("192.168.1.0/24")


def test_nobody_changes_a_policy():
    with pytest.raises(ValidationError, match="frozen"):
        policy("192.168.1.0/24").networks = ()


def test_a_policy_that_is_written_is_read_as_the_same():
    stated = policy("192.168.1.0/24", "10.0.0.0/8")
    assert parse(stated.model_dump_json().encode(), "a test") == stated


GARBAGE = {
    "nothing": b"",
    "no object": b"[]",
    "null": b"null",
    "no text": b"\xff\xfe\x00",
    "deep": b"[" * 5000,
    "half a letter": b'{"site": "\\ud800"}',
    "no field": b"{}",
    "networks that are no list": text(networks="192.168.1.0/24"),
    "networks that are an object": text(networks={"192.168.1.0/24": 1}),
    "a port that is none": text(port="https"),
    "a time that is none": text(issued_at="today"),
    "a time without end": b'{"site": "kisumu", "issued_at": 1e400}',
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_refused(content):
    assert refused(content)


@given(st.integers(0, len(text(networks=["10.0.0.0/8"])) - 1))
def test_a_policy_that_was_cut_is_refused(length):
    assert refused(text(networks=["10.0.0.0/8"])[:length])


@given(
    st.binary(max_size=200) | st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_any_other_bytes_are_refused_too(content):
    assert refused(content)


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers() | st.text(), max_size=3)


@given(st.fixed_dictionaries({"site": VALUES, "issued_at": VALUES, "networks": VALUES, "port": VALUES}))
def test_values_of_any_type_make_a_policy_of_private_networks_or_none_at_all(fields):
    made = None
    with suppress(ProvisionRefused):
        made = parse(json.dumps(fields).encode(), "a test")
    assert made is None or all(any(network.subnet_of(each) for each in PRIVATE) for network in made.networks)


def test_the_first_fault_is_stated_with_its_place():
    with pytest.raises(ValidationError) as error:
        Policy(site="Kisumu", issued_at=datetime(2026, 11, 30, tzinfo=timezone.utc), port=80)
    assert fault(error.value).startswith("site: String should match pattern")


# which client is admitted


@pytest.mark.parametrize(
    ("address", "admitted"),
    [
        ("192.168.1.0", True),
        ("192.168.1.77", True),
        ("192.168.1.255", True),
        ("10.9.8.7", True),
        ("192.168.0.255", False),
        ("192.168.2.0", False),
        ("8.8.8.8", False),
        ("127.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("::ffff:192.168.1.77", False),
        ("192.168.1.77%eth0", False),
        ("192.168.1.077", False),
        (" 192.168.1.77", False),
        ("192.168.1.77\n", False),
        ("192.168.1", False),
        ("3232235853", False),
        ("tablet.local", False),
        ("", False),
    ],
)
def test_a_client_is_admitted_by_its_ipv4_address(address, admitted):
    assert policy("192.168.1.0/24", "10.0.0.0/8").admits(address) is admitted


@st.composite
def private(draw):
    around = draw(st.sampled_from(PRIVATE))
    bits = draw(st.integers(around.prefixlen, 32))
    at = draw(st.integers(int(around[0]), int(around[-1])))
    return IPv4Network((at, bits), strict=False)


@st.composite
def networks_and_client(draw):
    """Clients are anywhere, or at the edges of a network."""
    networks = draw(st.lists(private(), max_size=MOST_NETWORKS))
    edges = [int(edge) + step for each in networks for edge in (each[0], each[-1]) for step in (-1, 0, 1)]
    anywhere = st.ip_addresses().map(str)
    return networks, str(draw(anywhere if not edges else anywhere | st.sampled_from(edges).map(IPv4Address).map(str)))


@given(networks_and_client())
def test_a_client_is_admitted_exactly_if_it_is_in_a_network(drawn):
    networks, client = drawn
    assert policy(*map(str, networks)).admits(client) is any(ip_address(client) in network for network in networks)


@given(st.text())
def test_no_text_is_an_error(address):
    assert policy("10.0.0.0/8").admits(address) in (True, False)


# what is stored on the board


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_a_board_without_a_policy_belongs_to_no_site(place):
    assert policy_of(place) is None
    assert policy_of(Place(place.root / "absent")) is None


def test_the_stored_policy_is_that_of_the_board(place):
    place.site.write_bytes(text(networks=["10.0.0.0/8"]))
    assert policy_of(place) == policy("10.0.0.0/8")


def test_a_policy_of_the_largest_size_is_read(place):
    place.site.write_bytes(text().ljust(MOST_BYTES))
    assert policy_of(place) == policy()


STORED = {
    "damaged": (lambda path: path.write_bytes(text()[:-1]), "cannot be used: it: Invalid JSON"),
    "empty": (lambda path: path.write_bytes(b""), "cannot be used: it: Invalid JSON"),
    "a link": (lambda path: path.symlink_to("elsewhere"), "cannot be read (it is a link)"),
    "a folder": (lambda path: path.mkdir(), "cannot be read (Is a directory)"),
    "too large": (lambda path: path.write_bytes(text().ljust(MOST_BYTES + 1)), f"it holds more than {MOST_BYTES} bytes"),
}


@pytest.mark.parametrize(("store", "line"), STORED.values(), ids=STORED)
def test_a_stored_policy_that_cannot_be_used_is_not_taken_for_none(place, store, line):
    (place.root / "elsewhere").write_bytes(text(networks=["10.0.0.0/8"]))
    store(place.site)
    with pytest.raises(ProvisionRefused) as error:
        policy_of(place)
    assert error.value.cause == "E-POLICY"
    assert str(place.site) in error.value.what
    assert error.value.fix == "Leave the site, then take its policy again: sonoedge provision site leave"
    assert line in error.value.what
