"""An exam as it is handed on has every zone of its protocol, with what stands behind each."""


def test_every_zone_of_the_protocol_is_there_with_its_state(handed):
    assert [zone.zone.id for zone in handed.zones] == [zone.id for zone in handed.protocol.zones]
    states = {zone.zone.id: zone.summary.state for zone in handed.zones}
    assert states == {"R1": "done", "R2": "skipped", "R3": "not examined", "L1": "done", "L2": "done", "L3": "done"}


def test_a_clip_that_was_taken_again_is_rejected_and_the_newer_one_counts(handed):
    assert [clip.record.file for clip in handed.rejected] == ["R1-1.mcap"]
    counts = {zone.zone.id: zone.clip.record.file for zone in handed.zones if zone.clip}
    assert counts == {zone: f"{zone}.mcap" for zone in ("L1", "L2", "L3", "R1")}
    assert all(zone.clip.path.is_file() for zone in handed.zones if zone.clip)


def test_the_algorithm_of_the_findings_is_known_with_its_digest(handed):
    (algorithm,) = handed.algorithms.values()
    assert (algorithm.name, len(algorithm.sha256)) == ("lung-m", 64)
    assert "b_lines present from" in algorithm.parameters


def test_an_algorithm_that_is_not_on_the_shelf_keeps_its_name(ward):
    from edge.exchange.hand_over import algorithm_on
    from edge.inference.shelf import Shelf

    gone = algorithm_on(Shelf.of(ward.folder), "lung-x-7.1.0")
    assert (gone.name, gone.version, gone.sha256) == ("lung-x", "7.1.0", "")


def test_the_newest_report_is_handed_on(handed):
    assert (handed.report.status, handed.report.number, len(handed.reports)) == ("final", 1, 1)


def test_an_exam_without_a_report_has_a_preliminary_one(ward):
    handed = ward.handed(ward.take(identifier="P-0002"))
    assert (handed.report.status, handed.reports) == ("preliminary", ())
