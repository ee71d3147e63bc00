"""The evidence of the drift watch in English words, for the shell; a page translates the same from the channel and the way."""

from edge.feedback.drift.exams import NAME, OUTPUT
from edge.feedback.drift.figures import EvidenceFigures
from edge.feedback.drift.measure import Way
from edge.feedback.drift.reference import FEATURES

CHANNELS = {
    "quality": "the image quality",
    "good": "the share of good frames",
    "novelty": "the distance from known lungs",
    "bright": "the brightness",
    "saturated": "the share of white pixels",
    "contact": "the contact with the skin",
    "haze": "the haze",
    "dark_line": "the darkest line near the probe",
    "sharpness": "the sharpness",
    "foreign": "the resemblance to a picture that is no ultrasound",
    "text": "the text in the image",
    "motion": "the movement",
    "depth_mm": "the depth",
    "gain_db": "the gain",
    FEATURES: "what the network sees in the images",
}
WAYS = {Way.HIGHER: "is higher", Way.LOWER: "is lower", Way.SPREAD: "varies otherwise", Way.UNLIKE: "differs"}


def channel_words(channel: str) -> str:
    """The name of a channel in a sentence."""
    if channel.startswith(OUTPUT):
        return f"the probability of {channel.removeprefix(OUTPUT)}"
    if channel.startswith(NAME):
        return f"the share of the clips of {channel.removeprefix(NAME)}"
    return CHANNELS.get(channel, channel)


def sentence(each: EvidenceFigures) -> str:
    """Without the full stop."""
    size = f", by {each.size:.1f} spreads" if each.size else ""
    since = f"since the exam of {each.since_at:%Y-%m-%d}"
    return f"{channel_words(each.channel)} {WAYS[each.way]} {since}{size} ({100 * each.share:.0f} % of the limit)"
