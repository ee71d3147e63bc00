"""MediaPipe Tasks: its ImageClassifier takes RGB images as uint8 or float32 only; this asks it for the network all the same."""

from mediapipe.tasks.python import BaseOptions, vision

from edge.bench.peers.job import Engine, Job, Refused


def load(job: Job) -> Engine:
    options = vision.ImageClassifierOptions(base_options=BaseOptions(model_asset_path=str(job.plain)))
    vision.ImageClassifier.create_from_options(options).close()
    raise Refused("it loads the network now, and needs a loop in this benchmark")
