"""``python -m lanewise`` is the ``lanewise`` command."""

from lanewise.cli.main import main

main()
