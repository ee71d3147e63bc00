"""A protocol file is not trusted: whatever is wrong with it is stated with its file, zone and field, and nothing else is ever raised."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from edge.exam.protocol.file import LARGEST, SHIPPED, load_catalogue, load_protocol, parse_protocol
from edge.exam.protocol.protocol import Protocol, ProtocolInvalid, ProtocolUnknown

BLUE = (SHIPPED / "blue-6.yaml").read_text()
DOCS = Path(__file__).resolve().parents[4] / "docs" / "protocols.md"


def refused(text: str | bytes) -> str:
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(ProtocolInvalid) as raised:
        parse_protocol(content, "site.yaml")
    assert raised.value.code == "protocol-invalid"
    stated = str(raised.value)
    assert stated.startswith("site.yaml")
    assert "\n" not in stated
    assert len(stated) < 400
    return stated


@pytest.mark.parametrize(
    ("old", "new", "stated"),
    [
        ("{id: L2,", "{id: L1,", "zone L1 is there twice"),
        ("b_lines: present", "c_lines: present", "score.patterns.1.when.c_lines: 'c_lines', input should be 'b_lines'"),
        ("[b_lines, a_lines, severity_2_plus]", "[b_lines, effusion]", "findings.1: 'effusion'"),
        ("[b_lines, a_lines, severity_2_plus]", "[b_lines]", "the score asks for severity_2_plus, which acquisition 'any' does not"),
        ("[80, 160]", "[160, 80]", "acquisitions.any.depth_mm: the limits are crossed: 160 is not below 80"),
        ("[2, 7.5]", "[5, 5]", "frequency_mhz: the limits are crossed"),
        ("[80, 160]", "[nan, 160]", "depth_mm.0: 'nan', input should be a finite number"),
        ("[80, 160]", "[80, .inf]", "depth_mm.1: '.inf'"),
        ("[80, 160]", "[-3, 160]", "depth_mm.0: '-3', input should be greater than or equal to 5"),
        ("[80, 160]", "[80, 120, 160]", "depth_mm"),
        ("[80, 160]", "deep", "depth_mm: 'deep'"),
        ("seconds: 3", "seconds: soon", "seconds: 'soon', input should be a valid number"),
        ("seconds: 3", "secs: 3", "acquisitions.any.secs: no such field. Remove it, or correct its spelling"),
        ("    seconds: 3 # the", "    # the", "acquisitions.any.seconds: this is missing. Add it"),
        ("x: 0.70, y: 0.48", "x: 70, y: 0.48", "zone L2: draw.x: '70', input should be less than or equal to 1"),
        ("x: 0.70, y: 0.48", "x: 0.30, y: 0.48", "zone L2: the zone is on the patient's left, but x = 0.3 of the front view is not"),
        ("{id: L2,", "{", "zone number 2: id: this is missing"),
        ("{id: L2, name: Left lower BLUE-point", "{id: L2, name: [a]", "zone L2: name: ['a'], input should be a valid string"),
        ("acquisition: any}", "acquisition: none}", "zone L1: acquisition 'none' is not one of any"),
        ("side: right", "side: starboard", "zone R1: side: 'starboard'"),
        ("version: 1.0.0", "version: one", "version: 'one'"),
        ("id: blue-6", "id: ../blue", "id: '../blue'"),
        ("{score: 3", "{score: 4", "score.patterns.3.score: '4'"),
        ("{score: 3", "{score: 1", "scores 0, 1, 2, 1 do not rise"),
        ("when: {b_lines: present}", "when: {}", "score.patterns.1.when"),
        ("probes: [curvilinear, sector]", "probes: [linear, linear]", "probes: an entry is there twice"),
        ("id: blue-6", "id: blue-6\nid: blue-7", "line 5: 'id' is there twice"),
        ("acquisition: any}", "acquisition: any}}", "is not YAML: line"),
    ],
)
def test_each_fault_is_stated_with_its_place(old: str, new: str, stated: str) -> None:
    assert old in BLUE
    assert stated in refused(BLUE.replace(old, new, 1))


def test_a_protocol_without_zones_is_refused() -> None:
    before, rest = BLUE.split("zones:\n")
    at = rest.index("score:\n")
    assert "zones: []" in refused(f"{before}zones: []\n{rest[at:]}")


@pytest.mark.parametrize(
    ("content", "stated"),
    [
        ("", "is not a protocol"),
        ("- a list", "is not a protocol"),
        ("just words", "is not a protocol"),
        (b"\xff\xd8\xff\xe0", "is not YAML"),
        ("\x00", "is not YAML"),
        ("a: 1\n--- \nb: 2", "is not YAML"),
        ("[" * 9000, "more than 12 levels"),
        ("{a: " * 9000, "more than 12 levels"),
        ("a: &a [x]\nb: *a", "line 2: aliases (*) are not read"),
        ("? [a]\n: b", "is not YAML"),
        ("!!python/object/apply:os.system ['true']", "is not a protocol"),
        ("x" * (LARGEST + 1), "has more than 65536 bytes"),
    ],
)
def test_what_is_no_protocol_at_all_is_refused(content: str | bytes, stated: str) -> None:
    assert stated in refused(content)


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert "line 2: aliases" in refused("\n".join(lines))


def test_words_stay_words() -> None:
    text = BLUE.replace("{id: L2,", "{id: NO,").replace("presets: [lung, lus, thora, pleura]", "presets: [2020-01-01, on]")
    protocol = parse_protocol(text.encode(), "site.yaml")
    assert protocol.zones[1].id == "NO"
    assert protocol.acquisitions["any"].presets == ("2020-01-01", "on")


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(Protocol.model_fields)) | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=20,
)


def never_anything_else(content: bytes) -> None:
    try:
        parse_protocol(content, "site.yaml")
    except ProtocolInvalid as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right


@given(tree=trees)
def test_any_yaml_is_a_protocol_or_refused(tree: object) -> None:
    never_anything_else(yaml.safe_dump(tree).encode())


@given(content=st.binary(max_size=200) | st.text(alphabet="{}[]:,-?|>&*!%@#'\" \n\tab0~", max_size=60).map(str.encode))
@example(content=b"\xfe\xff")
def test_any_bytes_are_a_protocol_or_refused(content: bytes) -> None:
    never_anything_else(content)


@given(
    place=st.integers(0, len(BLUE) - 1),
    length=st.integers(0, 40),
    put=st.text(alphabet="{}[]:,-&*!#'\" \n.0159aeinNx", max_size=10),
)
def test_a_damaged_protocol_is_a_protocol_or_refused(place: int, length: int, put: str) -> None:
    never_anything_else((BLUE[:place] + put + BLUE[place + length :]).encode())


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(ProtocolInvalid, match=r"none\.yaml cannot be read \(No such file"):
        load_protocol(tmp_path / "none.yaml")
    with pytest.raises(ProtocolInvalid, match="Is a directory"):
        load_protocol(tmp_path)


def test_a_site_adds_its_own_and_a_broken_one_takes_no_other_with_it(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(BLUE.replace("id: blue-6", "id: ward-3"))
    (tmp_path / "broken.yaml").write_text(BLUE.replace("[80, 160]", "[160, 80]"))
    (tmp_path / "taken.yaml").write_text(BLUE)
    (tmp_path / "notes.txt").write_text("no protocol")
    catalogue = load_catalogue(tmp_path)
    assert [each.id for each in catalogue.protocols] == ["blue-6", "lus-8", "lus-12", "lus-14", "ward-3"]
    assert catalogue.named("ward-3").zones == catalogue.named("blue-6").zones
    broken, taken = map(str, catalogue.problems)
    assert "broken.yaml: acquisitions.any.depth_mm" in broken
    assert "taken.yaml: id: another protocol has the id 'blue-6'" in taken


def test_a_site_without_a_folder_has_the_shipped_ones(tmp_path: Path) -> None:
    assert load_catalogue(tmp_path / "none") == load_catalogue()


def test_an_unknown_id_names_a_near_one_and_a_file_that_could_have_been_it(tmp_path: Path) -> None:
    with pytest.raises(ProtocolUnknown, match=r"No protocol 'blue6'\. Did you mean blue-6"):
        load_catalogue().named("blue6")
    with pytest.raises(ProtocolUnknown, match="Known protocols: blue-6, lus-8, lus-12, lus-14"):
        load_catalogue().named("heart")
    (tmp_path / "heart.yaml").write_text("id: heart")
    with pytest.raises(ProtocolUnknown, match=r"a file could not be used: .*heart\.yaml"):
        load_catalogue(tmp_path).named("heart")


def test_the_example_of_the_documentation_can_be_used() -> None:
    example_ = re.search(r"```yaml\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert example_ is not None
    assert parse_protocol(example_[1].encode(), "docs/protocols.md").id == "ward-4"


def test_the_documentation_tells_every_field() -> None:
    schema = Protocol.model_json_schema()
    fields = set(schema["properties"]).union(*(set(part.get("properties", {})) for part in schema["$defs"].values()))
    assert fields >= {"zones", "depth_mm", "unreadable"}
    text = DOCS.read_text()
    assert {field for field in fields if f"`{field}`" not in text} == set()
