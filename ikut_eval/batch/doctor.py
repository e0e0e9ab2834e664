"""What the machine has of what the toolkit needs."""

import sys

from ikut_eval.batch.manifest import versions
from ikut_eval.batch.pdf import find_browser


def findings() -> list[tuple[str, bool, str]]:
    """Return for each need its key, whether it is met, and what was found."""
    from jupyter_client.kernelspec import KernelSpecManager

    python = ".".join(map(str, sys.version_info[:3]))
    kernel = "python3" in KernelSpecManager().find_kernel_specs()
    libraries = ", ".join(f"{name} {number}" for name, number in versions().items() if name != "python")
    browser = find_browser()
    return [
        ("python", sys.version_info >= (3, 11), python),
        ("libraries", True, libraries),
        ("kernel", kernel, "python3" if kernel else ""),
        ("browser", browser is not None, browser or ""),
    ]
