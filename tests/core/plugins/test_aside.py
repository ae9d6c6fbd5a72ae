"""What plugins print goes to standard error, whatever they print it with."""

import threading

from argosy.plugins import Installed, call
from argosy.plugins.aside import aside

from .test_discovery import offers, plugin


def test_what_a_function_prints_goes_to_standard_error(capsys):
    def talks(value):
        print("so much to say")
        return value

    assert call("detectors", "psi", talks, 7, answers=int) == 7
    print("the answer")

    told = capsys.readouterr()
    assert told.out == "the answer\n"
    assert told.err == "so much to say\n"


def test_what_a_hook_prints_goes_to_standard_error(monkeypatch, capsys):
    def argosy_detectors():
        print("asked")
        yield from offers("talker")()

    found = Installed([plugin("talker", monkeypatch, argosy_detectors=argosy_detectors)])

    assert list(found.detectors) == ["talker"]
    assert capsys.readouterr() == ("", "asked\n")


def test_other_threads_print_where_they_always_did(capsys):
    """Also while a plugin is at work, and one that was left behind does not change that."""
    inside, on = threading.Event(), threading.Event()

    def plugin_at_work():
        with aside():
            inside.set()
            on.wait()
            print("late")

    worker = threading.Thread(target=plugin_at_work)
    worker.start()
    inside.wait()
    with aside():
        print("aside")
    print("answer")
    on.set()
    worker.join()
    print("another")

    told = capsys.readouterr()
    assert told.out == "answer\nanother\n"
    assert told.err == "aside\nlate\n"
