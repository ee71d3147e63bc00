"""A disk in memory whose power can be cut at each operation.

What was not synced may be there after a cut, or not: the content of a file (whole, lost, empty, or its first half), and each name that was
made, moved or removed. `after_cut` gives every such disk that `VARIANTS` describes.
"""

import errno
import io
import itertools
import os
from dataclasses import dataclass, field
from pathlib import Path


class PowerCut(BaseException):
    """Not an Exception: no code may catch it."""


@dataclass(eq=False)
class Node:
    """A file (content), a link (target) or a folder (neither)."""

    content: bytes | None = None
    synced: bytes | None = None
    target: str | None = None

    @property
    def is_folder(self):
        return self.content is None and self.target is None


@dataclass
class Change:
    """A change of names: `node` gets the name `path` (None: the name goes), and `old` goes."""

    path: Path
    node: Node | None
    old: Path | None = None
    durable: bool = False


CONTENTS = ("kept", "lost", "empty", "torn")


@dataclass
class CrashDisk:
    """`fails` maps the number of an operation to the errno that it raises instead; `cut_at` is the operation that never happens."""

    names_: dict[Path, Node] = field(default_factory=lambda: {Path("/"): Node()})
    cut_at: int | None = None
    fails: dict[int, int] = field(default_factory=dict)
    free: int = 10**12
    done: int = 0

    def __post_init__(self):
        self.base = dict(self.names_)
        self.changes = []

    # operations that change the disk

    def _count(self, path):
        if self.cut_at is not None and self.done >= self.cut_at:
            raise PowerCut
        self.done += 1
        if (number := self.fails.get(self.done - 1)) is not None:
            raise OSError(number, os.strerror(number), str(path))

    def write(self, path, pieces, mode=0o644):  # noqa: ARG002
        self._count(path)
        node = self._file_to_write(path)
        node.content = b""
        for piece in pieces:
            node.content += piece

    def append(self, path, content):
        self._count(path)
        node = self._file_to_write(path)
        node.content += content

    def _file_to_write(self, path):
        node = self.names_.get(path)
        if node is None:
            self._need_folder(path.parent)
            node = Node(content=b"")
            self._change(Change(path, node))
        if node.content is None:
            raise OSError(errno.EISDIR, "it is no file", str(path))
        return node

    def link(self, target, path):
        self._count(path)
        self._need_folder(path.parent)
        if path in self.names_:
            raise FileExistsError(errno.EEXIST, "it exists", str(path))
        self._change(Change(path, Node(target=target)))

    def make_folder(self, path):
        self._count(path)
        self._need_folder(path.parent)
        if path in self.names_:
            raise FileExistsError(errno.EEXIST, "it exists", str(path))
        self._change(Change(path, Node()))

    def rename(self, old, new):
        self._count(old)
        self._need_folder(new.parent)
        self._change(Change(new, self._at(old), old))

    def remove(self, path):
        self._count(path)
        if self._at(path).is_folder:
            raise OSError(errno.EISDIR, "it is a folder", str(path))
        self._change(Change(path, None))

    def remove_folder(self, path):
        self._count(path)
        if self.names(path):
            raise OSError(errno.ENOTEMPTY, "it is not empty", str(path))
        self._change(Change(path, None))

    def sync(self, path):
        self._count(path)
        node = self._at(path)
        if node.is_folder:
            for change in self.changes:
                change.durable |= path in (change.path.parent, change.old and change.old.parent)
        else:
            node.synced = node.content

    def sync_tree(self, path):
        for name in self.names(path):
            inside = path / name
            if self.is_folder(inside):
                self.sync_tree(inside)
            elif self.names_[inside].target is None:
                self.sync(inside)
        self.sync(path)

    def _change(self, change):
        self.changes.append(change)
        _apply(self.names_, change)

    # questions

    def exists(self, path):
        return path in self.names_

    def is_folder(self, path):
        return path in self.names_ and self.names_[path].is_folder

    def names(self, path):
        self._need_folder(path)
        return sorted(name.name for name in self.names_ if name.parent == path and name != path)

    def read(self, path):
        node = self._at(path)
        if node.content is None:
            raise OSError(errno.EISDIR, "it is no file", str(path))
        return node.content

    def open(self, path):
        return io.BytesIO(self.read(path))

    def read_link(self, path):
        node = self._at(path)
        if node.target is None:
            raise OSError(errno.EINVAL, "it is no link", str(path))
        return node.target

    def free_bytes(self, path):  # noqa: ARG002
        return self.free

    def size(self, path):
        return len(self._at(path).content or b"")

    def _at(self, path):
        if path not in self.names_:
            raise FileNotFoundError(errno.ENOENT, "there is no such file", str(path))
        return self.names_[path]

    def _need_folder(self, path):
        if not self._at(path).is_folder:
            raise NotADirectoryError(errno.ENOTDIR, "it is no folder", str(path))

    # after a cut

    def after_cut(self):
        """Every disk that this one may be when the power is back."""
        open_ = [number for number, change in enumerate(self.changes) if not change.durable]
        keeps = {frozenset(open_), frozenset()}
        keeps |= {frozenset(open_[:count]) for count in range(len(open_))}  # a journal keeps the order of changes
        keeps |= {frozenset(open_) - {number} for number in open_[-LAST:]}  # a disk need not
        for kept, content in itertools.product(sorted(keeps, key=sorted), CONTENTS):
            yield self._left(kept, content)

    def _left(self, kept, content):
        names = dict(self.base)
        for number, change in enumerate(self.changes):
            if change.durable or number in kept:
                _apply(names, change)
        copies = {}
        return CrashDisk({path: copies.setdefault(id(node), _settled(node, content)) for path, node in names.items()}, free=self.free)

    def copy(self):
        """The same disk, with everything durable."""
        copies = {}
        made = {path: copies.setdefault(id(node), Node(node.content, node.content, node.target)) for path, node in self.names_.items()}
        return CrashDisk(made, free=self.free)


LAST = 4
"""Of the last unsynced names, each may be the only one that is lost."""


def _apply(names, change):
    if change.path.parent not in names or not names[change.path.parent].is_folder:
        return  # its folder was lost
    if change.old is not None:
        names.pop(change.old, None)
    if change.node is not None:
        names[change.path] = change.node
    elif (removed := names.pop(change.path, None)) is not None and removed.is_folder:
        for path in [path for path in names if change.path in path.parents]:  # their own removal was lost
            del names[path]


def _settled(node, content):
    if node.content is None or node.content == node.synced:
        return Node(node.content, node.content, node.target)
    safe = node.synced if node.synced and node.content.startswith(node.synced) else b""  # what was appended to stays
    torn = node.content[: (len(safe) + len(node.content)) // 2]
    left = {"kept": node.content, "lost": node.synced or b"", "empty": safe, "torn": torn}[content]
    return Node(left, left)
