"""Modules loaded beside other work."""

import sys
import threading
import time

import pytest

from vaebin import loading


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Three modules: one that can be loaded, one that cannot, and one that waits for an event."""
    (tmp_path / "loaded_well.py").write_text("import threading\nthread = threading.current_thread()\n")
    (tmp_path / "loaded_ill.py").write_text("raise OSError('no such library')\n")
    (tmp_path / "loaded_late.py").write_text("import loading_gate\nloading_gate.event.wait(60)\n")
    (tmp_path / "loading_gate.py").write_text("import threading\nevent = threading.Event()\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("loaded_well", "loaded_ill", "loaded_late", "loading_gate"):
        sys.modules.pop(name, None)


def wait_for(name):
    end = time.monotonic() + 60
    while name not in sys.modules and time.monotonic() < end:
        time.sleep(0.001)


@pytest.mark.usefixtures("modules")
def test_the_work_goes_on_while_they_are_loaded():
    import loading_gate

    with loading.in_background("loaded_late", "loaded_well"):
        wait_for("loaded_late")
        assert "loaded_well" not in sys.modules  # the one before is not done
        loading_gate.event.set()
        wait_for("loaded_well")
    assert sys.modules["loaded_well"].thread is not threading.current_thread()
    assert not sys.modules["loaded_well"].thread.is_alive()


@pytest.mark.usefixtures("modules")
def test_a_module_that_cannot_be_loaded_is_told_of_by_whoever_uses_it():
    with loading.in_background("loaded_ill", "loaded_well"):
        wait_for("loaded_well")
    with pytest.raises(OSError, match="no such library"):
        import loaded_ill  # noqa: F401


@pytest.mark.usefixtures("modules")
def test_when_the_work_fails_no_further_module_is_loaded():
    import loading_gate

    def fail():
        with loading.in_background("loaded_late", "loaded_well"):
            wait_for("loaded_late")
            threading.Timer(0.5, loading_gate.event.set).start()  # the first module ends after the work
            raise ValueError("bad reads")

    with pytest.raises(ValueError, match="bad reads"):
        fail()
    assert "loaded_well" not in sys.modules
