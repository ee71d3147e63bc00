"""`sonoedge export open` and `sign`: what a receiver does with a stick. Neither needs an appliance or its records."""

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.progress import counting
from edge.disk.keys import KeyUnusable, private_key
from edge.exchange.stick.opening import Key, bundle_in, open_bundle
from edge.exchange.stick.receiver import load_secret
from edge.exchange.stick.reviews import sign_reviews
from edge.exchange.stick.signed import KeySigner
from edge.notice import NOTICE
from edge.services.board_key import board_id
from provisioning.identity.device_id import read_id

INCOMPLETE = 1

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


def open_(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The folder of the bundle, or the stick if it holds only one.")],
    into: Annotated[Path, typer.Argument(metavar="FOLDER", help="Receives a folder for each exam; nothing is overwritten.")],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="The secret key of the receiver, NAME.age.")],
    board: Annotated[str, typer.Option("--board", metavar="ID", help="The id on the label of the board that wrote the bundle.")],
    as_json: AsJson = False,
) -> None:
    """Check and decrypt the exams of a stick. The exit status is 1 if one is damaged or missing. Research use, not a diagnosis."""
    secret, found = load_secret(key), bundle_in(bundle)
    with counting("exams") as progress:
        opened = open_bundle(found, Key(secret, read_id(board), board_id), into, progress)
    short = opened.statement.wanted - len(opened.statement.exams)
    if as_json:
        lists = {"written": opened.written, "there": opened.there, "missing": opened.missing, "refused": opened.refused}
        typer.echo(
            json.dumps({"folder": str(into), "board": opened.statement.board, "not_written_by_board": short, **lists, "notice": NOTICE})
        )
    else:
        typer.echo(f"{into}: {len(opened.written)} exams of {opened.statement.board}, {len(opened.there)} were there already  {NOTICE}")
    problems = [f"{exam}: {each}" for exam, lacking in opened.missing.items() for each in lacking]
    problems += [f"exam {folder}: {why}" for folder, why in opened.refused.items()]
    problems += [f"{short} exams were not written: the board was interrupted"] if short else []
    for each in problems:
        typer.echo(each, err=True)
    if problems:
        raise typer.Exit(INCOMPLETE)


def sign(
    reviews: Annotated[Path, typer.Argument(metavar="REVIEWS.json", help="The reviews, in the form that is shown below.")],
    key: Annotated[Path, typer.Argument(metavar="NAME.pem", help="The secret signing key of the receiver.")],
    into: Annotated[Path, typer.Argument(metavar="FOLDER", help="Receives the signed file, such as on the stick.")],
) -> None:
    """Sign reviews of exams, so that their board accepts them.

    The form: {"reviews": [{"exam": the id in exam.json, "reader": "Dr. Abebe", "read_at": "2026-11-30T10:00:00Z", "answer": {"zones":
    {"L1": {"findings": {"b_lines": "present"}, "score": 1}}, "quality": {"scale": "lung-5", "version": "1.0.0", "value": 4},
    "comment": ""}}]}. A finding is present, absent or "not assessable"; every recorded zone and each of its findings is stated.
    """
    try:
        signer = KeySigner(private_key(key))
    except KeyUnusable as error:
        raise KeyUnusable(error.what, "Give the file NAME.pem, which sonoedge export key new made") from error
    path = sign_reviews(reviews, key.stem, signer, into, datetime.now(timezone.utc))
    typer.echo(f"{path}: carry it back to the board, and run there: sonoedge export receive FOLDER")
