from firmware_bridge.sources.file import open_file

RECORDING = "/api/v1/recording"


def test_a_recording_starts_counts_and_ends_with_a_complete_file(client, view):
    assert client.get(RECORDING).json()["path"] == ""
    begun = client.post(RECORDING)
    assert (begun.status_code, begun.json()["running"]) == (201, True)
    for number in range(5):
        observation = view.publish(number)
        view.recording.frame(observation.frame)
        view.recording.observation(observation)
    ended = client.delete(RECORDING).json()
    assert (ended["running"], ended["frames"], ended["problem"]) == (False, 5, "")
    with open_file(view.recording.status.path) as source:
        assert len(list(source.frames())) == 5
    assert "S1" in ended["path"]


def test_one_recording_at_a_time(client):
    client.post(RECORDING)
    again = client.post(RECORDING)
    assert (again.status_code, again.json()["type"]) == (409, "urn:sonoedge:recording-runs")


def test_without_a_recording_there_is_nothing_to_end(client):
    answer = client.delete(RECORDING)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:sonoedge:no-recording")


def test_a_folder_that_cannot_be_written_is_a_problem_and_the_exam_continues(client, view, tmp_path):
    (tmp_path / "file").write_text("")
    view.recording._folder = tmp_path / "file"
    answer = client.post(RECORDING)
    assert (answer.status_code, answer.json()["type"]) == (507, "urn:sonoedge:recording-stopped")
    view.recording.frame(view.publish(1).frame)
