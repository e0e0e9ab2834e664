"""What a warm process and its owner say to one another."""

STARTED = b"started "
"""Before the process id, when a kernel has been forked. What comes after it is the kernel's exit code."""

REQUEST_BYTES = 1 << 20
ANSWER_BYTES = 64
