"""The verb of the dashboards."""

from pathlib import Path
from typing import Any

import click

from ikut_eval.contract.locale import text
from ikut_eval.options import HERE, language_option, opened, say, workspace_option


@click.command(help=text("cli.dashboard", HERE))
@click.option("--audience", type=click.Choice(["internal", "public"]), required=True, help=text("cli.audience", HERE))
@workspace_option
@click.option("--bundle", type=click.Path(path_type=Path, file_okay=False), help=text("cli.bundle", HERE))
@click.option("--port", type=click.IntRange(0, 65535), default=8866, help=text("cli.port", HERE), show_default=True)
@click.option("--ip", default="127.0.0.1", help=text("cli.ip", HERE), show_default=True)
@click.option("--host-name", "host_names", multiple=True, help=text("cli.host_name", HERE))
@click.option("--kernels", type=click.IntRange(1, 16), default=4, help=text("cli.kernels", HERE), show_default=True)
@click.option("--static", "out", type=click.Path(path_type=Path, file_okay=False), help=text("cli.static", HERE))
@language_option
def dashboard(audience: str, folder: Path, bundle: Path | None, out: Path | None, language: str | None, **serving: Any) -> None:
    words = language or HERE
    if not bundle:
        space = opened(folder)
        words, bundle = language or space.language, space.public_bundles if audience == "public" else space.internal_bundle
    if out:
        from ikut_eval.dashboard.static import write_pages

        say("pages", words, file=write_pages(bundle, out, audience=audience))
    else:
        _serve(bundle, words, audience, **serving)


def _serve(bundle: Path, language: str, audience: str, *, kernels: int, ip: str, port: int, host_names: tuple[str, ...]) -> None:
    from ikut_eval.contract.schema import shipped
    from ikut_eval.dashboard.edition import Settings
    from ikut_eval.dashboard.server import serve

    serve(bundle, Settings(shipped("dashboards"), language, kernels=kernels), audience=audience, ip=ip, port=port, host_names=host_names)
