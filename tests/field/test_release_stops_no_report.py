"""What a release needs is told at the end, with file and key; reports are written all the same."""

from pathlib import Path

import pytest

from ikut_eval.contract.errors import ConfigurationError
from ikut_eval.contract.schema import load_contract
from ikut_eval.data.synthetic import SyntheticRows, synthetic_rows
from ikut_eval.data.workspace import open_workspace
from ikut_eval.data.writing import write_csv_folder
from ikut_eval.disclosure.policy import load_policy
from ikut_eval.release.publication import rules
from tests.batch.test_run_reports import notebooks
from tests.conftest import ikut_eval, make_workspace

PLACE = "[policy.rule.partition]\nvalue = [[1, 2], [3, 4], [5, 6]]\nreason = 'a fifth training'\n"


def with_more_cohorts(more: int) -> SyntheticRows:
    """Return the synthetic pilot with its last cohort once more under other ids, or several times."""
    rows = synthetic_rows(load_contract())
    for number in range(5, 5 + more):
        for table in rows.values():
            own = [row for row in table if row.get("cohort_id") == "C4" or str(row.get("participant_id")) in people(rows)]
            table += [renamed(row, number) for row in own]
    return rows


def people(rows: SyntheticRows) -> set[str]:
    return {str(row["participant_id"]) for row in rows["participant"] if row["cohort_id"] == "C4"}


def renamed(row: dict[str, object], number: int) -> dict[str, object]:
    new = {
        "cohort_id": f"C{number}",
        "participant_id": f"{str(row.get('participant_id'))[:-1]}{chr(65 + number)}",
        "session_id": f"{row.get('session_id')}.{number}",
    }
    return row | {name: value for name, value in new.items() if name in row}


def workspace(folder: Path, more: int, settings: str) -> Path:
    space = make_workspace(folder)
    write_csv_folder(space / "data" / "pilot", load_contract(), with_more_cohorts(more), language="en")
    with (space / "evaluation.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{settings}")
    return space


@pytest.mark.parametrize(
    ("more", "settings", "code", "told"),
    [
        (1, "[public]\ncohort_sizes = [4, 5, 5, 6, 6]\n", 10, ("evaluation.toml", "[policy.rule.partition]", "[[1, 2], [3, 4], [5, 6]]")),
        (2, "[public]\ncohort_sizes = [4, 5, 5, 6, 6, 6]\n", 10, ("evaluation.toml", "[policy.rule.partition]", "[[1, 2], [3, 4], [5, 6]]")),
        (1, "[public]\ncohort_sizes = [4, 5, 5, 6]\n", 13, ("evaluation.toml", "cohort_sizes", "[public]")),
        (0, "[public]\ncohort_sizes = ['four']\n", 10, ("evaluation.toml", "public.cohort_sizes")),
        (0, "[public]\ncohort_sizes = [4, 5, 5, 6]\n[policy.rule.small_group]\nvalue = 1\n", 10, ("evaluation.toml", "policy.rule.small_group")),
    ],
    ids=["fifth without a group", "fifth and sixth without a group", "fifth that is not public", "size in words", "rule that is not known"],
)
def test_reports_are_written_and_the_need_is_told(tmp_path: Path, more: int, settings: str, code: int, told: tuple[str, ...]) -> None:
    space = workspace(tmp_path / "space", more, settings)
    said = ikut_eval("run", "-w", space, "--notebooks", notebooks(space / "own", short="print('written')"))
    assert said.returncode == code, said.stdout + said.stderr
    for cohort in range(1, 5 + more):
        assert "written" in (space / f"runs/short/C{cohort}.en.html").read_text(encoding="utf-8")
    assert [word for word in told if word not in said.stderr] == []
    assert "index.html" in said.stdout


def test_failed_notebook_and_need_of_the_release_are_both_told(tmp_path: Path) -> None:
    space = workspace(tmp_path / "space", 1, "[public]\ncohort_sizes = [4, 5, 5, 6, 6]\n")
    said = ikut_eval("run", "-w", space, "--cohort", "C5", "--notebooks", notebooks(space / "own", short="1 / 0"))
    assert said.returncode == 12
    assert "[policy.rule.partition]" in said.stderr
    assert ".failed.ipynb" in said.stderr


def test_what_the_message_says_to_write_is_taken(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_policy().groups_of((4, 5, 5, 6, 6))
    assert str(raised.value.values["example"]) in PLACE
    policy, facts = rules(open_workspace(workspace(tmp_path / "space", 1, f"[public]\ncohort_sizes = [4, 5, 5, 6, 6]\n{PLACE}")))
    assert policy.groups_of(facts.cohort_sizes)["pair_count"] == ((1, 2), (3, 4))
