import json
import math
from datetime import UTC, datetime

from trainwright.cli.output import json_text
from trainwright.spec import LabelPrediction, MetricSummary, RunStatus


def test_models_inside_lists_and_mappings_have_their_public_names():
    label = LabelPrediction(class_name="7", class_id=7, confidence=0.5)
    body = json.loads(json_text({"results": [label], "status": RunStatus.LOST}))
    assert body["results"][0]["class"] == "7"
    assert body["status"] == "lost"


def test_times_are_iso_8601():
    moment = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert json.loads(json_text({"at": moment})) == {"at": "2026-03-01T12:00:00Z"}


def test_nan_is_valid_json():
    values = {"a": math.nan, "b": MetricSummary(final=math.inf, best=0.1)}
    body = json.loads(json_text(values))
    assert body == {"a": "NaN", "b": {"final": "Infinity", "best": 0.1, "best_step": None}}


def test_hangul_is_written_as_it_is():
    assert json_text(["한글"]) == '["한글"]'
