"""The process that meets a submission: run its cells, then answer what the judge asks.

It holds nothing worth stealing: it never imports a module with a key. The judge sends the cells and
the names of the lessons' tasks, and later each Question with one input after the other; the answers
go back as plain values (protocol.py), by read and write, because it has no call of sockets. What
the notebook prints is nobody's business.

    python -m rnncourse.grading.runner.serve FD

is a process of its own; FD is a socket, or - for pipes.
"""

import contextlib
import gc
import importlib
import os
import sys
import traceback

from rnncourse.checking.attempt import Ended, Outcome, call
from rnncourse.checking.question import Question
from rnncourse.grading.isolation.sandbox import Sandbox
from rnncourse.grading.runner import stand_ins
from rnncourse.grading.runner.protocol import Channel, Closed

__all__ = ["live", "serve", "shell"]

CELL_SECONDS = 60
FROM_JUDGE = 4 << 30  # the judge is trusted, and training data may be large


def serve(channel, sandbox):
    """Run the job that comes through `channel`, answer until it closes."""
    channel.send({"layers": sandbox.report()})
    job = channel.receive()
    if job["folder"]:
        os.chdir(job["folder"])  # so that relative paths mean what they say
    stand_ins.install(job["lessons"])
    terminal = shell()
    _run(terminal, job["cells"], channel)
    channel.send({"ran": True})
    while True:
        ask = channel.receive(lambda name: _function(name, channel))
        channel.send(_answer(terminal.user_ns, Question(**ask["question"]), ask["probe"]))


def _answer(namespace, question, probe):
    """What the notebook answers to one probe of a question, as plain values."""
    if question.name not in namespace:
        return {"missing": True}
    outcome = _told(question.answer, namespace[question.name], probe)
    return {"kind": str(outcome.kind), "values": outcome.values, "facts": outcome.facts}


def _told(ask, *arguments):
    """The Outcome of `ask`, also where a submission's code gets past what catches errors there.

    It may raise KeyboardInterrupt, which in a notebook is the learner's own Ctrl-C.
    """
    try:
        return ask(*arguments)
    except Closed:
        raise
    except BaseException as error:
        with contextlib.suppress(Exception):
            return Outcome(Ended.RAISED, facts=_RAISED | {"what": str(type(error).__name__)[:100]})
        return Outcome(Ended.RAISED, facts=_RAISED)


_RAISED = {"what": "an error", "line": "?", "given": "–"}


def _function(name, channel):
    """The function that a probe names: one of a lesson's data, or by number one of the judge's."""
    if isinstance(name, int):
        return _Remote(name, channel)
    module, _, own = name.partition(".")
    return getattr(importlib.import_module(f"rnncourse.tasks.{module}"), own)


class _Remote:
    """A function that stays with the judge: each call goes there and back."""

    def __init__(self, number, channel):
        self.number, self.channel = number, channel

    def __call__(self, *arguments):
        self.channel.send({"call": [self.number, list(arguments)]})
        answer = self.channel.receive()
        if "raised" in answer:
            raise ValueError(answer["raised"])
        return answer["value"]

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        return "a function"


def shell():
    """IPython's shell, so that magics do what they do in a notebook."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False  # its thread would not survive a fork
    shell = InteractiveShell.instance(colors="nocolor", config=config)
    shell.enable_gui = lambda gui=None: None
    shell.display_formatter.format = lambda *shown, **options: ({}, {})  # nobody will look at it
    shell.showtraceback = shell.showsyntaxerror = lambda *args, **options: None
    shell.run_cell("None", store_history=False)  # what the first cell costs, before the fork
    return shell


def _run(shell, cells, channel):
    """Run all code cells, [number, source]; one that stops with an error stops no other."""
    for number, source in cells:
        channel.send({"cell": number})
        run = lambda source=source: _run_cell(shell, source)  # noqa: E731 - call() wants a function
        outcome = _told(call, run, (), [], lambda value: {}, CELL_SECONDS)
        if outcome.kind != Ended.RETURNED:
            error = str(outcome.facts.get("what", ""))[:2000]
            channel.send({"cell": number, "kind": str(outcome.kind), "error": error})


def _run_cell(shell, source):
    """Run one cell; its exception, or True.

    What is Python without magics goes past the shell, which would look for them once more.
    """
    try:
        name = shell.compile.cache(source)  # under which a traceback finds its lines
        code = shell.compile(source, name, "exec")
    except (SyntaxError, ValueError):
        return _run_magic(shell, source)
    with contextlib.suppress(NotImplementedError):  # see below
        exec(code, shell.user_ns)
    return True


def _run_magic(shell, source):
    result = shell.run_cell(source, store_history=False)
    if isinstance(result.error_before_exec or result.error_in_exec, NotImplementedError):
        return True  # a stub called by the learner's own cell is not an error worth a line
    result.raise_error()
    return True


def silence():
    """Nothing read from, nothing printed to where the grader reads and prints."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)


def live(channel, sandbox):
    """Serve, and end the process at once: no exit handler of a submission's is worth running."""
    status = 0
    try:
        serve(channel, sandbox)
    except Closed:
        pass
    except BaseException:
        status = 1
        if os.environ.get("RNNCOURSE_DEBUG"):
            traceback.print_exc()
    os._exit(status)


def main(fd):
    """A fresh process: where there is no fork, and for a learner's own notebook."""
    if fd == "-":
        reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    else:
        reader, writer = os.fdopen(int(fd), "rb"), os.fdopen(os.dup(int(fd)), "wb")
    channel = Channel(reader, writer, FROM_JUDGE)
    if not os.environ.get("RNNCOURSE_DEBUG"):
        silence()
    asked = channel.receive()
    sandbox = Sandbox(asked["sandbox"])
    if asked["sandbox"]:
        sandbox.warm(shell)
        sandbox.isolate(asked)
    gc.freeze()
    live(channel, sandbox)


if __name__ == "__main__":
    main(sys.argv[1])
