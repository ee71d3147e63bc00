from threading import Event, Timer

from firmware_bridge.sources.node import NodeWatch


def test_a_node_that_appears_ends_the_wait(tmp_path):
    watch = NodeWatch(f"serial://{tmp_path / 'port'}")
    timer = Timer(0.1, (tmp_path / "port").touch)
    timer.start()
    assert watch.wait(30, Event())
    timer.join()


def test_a_node_that_is_replaced_counts_as_new(tmp_path):
    port, other = tmp_path / "port", tmp_path / "other"
    port.touch()
    watch = NodeWatch(f"serial://{port}")
    other.touch()
    other.rename(port)
    assert watch.wait(30, Event())


def test_a_node_that_goes_or_stays_does_not_end_the_wait(tmp_path):
    port = tmp_path / "port"
    port.touch()
    watch = NodeWatch(f"serial://{port}")
    assert not watch.wait(0.15, Event())
    port.unlink()
    assert not watch.wait(0.15, Event())


def test_nothing_is_watched_where_there_is_no_node_and_enough_ends_every_wait():
    enough = Event()
    enough.set()
    for url in ("virtual://chest", "igtl://host", "not a url", "serial:///dev/none"):
        assert not NodeWatch(url).wait(30, enough)
