"""What differs between records."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trainwright.evaluation.differing import differing, origin_of, settings_of

VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.dictionaries(st.sampled_from("xyz"), VALUES, max_size=3)


@given(RECORDS)
def test_a_record_does_not_differ_from_itself(record: dict[str, object]) -> None:
    assert differing([record, record, record]) == {}


@given(st.lists(RECORDS, min_size=2, max_size=4))
def test_every_row_has_a_value_a_record_and_not_all_the_same(
    records: list[dict[str, object]],
) -> None:
    for row in differing(records).values():
        assert len(row) == len(records)
        assert any(value != row[0] for value in row)


def test_settings_are_named_as_people_set_them() -> None:
    specs = [
        {"name": "a", "epochs": 3, "resources": {"gpus": 0}, "overrides": {"dropout": 0.1}},
        {"name": "b", "epochs": 3, "resources": {"gpus": 1}},
    ]
    assert differing([settings_of(spec) for spec in specs]) == {
        "overrides.dropout": [0.1, None],
        "gpus": [0, 1],
    }


def test_provenance_tells_code_packages_and_data_but_not_the_time() -> None:
    first = {
        "created_at": "1",
        "data_hash": "x",
        "packages": {"torch": "2.4", "numpy": "2"},
        "git": {"commit": "c1", "diff": "+print(1)", "untracked": ["a"]},
    }
    second = first | {
        "created_at": "2",
        "packages": {"torch": "2.5", "numpy": "2"},
        "git": {"commit": "c1", "diff": "+print(2)"},
    }
    found = differing([origin_of(first), origin_of(second)])
    assert found.pop("packages.torch") == ["2.4", "2.5"]
    (diffs,) = found.values()
    assert all(str(diff).startswith("sha256 ") for diff in diffs)
