"""`rnncourse`: one command, and one module for each thing it does.

A subcommand is a module with `add_arguments(parser)` and `run(arguments)`, which returns the exit
status: 0 done, 1 done and something is wrong, 2 asked wrongly. It is imported only when it is asked
for, so that `rnncourse --help` needs nothing but the standard library.
"""

from rnncourse import safe_path  # noqa: F401 - before anything else is imported

# isort: split
import argparse
import difflib
import importlib
import sys

from rnncourse import __version__, language

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "lab": "rnncourse.commands.lab",
    "check": "rnncourse.commands.check",
    "class": "rnncourse.commands.classroom",
    "progress": "rnncourse.commands.progress",
    "doctor": "rnncourse.commands.doctor",
}


class Parser(argparse.ArgumentParser):
    """argparse, ending a wrong call in one sentence of the learner's language."""

    def error(self, message):
        print(
            language.say("commands.main", "usage", what=message, program=self.prog), file=sys.stderr
        )
        raise SystemExit(2)


def add_language(parser, default):
    parser.add_argument(
        "--lang",
        choices=language.LANGUAGES,
        default=default,
        help=language.say("commands.main", "lang"),
    )


def top_parser():
    """What stands before the name of a subcommand; the rest is left for the subcommand."""
    say = language.say
    lines = [f"  {name:10}{say('commands.main', f'commands.{name}')}" for name in COMMANDS]
    parser = Parser(
        prog="rnncourse",
        usage="rnncourse [--version] [--lang {en,zh}] COMMAND …",
        description=say("commands.main", "about"),
        epilog="\n".join([say("commands.main", "list"), *lines, "", say("commands.main", "more")]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"rnncourse {__version__}")
    add_language(parser, None)
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def load(name):
    """The module of a subcommand; where a package is missing, the line that installs it."""
    try:
        return importlib.import_module(COMMANDS[name])
    except ModuleNotFoundError as error:
        ours = error.name.partition(".")[0] == "rnncourse"
        code = "unfinished" if ours else "missing"
        print(
            language.say("commands.main", code, command=name, package=error.name), file=sys.stderr
        )
        raise SystemExit(1) from None


def dispatch(arguments):
    """Parse, import what was asked for, run it."""
    if arguments[:1] == ["--lang"]:  # the help, too, in the language asked for
        language.use(arguments[1]) if arguments[1:2] and arguments[
            1
        ] in language.LANGUAGES else None
    parser = top_parser()
    top = parser.parse_args(arguments)
    if top.lang:
        language.use(top.lang)
    if top.command is None:
        parser.print_help()
        return 0
    if top.command not in COMMANDS:
        close = difflib.get_close_matches(top.command, COMMANDS, 1) or ["--help"]
        parser.error(language.say("commands.main", "unknown", name=top.command, close=close[0]))
    module = load(top.command)
    about = language.say("commands.main", f"commands.{top.command}")
    sub = Parser(prog=f"rnncourse {top.command}", description=about)
    add_language(sub, top.lang)
    module.add_arguments(sub)
    asked, sub_rest = sub.parse_known_args(top.rest)
    if asked.lang:
        language.use(asked.lang)
    if sub_rest and not getattr(module, "PASSES_ON", False):
        sub.error(language.say("commands.main", "surplus", what=" ".join(sub_rest)))
    asked.rest = sub_rest
    return module.run(asked)


def main(arguments=None):
    """The exit status of one call; Ctrl-C and a closed pipe end it without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console without ✓ must not stop us
            stream.reconfigure(errors="replace")
    try:
        return dispatch(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        print("\n" + language.say("commands.main", "stopped"), file=sys.stderr)
        return 130
    except BrokenPipeError:  # `rnncourse progress | head`
        sys.stdout = None  # else Python complains again while closing it
        return 0


if __name__ == "__main__":
    sys.exit(main())
