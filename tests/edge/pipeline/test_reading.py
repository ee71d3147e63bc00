"""The reading loop runs again after a failure, with a new interpreter, and every frame is accounted for."""

import threading

import pytest

from edge.inference.admission import admit
from edge.inference.release import BUILT_IN
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.loop import READ_FAILED, Pipeline
from edge.pipeline.reading import ReadingLoop
from edge.pipeline.times import Times


def test_it_is_ready_when_the_model_is_warm_and_ends_when_it_is_closed(reader):
    pipeline = Pipeline(reader, Hub(), Counts(), Times())
    loop = ReadingLoop(pipeline, lambda: None)
    thread = threading.Thread(target=loop.run)
    assert not loop.ready.is_set()
    thread.start()
    assert loop.ready.wait(60)
    loop.close()
    thread.join(60)
    assert not thread.is_alive()


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3)])
def test_after_a_failure_it_reads_with_a_new_interpreter_and_the_waiting_frame_is_counted(reader, listed_source, pixels, error):
    hub, counts = Hub(), Counts()
    pipeline = Pipeline(reader, hub, counts, Times())
    other = admit(BUILT_IN / "lung-m", 1)
    loop = ReadingLoop(pipeline, lambda: pipeline.replace(other))
    publish = hub.publish

    def fail(_):
        hub.publish = publish
        pipeline.feed(listed_source([pixels]))  # this one waits when the loop ends
        raise error

    hub.publish = fail
    pipeline.feed(listed_source([pixels]))
    with pytest.raises(type(error)):
        loop.run()
    assert counts.snapshot().dropped == {READ_FAILED: 1}
    thread = threading.Thread(target=loop.run)
    pipeline.close()
    thread.start()
    thread.join(60)
    assert pipeline.reader is other
    assert counts.snapshot().dropped == {READ_FAILED: 2}
    assert counts.snapshot().received == 2
