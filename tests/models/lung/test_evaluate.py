import json
import subprocess
import sys

import pytest

for needed in ("sklearn", "matplotlib", "jinja2"):
    pytest.importorskip(needed, reason=f"needs {needed} of the extra [train]")

from edge.inference.look import LOOK, Guard, MachineLook  # noqa: E402
from edge.vision.texture import FEATURES  # noqa: E402
from models.lung import look  # noqa: E402
from models.lung.evaluate import main  # noqa: E402
from models.lung.evaluation.evaluation import load  # noqa: E402

pytestmark = pytest.mark.slow

GUARD = Guard(own_clips=60, own_refused=0.05, other_clips=40, other_sources=4, other_refused=0.93, auroc=0.98)
LOOKS = [MachineLook(maker="Philips", model="Lumify", weights=(0.1,) * FEATURES, offset=0.0, limit=-1.0, guard=GUARD)]


@pytest.fixture
def work(tmp_path, predictions_of):
    for name in ("lung-m", "lung-s"):
        (tmp_path / name).mkdir()
        predictions_of(name).save(tmp_path / name / "predictions.npz")
        look.save("a" * 64, LOOKS, tmp_path / name / LOOK)
    point = {"patients": 12, "finding": "b_lines", "auc": 0.7, "low": 0.6, "high": 0.8}
    (tmp_path / "lung-m" / "learning_curve.json").write_text(json.dumps([point]))
    return tmp_path


def test_predictions_give_an_evaluation_and_a_report_of_both_networks(work, made_up_data):
    main(data=made_up_data, work=work)
    evaluation = load(work / "report" / "evaluation.json")
    assert [release.release for release in evaluation.releases] == ["lung-m", "lung-s"]
    assert [source.taught for source in evaluation.data] == [True, True]
    assert [len(release.learning_curve) for release in evaluation.releases] == [1, 0]
    assert evaluation.releases[0].cross_validated[0].name == "B-lines"
    assert [(look.machine, look.guard) for look in evaluation.releases[1].looks] == [("Philips Lumify", GUARD)]
    report = (work / "report" / "report.html").read_text()
    assert "How good lung-m and lung-s are" in report
    assert "Is it the machine that is stated?" in report


def test_one_network_only_and_another_folder(work, made_up_data, tmp_path):
    main(data=made_up_data, work=work, network="lung-s", out=tmp_path / "elsewhere")
    assert [release.release for release in load(tmp_path / "elsewhere" / "evaluation.json").releases] == ["lung-s"]
    assert not (work / "report").exists()


def test_without_predictions_the_error_names_the_command_to_run_first(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "models.lung.evaluate", "--work", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "Run python -m models.lung.train and python -m models.lung.quantize first" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_does_not_need_torch():
    code = "import sys, models.lung.evaluate; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
