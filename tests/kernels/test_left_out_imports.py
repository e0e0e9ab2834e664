"""What is left out of imports stays out, and nothing that we use is missing."""

import subprocess
import sys

import pytest

LEFT_OUT = "from ikut_eval.kernels.process import leave_out_address_grammar as leave_out; leave_out()"
NO_GRAMMAR = "assert 'lark' not in sys.modules"


def run(code: str) -> None:
    subprocess.run([sys.executable, "-c", f"import sys; {code}"], check=True, capture_output=True)


def test_notebooks_are_still_checked_without_the_grammar() -> None:
    run(f"{LEFT_OUT}; import nbformat; {NO_GRAMMAR}; nbformat.validate(nbformat.v4.new_notebook())")
    wrong = "{'nbformat': 4, 'nbformat_minor': 5, 'metadata': {}, 'cells': 7}"
    with pytest.raises(subprocess.CalledProcessError, match="returned non-zero"):
        run(f"{LEFT_OUT}; import nbformat; nbformat.validate({wrong})")


def test_who_has_the_grammar_keeps_it() -> None:
    run(f"import rfc3987_syntax; {LEFT_OUT}; import rfc3987_syntax as after; assert after is not None")


@pytest.mark.parametrize(
    "importing",
    [
        "from ikut_eval.dashboard.rendering import voila_renderer; voila_renderer('overview.ipynb')",
        "from ikut_eval.batch import runner; runner._prepare(__import__('pathlib').Path({folder!r}))",
    ],
    ids=["the dashboards", "the batch"],
)
def test_neither_batch_nor_dashboards_build_it(importing: str, tmp_path: object) -> None:
    run(f"{importing.format(folder=str(tmp_path))}; {NO_GRAMMAR}; import nbformat, nbconvert, papermill; {NO_GRAMMAR}")
