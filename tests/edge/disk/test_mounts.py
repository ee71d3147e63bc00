"""The text of /proc/self/mountinfo: every mount that can be a stick is found, whatever its name, and no text makes it fail."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.disk.mounts import Mount, mounts_in, on_sticks

REAL = """22 27 0:21 / /proc rw,relatime shared:14 - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
61 27 0:45 / /media rw,nosuid,nodev shared:31 - tmpfs tmpfs rw,size=64k
92 61 8:17 / /media/stick rw,nosuid,nodev shared:55 - vfat /dev/sdb1 rw,uid=999
93 27 8:33 / /media/almaz/MY\\040STICK ro,nosuid - ext4 /dev/sdc1 ro
94 27 0:50 / /mnt/server rw - nfs4 server:/share rw
95 27 8:49 / /mnt rw - exfat /dev/sdd1 rw
96 27 0:51 / /mnt/memory rw - tmpfs none rw
97 27 8:65 / /srv/disk rw - ext4 /dev/sde1 rw
a line of another form
"""
PLACES = (Path("/media"), Path("/mnt"))
NAMES = st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=20)


def escaped(text):
    """As the kernel writes a name (seq_path_root, fs/proc_namespace.c)."""
    return "".join(f"\\{ord(each):03o}" if each in " \t\n\\" else each for each in text)


def test_the_fields_of_a_mount_are_read():
    found = {str(each.point): each for each in mounts_in(REAL)}
    assert found["/media/stick"] == Mount("92", "8:17", Path("/media/stick"), True, "vfat", "/dev/sdb1")
    assert not found["/media/almaz/MY STICK"].writable
    assert len(found) == 9


def test_sticks_are_disks_of_this_machine_in_the_places_for_them():
    there = [str(each.point) for each in on_sticks(mounts_in(REAL), PLACES)]
    assert there == ["/media/stick", "/media/almaz/MY STICK", "/mnt", "/mnt/memory"]


def test_of_two_mounts_at_one_folder_the_last_counts():
    text = "1 0 8:1 / /mnt/a ro - vfat /dev/sda1 ro\n2 0 8:2 / /mnt/b rw - vfat /dev/sdb1 rw\n3 0 8:3 / /mnt/a rw - ext4 /dev/sdc1 rw\n"
    assert [(each.number, str(each.point)) for each in mounts_in(text)] == [("2", "/mnt/b"), ("3", "/mnt/a")]


def test_a_file_system_that_is_read_only_under_a_mount_that_is_not_takes_no_writes():
    (mount,) = mounts_in("1 0 8:1 / /mnt/a rw - vfat /dev/sda1 ro\n")
    assert not mount.writable


@given(st.lists(NAMES, min_size=1, max_size=4), NAMES, st.booleans(), st.lists(st.sampled_from(["shared:1", "master:2"]), max_size=2))
def test_every_name_of_a_folder_and_of_a_source_is_read_as_it_is(parts, source, writable, optional):
    point, mode = "/media/" + "/".join(parts), "rw" if writable else "ro"
    fields = ["36", "35", "98:0", "/", escaped(point), f"{mode},noatime", *optional, "-", "ext3", escaped(f"/dev/{source}"), f"{mode},x=y"]
    assert mounts_in(" ".join(fields) + "\n") == (Mount("36", "98:0", Path(point), writable, "ext3", f"/dev/{source}"),)


@given(st.text())
def test_no_text_makes_it_fail(text):
    assert all(isinstance(each, Mount) for each in mounts_in(text))
    assert mounts_in(f"{REAL}{text.replace(' - ', '')}") == mounts_in(REAL)
