"""The execution of the table: which workers are restarted, which end the appliance, which outages are shown, and how everything stops."""

import threading

import pytest
from structlog.testing import capture_logs

from edge.supervisor.worker import Restarts, Side, WorkerEnded
from firmware_bridge.errors import SonoEdgeError


def test_a_worker_that_fails_runs_again_and_nothing_is_missing(house, worker, scripted):
    job = scripted(OSError("once"), MemoryError("twice"))
    house.start(worker("audit", job))
    assert job.works.wait(60)
    assert house.supervisor.outages() == ()
    assert house.supervisor.restarts() == {"audit": 2}
    assert house.supervisor.running() == {"audit": True}
    house.supervisor.join()


def test_an_optional_worker_that_fails_too_often_is_an_outage_and_the_others_continue(house, worker, scripted, eventually):
    bad, good = scripted(*[OSError("the disk is gone")] * 9), scripted()
    house.start(worker("records", bad), worker("source", good, essential=True))
    eventually(lambda: house.reported, "the outage was not reported")
    (outage,) = house.supervisor.outages()
    assert (outage.name, outage.silence, outage.cause, outage.lasts) == ("records", "No records.", "the disk is gone", True)
    assert (bad.runs, house.supervisor.running()) == (3, {"records": False, "source": True})
    assert not house.stopping.is_set()
    house.supervisor.join()
    assert len(house.reported) == 1


def test_an_essential_worker_ends_the_appliance_with_the_first_cause(house, worker, scripted):
    with capture_logs() as logged:
        house.start(worker("inference", scripted(ValueError("first"), KeyError("second"), OSError("third")), essential=True))
        assert house.stopping.wait(60)
        with pytest.raises(ValueError, match="first"):
            house.supervisor.join()
    assert "second" in str(logged)


def test_the_first_failure_stays_whatever_fails_later(house, worker, scripted):
    never = Restarts((0.0,), most=0, within_s=1)
    house.closers.push("last", lambda: {}["later"], 60)
    house.start(worker("http", scripted(ValueError("first")), essential=True, restarts=never))
    assert house.stopping.wait(60)
    for _ in range(2):
        with pytest.raises(ValueError, match="first"):
            house.supervisor.join()


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_an_exception_of_any_class_is_a_failure_and_never_ends_the_process_by_itself(house, worker, scripted, error):
    house.start(worker("http", scripted(error), essential=True, restarts=Restarts((0.0,), most=0, within_s=1)))
    assert house.stopping.wait(60)
    with pytest.raises(WorkerEnded) as raised:
        house.supervisor.join()
    assert raised.value.__cause__ is error


def test_a_worker_that_returns_by_itself_has_failed_unless_the_table_allows_it(house, worker, scripted):
    returns, may_end = scripted(None), scripted(None)
    house.start(worker("http", returns), worker("source", may_end, may_end=True))
    assert returns.works.wait(60)
    house.supervisor.join()
    assert (returns.runs, may_end.runs) == (2, 1)


def test_failures_with_a_long_time_between_them_do_not_add_up(house, worker, scripted):
    job = scripted(*[OSError("now and then")] * 20)
    house.start(worker("audit", job, restarts=Restarts((0.0,), most=1, within_s=-1)))
    assert job.works.wait(60)
    assert house.supervisor.restarts() == {"audit": 20}


def test_a_worker_waits_before_it_runs_again_and_that_is_shown_but_not_reported(house, worker, scripted, eventually):
    job = scripted(OSError("busy"))
    house.start(worker("audit", job, restarts=Restarts((3600.0,), most=5, within_s=3600)))
    eventually(house.supervisor.outages, "the wait is not shown")
    (outage,) = house.supervisor.outages()
    assert (outage.cause, outage.lasts) == ("busy", False)
    house.supervisor.join()
    assert (job.runs, house.reported) == (1, [])


def test_a_worker_without_a_sign_of_life_is_an_outage_until_it_gives_one(house, worker, scripted, eventually):
    job = scripted()
    house.start(worker("http", job, beat_s=0.2))
    eventually(lambda: house.reported, "the silence was not reported")
    assert "no sign of life for 0.2 s" in house.reported[0].cause
    house.supervisor.beat("http")
    assert house.supervisor.outages() == ()


def test_a_start_waits_for_each_heartbeat_or_for_the_stop(house, worker, scripted):
    house.start(worker("http", scripted(), beat_s=3600), worker("audit", scripted()))
    threading.Timer(0.05, house.supervisor.beat, ["http"]).start()
    assert house.supervisor.wait_until_running()
    house.stopping.set()
    assert not house.supervisor.wait_until_running()


def test_optional_work_outside_the_workers_is_watched(house, eventually):
    problem = None
    house.start(sides=(Side("shadow", lambda _: problem, "Nothing is compared."),))
    assert house.supervisor.outages() == ()
    problem = SonoEdgeError("it failed", "See the log")
    eventually(lambda: house.reported, "the problem was not reported")
    assert [(each.name, each.cause) for each in house.supervisor.outages()] == [("shadow", "it failed")]


def test_a_report_that_fails_is_repeated(house, worker, scripted, eventually):
    made = house.reported
    house.reported = None  # `report` raises, as the records of a full disk do
    house.start(worker("records", scripted(OSError("x")), restarts=Restarts((0.0,), most=0, within_s=1)))
    eventually(house.supervisor.outages, "the worker is not down")
    house.reported = made
    eventually(lambda: made, "the report was not made again")


def test_workers_stop_in_reverse_and_one_that_hangs_is_left(house, worker, scripted):
    class Hangs(scripted):
        def close(self):
            closed.append(self)

    class Ends(scripted):
        def close(self):
            closed.append(self)
            super().close()

    closed, first, hangs, last = [], Ends(), Hangs(), Ends()
    house.start(worker("first", first), worker("the one that hangs", hangs, stop_s=0.05), worker("last", last))
    with capture_logs() as logged:
        house.supervisor.join()
    assert closed == [last, hangs, first]
    assert [line["what"] for line in logged] == ["the one that hangs"]
    hangs.closed.set()


def test_nothing_starts_after_a_stop_was_requested(house, worker, scripted):
    job = scripted()
    house.stopping.set()
    house.start(worker("http", job))
    assert not house.supervisor.wait_until_running()
    house.supervisor.join()
    assert job.runs == 0


def test_a_stop_from_another_thread_during_the_start_leaves_no_thread(house, worker, scripted):
    jobs = [scripted() for _ in range(30)]
    stop = threading.Thread(target=house.supervisor.join)
    rows = [worker(f"w{i}", job) for i, job in enumerate(jobs)]
    stop.start()
    house.start(*rows)
    stop.join(60)
    house.supervisor.join()
    assert not {thread.name for thread in threading.enumerate()} & {row.name for row in rows}
