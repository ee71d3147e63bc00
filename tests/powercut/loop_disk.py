"""An ext4 disk in a file, and what a power cut leaves of it.

The file is mounted through a loop device: data reaches it only when ext4 sends it to its device. A copy of the file does not contain data
that ext4 holds in memory. A loop device cannot simulate a disk that loses accepted data before a flush, or that tears a sector.
"""

import filecmp
import os
import shutil
import subprocess


class Disk:
    """An image with ext4, and the folder at which it is mounted."""

    def __init__(self, image, place):
        self.image, self.place = image, place
        place.mkdir(exist_ok=True)

    def make(self, megabytes, journal_mb, *options):
        with self.image.open("wb") as file:
            file.truncate(megabytes * 1024 * 1024)
        run("mkfs.ext4", "-q", "-F", "-J", f"size={journal_mb}", str(self.image))
        return self.mount(*options)

    def mount(self, *options):
        run("mount", "-o", ",".join(("loop", *options)), "-t", "ext4", str(self.image), str(self.place))
        return self

    def unmount(self):
        if os.path.ismount(self.place):
            run("umount", str(self.place))


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


def copy_still(image, copy):
    """Data on its way to the device still arrives after the stop. Two equal copies show that no more arrives."""
    again = copy.with_suffix(".again")
    shutil.copyfile(image, copy)
    for _ in range(20):
        shutil.copyfile(image, again)
        if filecmp.cmp(copy, again, shallow=False):
            again.unlink()
            return
        again.replace(copy)
    raise AssertionError("the disk continued to change")
