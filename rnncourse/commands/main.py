"""`rnncourse`: one command, and one module for each subcommand.

A subcommand is a module with `add_arguments(parser)` and `run(arguments)`, which returns the exit
status: 0 done, 1 done and something is wrong, 2 wrong call. It is imported only when it is called,
so that `rnncourse --help` needs nothing but the standard library.
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


def _say(code, **facts):
    return language.say("commands.main", code, **facts)


class Parser(argparse.ArgumentParser):
    """argparse, but a wrong call ends in one sentence of the learner's language."""

    def error(self, message):
        what = message if message.endswith((".", "?", "。", "？")) else f"{message}."
        print(_say("usage", what=what, program=self.prog), file=sys.stderr)
        raise SystemExit(2)


def language_option(lang=None):
    """The option --lang, as the parent of every other parser; `lang` is its default."""
    parser = Parser(prog="rnncourse", add_help=False, allow_abbrev=False)
    parser.add_argument("--lang", choices=language.LANGUAGES, default=lang, help=_say("lang"))
    return parser


def top_parser(lang):
    """What stands before the name of a subcommand; the rest is left for the subcommand."""
    lines = [f"  {name:10}{_say(f'commands.{name}')}" for name in COMMANDS]
    parser = Parser(
        prog="rnncourse",
        usage="rnncourse [--version] [--lang {en,zh}] COMMAND …",
        description=_say("about"),
        epilog="\n".join([_say("list"), *lines, "", _say("more")]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[language_option(lang)],
    )
    parser.add_argument("--version", action="version", version=f"rnncourse {__version__}")
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def load(name):
    """The module of a subcommand; where a package is missing, say how to install it and exit."""
    try:
        return importlib.import_module(COMMANDS[name])
    except ModuleNotFoundError as error:
        ours = error.name.partition(".")[0] == "rnncourse"
        code = "unfinished" if ours else "missing"
        print(_say(code, command=name, package=error.name), file=sys.stderr)
        raise SystemExit(1) from None


def dispatch(arguments):
    """Choose the language, import the subcommand, parse its arguments, run it."""
    lang = language_option().parse_known_args(arguments)[0].lang
    if lang:  # before any parser is made, because help texts are made with it
        language.use(lang)
    parser = top_parser(lang)
    top = parser.parse_args(arguments)
    if top.command is None:
        parser.print_help()
        return 0
    if top.command not in COMMANDS:
        near = difflib.get_close_matches(top.command, COMMANDS, 1)
        code = "unknown-near" if near else "unknown"
        parser.error(_say(code, name=top.command, near=near[0] if near else ""))
    return run_subcommand(top.command, top.rest, lang)


def run_subcommand(name, rest, lang):
    """The exit status of a subcommand that is called with the arguments `rest`."""
    module = load(name)
    about = _say(f"commands.{name}")
    parser = Parser(prog=f"rnncourse {name}", description=about, parents=[language_option(lang)])
    module.add_arguments(parser)
    arguments, unknown = parser.parse_known_args(rest)
    if unknown and not getattr(module, "PASSES_ON", False):
        parser.error(_say("surplus", what=" ".join(unknown)))
    arguments.rest = unknown
    return module.run(arguments)


def main(arguments=None):
    """The exit status of one call; Ctrl-C and a closed pipe end it without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console that lacks ✓ must not stop us
            stream.reconfigure(errors="replace")
    try:
        return dispatch(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        print("\n" + _say("stopped"), file=sys.stderr)
        return 130
    except BrokenPipeError:  # `rnncourse progress | head`
        sys.stdout = None  # else Python complains again while closing it
        return 0


if __name__ == "__main__":
    sys.exit(main())
