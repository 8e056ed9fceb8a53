"""HTTP servers of one test."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.unit.network.web.server import Server, well


@pytest.fixture
def serve():
    """Start a server: ``serve(behave).uri``, where ``behave(request)`` answers each request."""
    with ExitStack() as stack:
        yield lambda behave=well: stack.enter_context(Server(behave))
