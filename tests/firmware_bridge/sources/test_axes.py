"""Which axis is which, in any order that a program writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.sources.axes import PLAIN, AxesUnclear, axes_of

SPELLINGS = {
    "columns": ["domain", "space", "???"],
    "rows": ["domain", "none"],
    "frames": ["list", "time", "Time"],
    "channels": ["vector", "RGB-color"],
}
SIZES = {"columns": 80, "rows": 60, "frames": 6, "channels": 3}


@given(st.data())
def test_each_role_is_found_wherever_its_axis_lies_and_single_slices_are_passed_over(data):
    roles = data.draw(st.permutations(["columns", "rows", *data.draw(st.sets(st.sampled_from(["frames", "channels"])))]))
    at, rows_at = roles.index("columns"), roles.index("rows")
    if at > rows_at:
        roles[at], roles[rows_at] = "rows", "columns"
    axes = [(role, SIZES[role], data.draw(st.sampled_from(SPELLINGS[role]))) for role in roles]
    for _ in range(data.draw(st.integers(0, 2))):
        axes.insert(data.draw(st.integers(0, len(axes))), ("slice", 1, data.draw(st.sampled_from(["domain", "list", "time", "scalar"]))))
    found = axes_of([size for _, size, _ in axes], [kind for _, _, kind in axes])
    assert (found.size(found.columns), found.size(found.rows)) == (80, 60)
    assert (found.size(found.frames), found.size(found.channels)) == (6 if "frames" in roles else 1, 3 if "channels" in roles else 1)
    assert set(found.order) == set(PLAIN)
    assert [role for role in found.order if role in roles] == roles[::-1]


@pytest.mark.parametrize(
    ("sizes", "columns", "rows", "frames"),
    [([80, 60], 80, 60, 1), ([80, 60, 6], 80, 60, 6), ([80, 60, 1, 6], 80, 60, 6), ([80, 60, 6, 1], 80, 60, 6), ([1, 80, 60], 80, 60, 1)],
)
def test_without_kinds_the_first_two_are_the_image_and_the_next_is_time(sizes, columns, rows, frames):
    found = axes_of(sizes, [])
    assert (found.size(found.columns), found.size(found.rows), found.size(found.frames)) == (columns, rows, frames)


def test_a_list_is_time_and_is_colour_only_beside_another_time_axis():
    assert axes_of([3, 80, 60], ["list", "domain", "domain"]).frames == 0
    assert axes_of([3, 80, 60, 6], ["list", "domain", "domain", "list"]).channels == 0
    assert axes_of([3, 80, 60, 6], ["list", "domain", "domain", "domain"]).channels == 0


@pytest.mark.parametrize(
    ("sizes", "kinds", "why"),
    [
        ([80, 60, 6], ["domain", "domain"], "contradicts itself"),
        ([80, 60, 5, 6], [], "not those of an image"),
        ([80, 60, 5, 6], ["domain", "domain", "domain", "list"], "not those of an image"),
        ([80, 6], ["domain", "list"], "not those of an image"),
        ([80, 60, 6, 7], ["domain", "domain", "list", "time"], "not those of an image"),
        ([2, 80, 60], ["vector", "domain", "domain"], "a pixel has 2 values"),
        ([2, 80, 60], ["complex", "domain", "domain"], "complex"),
        ([3, 80, 60], ["HSV-color", "domain", "domain"], "hsv-color"),
    ],
)
def test_axes_that_are_no_sequence_of_images_are_refused_with_the_reason(sizes, kinds, why):
    with pytest.raises(AxesUnclear, match=why):
        axes_of(sizes, kinds)
