"""Tasks whose columns clash are refused when they are loaded, by their names."""

import pytest

from argosy.errors import PluginError, UnknownName
from argosy.plugins.registry import Installed
from argosy.plugins.task_columns import RESERVED
from argosy.types import TaskColumn, TaskKind

from .test_discovery import plugin


def task(name, *columns):
    return lambda: [TaskKind(name, "A task.", print, print, columns)]


def offering(monkeypatch, **tasks):
    return Installed(
        [plugin(name, monkeypatch, argosy_tasks=offers) for name, offers in tasks.items()]
    )


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (TaskColumn("hits", "prediction", "list"), "'hits' is list of the prediction here, and"),
        (TaskColumn("hits", "truth", "elements"), "'hits' is elements of the truth here, and"),
    ],
)
def test_a_column_of_another_tasks_name_is_refused_naming_both(monkeypatch, column, told):
    known = TaskColumn("hits", "prediction", "elements")
    found = offering(monkeypatch, one=task("first", known), two=task("second", column))

    with pytest.raises(PluginError, match="the task 'second' of plugin 'two' and the task 'first'"
                       " of plugin 'one' have columns of one name") as refused:  # fmt: skip
        found.tasks["second"]
    with pytest.raises(PluginError, match="have columns of one name"):
        found.tasks["first"]
    assert told in str(refused.value)
    assert "there; rename one" in str(refused.value)
    assert "ARGOSY_BLOCK_PLUGINS=tasks.second" in str(refused.value)


def test_tasks_may_share_a_column(monkeypatch):
    column = TaskColumn("hits", "prediction", "elements")
    found = offering(monkeypatch, one=task("first", column), two=task("second", column))

    assert list(found.tasks) == ["first", "second"]


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_name_that_every_task_has_is_refused_and_the_others_go_on(monkeypatch, name):
    odd = task("odd", TaskColumn(name, "truth"))
    found = offering(monkeypatch, one=task("fine"), two=odd)

    assert list(found.tasks) == ["fine"]
    with pytest.raises(UnknownName, match=f"the task 'odd' has a column '{name}'"):
        found.tasks["odd"]


def test_a_column_twice_is_refused(monkeypatch):
    column = TaskColumn("horizon", "truth")
    found = offering(monkeypatch, one=task("odd", column, column))

    assert "the task 'odd' has two columns 'horizon'" in found.tasks.faults[0]
