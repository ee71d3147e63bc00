"""Two releases judged on made-up predictions."""

import pytest


@pytest.fixture(scope="session")
def evaluation(predictions_of, made_up_data):
    pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")
    from rich.progress import Progress

    from models.lung.evaluation.evaluation import DataSource, Evaluation
    from models.lung.evaluation.judge import Known, judge
    from models.lung.evaluation.learning import LearningPoint

    releases = [predictions_of("lung-m"), predictions_of("lung-s", noise=0.3)]
    known = Known.of(releases, made_up_data, {"b_lines": "B-lines", "a_lines": "A-lines", "severity_2_plus": "Severity 2 or more"})
    curve = (LearningPoint(12, "b_lines", 0.71, 0.61, 0.79), LearningPoint(37, "b_lines", 0.88, 0.83, 0.93))
    progress = Progress(disable=True)
    judged = (judge(releases[0], known, curve, progress), judge(releases[1], known, (), progress))
    return Evaluation(judged, (DataSource("COVID-BLUES", "a paper", "CC BY-NC-ND 4.0", taught=True),))
