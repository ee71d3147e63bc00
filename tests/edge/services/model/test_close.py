"""The service of the models is closed once the appliance stops, however often that is asked."""

import pytest

from edge.inference.choice import decide
from edge.inference.release import BUILT_IN
from edge.inference.shelf import Shelf
from edge.people.actor import APPLIANCE_ACTOR
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.loop import Pipeline
from edge.pipeline.times import Times
from edge.records.notices import Notices
from edge.services.model import ChangeRuns, ModelRecords, ModelService
from edge.settings import Settings


@pytest.fixture
def models(tmp_path, store):
    shelf = Shelf.of(tmp_path)
    decision = decide(BUILT_IN / "lung-s", shelf, 1)
    pipeline = Pipeline(decision.reader, Hub(), Counts(), Times())
    return ModelService(decision, pipeline, shelf, Settings(data_dir=tmp_path, threads=1), ModelRecords(store, Notices(store)))


def test_closing_twice_neither_hangs_nor_opens_it_again(models):
    models.shadow(APPLIANCE_ACTOR, "lung-m")
    models.close()
    models.close()
    with pytest.raises(ChangeRuns):
        models.shadow(APPLIANCE_ACTOR, "lung-m")


def test_reloading_reads_the_same_release_with_another_interpreter(models):
    before = models._pipeline.reader
    models.reload()
    assert models._pipeline.reader is not before
    assert models.release.ident == before.release.ident
