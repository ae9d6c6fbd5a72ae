"""The `argosy` command: find the subcommand, hand it a session, turn errors into exit codes.

Exit codes are those of `argosy_cli.exit_codes`.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from argosy import __version__
from argosy.errors import ArgosyError, BadInput, RowsRefused, UnknownName
from argosy_cli import terminal
from argosy_cli.exit_codes import FAILED, STOPPED, WRONG_USAGE
from argosy_cli.failure import told
from argosy_cli.parent import Watch
from argosy_cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_CORE = {
    "init": ("registration", "Create an empty fleet."),
    "register": ("registration", "Register model versions from a table."),
    "templates": ("prototypes", "List templates: the prototypes of models."),
    "define": ("prototypes", "Define templates from a table."),
    "undefine": ("prototypes", "Take templates away."),
    "instantiate": ("prototypes", "Make models of a template from a table."),
    "bind": ("registration", "Bind data to models by role, from a table."),
    "alias": ("changes", "Point an alias of many models at their newest version."),
    "tag": ("changes", "Give models tags, or take them away."),
    "owner": ("changes", "Give models an owner."),
    "retire": ("changes", "Take models out of every job."),
    "delete": ("changes", "Delete models; they can be restored for a while."),
    "restore": ("changes", "Put retired or deleted models back."),
    "require": ("policies", "Require a policy: every change must keep it."),
    "unrequire": ("policies", "Require a policy no longer."),
    "policies": ("policies", "List policies, required and installed."),
    "put": ("changes", "Write entities of a kind that a plugin brings."),
    "remove": ("changes", "Remove entities of a kind that a plugin brings."),
    "rollback": ("changes", "Undo one change, or a group such as a night."),
    "models": ("queries", "List models."),
    "show": ("show", "Show all that is known of one model."),
    "history": ("queries", "List what changed, when and by whom."),
    "sql": ("queries", "Answer a SQL query over all tables."),
    "triage": ("queries", "List the models that need a person, worst first."),
    "run": ("jobs", "Carry out a job of any kind, a plugin's too."),
    "runs": ("queries", "List the jobs that were carried out."),
    "lookup": ("queries", "Print one row that is bound to a role, such as a prediction."),
    "resume": ("runs", "Carry on a run that was stopped, or list those."),
    "cancel": ("runs", "Ask a run that is at work to stop."),
    "quarantine": ("runs", "List models that killed their worker, or release them."),
    "verify": ("maintenance", "Check that no change was edited or removed."),
    "maintain": ("maintenance", "Do all upkeep now."),
    "trust": ("trust", "Trust a file of settings as it is, with all that it sets."),
    "plugins": ("plugins", "List plugins, show one, or start a new one."),
    "cases": ("cases", "List case studies."),
    "case": ("cases", "Run a case study."),
}
"""Every core command: the module that holds it and its line of help."""


class Commands(click.Group):
    """Core and plugin commands, each imported only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command, the core's first."""
        from argosy_cli.groups import contested, standing

        jobs, commands = standing(_CORE)
        return [*_CORE, *jobs, *commands, *(name for name in contested() if name not in _CORE)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command, and let it take the global options too."""
        from argosy_cli import groups

        jobs, commands = groups.standing(_CORE, name)
        if name in _CORE:
            module = import_module(f"argosy_cli.{_CORE[name][0]}")
            return _with_globals(groups.joined(name, getattr(module, name)))
        groups.refuse_contested(name)
        if name in jobs:
            from argosy_cli.jobs import command

            return _with_globals(command(jobs[name]))
        if name in commands:
            return _with_globals(groups.joined(name, groups.loaded(commands[name])))
        groups.refuse_orphans(name)
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List every command without importing it."""
        from argosy_cli.groups import contested, standing

        own, commands = standing(_CORE)
        lines = [(name, summary) for name, (_, summary) in _CORE.items()]
        jobs = [(name, kind.summary) for name, kind in own.items()]
        extra = [(name, command.summary) for name, command in commands.items()]
        extra += [(name, f"Not to be used: {why}.") for name, why in contested().items()]
        with formatter.section("Commands"):
            formatter.write_dl(lines)
        if jobs:
            with formatter.section("Jobs"):
                formatter.write_dl(jobs)
        if extra:
            with formatter.section("Commands of plugins"):
                formatter.write_dl(extra)


def run(arguments: Sequence[str], watch: Watch | None = None) -> int:
    """Run one command line and return its exit code.

    Args:
        arguments: without the name of the command.
        watch: how a parent watches this process, if one does.
    """
    session = Session(watch=watch or Watch())
    with warnings.catch_warnings():
        warnings.showwarning = _mentioning_once()
        return _run(session, arguments)


def _run(session: Session, arguments: Sequence[str]) -> int:
    try:
        code = argosy.main(list(arguments), "argosy", standalone_mode=False, obj=session)
    except click.ClickException as error:
        _complain(session, "usage", error.format_message())
        if isinstance(error, click.UsageError) and error.ctx is not None:
            terminal.say(f"Try '{error.ctx.command_path} --help'.", err=True)
        return WRONG_USAGE
    except ArgosyError as error:
        _complain(session, type(error).__name__, str(error), error)
        return WRONG_USAGE if _is_wrong_use(error) else FAILED
    except UnicodeEncodeError as error:  # an argument may be any bytes
        _complain(session, "usage", f"{error.object!r} is no UTF-8; write it as UTF-8")
        return WRONG_USAGE
    except (KeyboardInterrupt, click.Abort) as error:
        plain = "stopped; nothing of the unfinished work was committed"
        _complain(session, "stopped", str(error.__cause__ or error) or plain)
        return STOPPED
    except BaseException as error:  # an engine's panic is no Exception
        message = told(error, session.fleet_url)
        if message is None:
            raise
        _complain(session, type(error).__name__, message)
        return FAILED
    return code if isinstance(code, int) else 0


def _is_wrong_use(error: ArgosyError) -> bool:
    """Whether what was asked for is at fault, and not rows of a table that were refused."""
    return isinstance(error, (UnknownName, BadInput)) and not isinstance(error, RowsRefused)


def _global_options() -> list[click.Option]:
    return [
        _kept(
            "--fleet",
            metavar="URL",
            envvar="ARGOSY_FLEET",
            help="The fleet's folder or URL (or ARGOSY_FLEET).",
        ),
        _kept("--json", is_flag=True, default=None, help="Print one JSON document."),
        _kept(
            "--as-of",
            metavar="POINT",
            help="The fleet as it stood: a time, a date or the number of a change.",
        ),
        _kept(
            "--actor",
            metavar="NAME",
            envvar="ARGOSY_ACTOR",
            help="Who makes the changes (or ARGOSY_ACTOR).",
        ),
        _kept(
            "--group",
            metavar="NAME",
            help="The piece of work that changes and runs are part of, such as a night.",
        ),
        _kept(
            "--config",
            _name_file,
            metavar="FILE",
            is_eager=True,
            help="The file of settings, in the place of argosy.toml (or ARGOSY_CONFIG).",
        ),
        _kept(
            "--set",
            _configure,
            multiple=True,
            metavar="PLUGIN.KEY=VALUE",
            help="An option of a plugin, over argosy.toml and the environment.",
        ),
    ]


def _keep(ctx: click.Context, option: click.Parameter, value: Any) -> None:  # noqa: ANN401
    session = ctx.find_object(Session)
    if session is not None and value is not None:
        setattr(session, {"fleet": "fleet_url"}.get(option.name or "", option.name or ""), value)


def _kept(name: str, keep: Callable[..., Any] = _keep, **how: Any) -> click.Option:  # noqa: ANN401
    """Return an option that holds for any command, and is kept instead of handed to it."""
    return click.Option([name], callback=keep, expose_value=False, **how)


def _name_file(ctx: click.Context, option: click.Parameter, value: str | None) -> None:
    if value:
        from argosy.plugins.settings import naming, settings_file

        ctx.with_resource(naming(value))
        settings_file()  # refuse one that is not there


def _configure(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> None:
    if value:
        from argosy.plugins.settings import check, using, with_arguments

        ctx.with_resource(using(with_arguments(value)))
        check()


def _mentioning_once() -> Callable[..., None]:
    said: set[str] = set()

    def mention(message: Warning | str, *_: Any, **__: Any) -> None:  # noqa: ANN401
        if str(message) not in said:
            said.add(str(message))
            terminal.say(f"warning: {message}", err=True)

    return mention


def _with_globals(command: click.Command) -> click.Command:
    """Accept `--fleet`, `--json` and `--actor` after the subcommand as well as before it."""
    taken = {option for param in command.params for option in param.opts}
    command.params += [option for option in _global_options() if option.opts[0] not in taken]
    if isinstance(command, click.Group):
        for child in command.commands.values():
            _with_globals(child)
    return command


def _complain(session: Session, kind: str, message: str, error: ArgosyError | None = None) -> None:
    terminal.say(f"error: {message}", err=True)
    if session.json:
        answer: dict[str, Any] = {"type": kind, "message": message}
        if isinstance(error, RowsRefused):
            answer["outcomes"] = error.outcomes.to_dicts()
        terminal.answer({"error": answer})


@click.group(
    cls=Commands,
    params=_global_options(),
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all is done; 1 the work failed, nothing came out; 2 wrong use, nothing"
    " was begun; 3 found what was asked for (--fail-on-drift, --fail-on-gate); 4 some models failed"
    " or could not be judged, more than --allow-failures lets pass; 130 interrupted. The first that"
    " applies of 130, 2, 1, 3, 4, 0.",
)
@click.version_option(__version__, prog_name="argosy")
def argosy() -> None:
    """Run thousands of machine-learning models as if they were one table."""
