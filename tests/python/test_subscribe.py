# SPDX-License-Identifier: MIT
"""The callables that forksafe.subscribe accepts and refuses, and the report of a subscriber that fails."""

import asyncio
import functools
import re
import unittest
import warnings

import hosts
import test_uwsgi
from test_uwsgi import PROLOGUE


def plain(facts):
    """Hears."""


async def coroutine(facts):
    """Is never awaited."""


async def asynchronous_generator(facts):
    yield


def generator(facts):
    yield


class Object:
    async def __call__(self, facts):
        """Is never awaited."""

    async def method(self, facts):
        """Is never awaited."""

    @classmethod
    async def of_class(cls, facts):
        """Is never awaited."""


class WithoutArguments:
    """Takes no facts."""


class TakesFacts:
    def __init__(self, facts):
        self.facts = facts

    def hear(self, facts):
        """Hears."""


def decorated(function):
    @functools.wraps(function)
    def run(*arguments):
        return asyncio.run(function(*arguments))
    return run


def injected(function):
    @functools.wraps(function)
    def call(facts):
        return function(facts, "engine")
    return call


@injected
def with_engine(facts, engine):
    """The decorator passes the engine to it."""


class Refused(unittest.TestCase):
    def refuse(self, callables, *words):
        import forksafe

        for callable in callables:
            with self.subTest(callable=repr(callable)), self.assertRaises(TypeError) as caught:
                forksafe.subscribe("ApplicationPostFork", callable, "mine")
            for word in ("'mine'", *words):
                self.assertIn(word, str(caught.exception))

    def test_what_does_not_run_when_it_is_called(self):
        self.refuse([coroutine, functools.partial(coroutine), functools.partial(functools.partial(coroutine)), Object(),
                     functools.partial(Object()), Object().method, Object.of_class], "coroutine function", __file__)
        self.refuse([generator, functools.partial(generator)], "generator function", __file__)
        self.refuse([asynchronous_generator], "asynchronous generator function")

    def test_wrong_arity(self):
        self.refuse([lambda: None, lambda facts, engine: None, lambda *, facts: None, WithoutArguments,
                     functools.partial(plain, "facts"), TakesFacts.hear], "one argument")
        self.refuse([3, "plain"], "not callable")

    def test_what_hears_is_taken(self):
        import forksafe

        for callable in (plain, functools.partial(lambda engine, facts: None, "engine"), TakesFacts, TakesFacts(None).hear, print,
                         lambda *arguments: None, lambda facts, more=None: None, decorated(coroutine), with_engine, None):
            with self.subTest(callable=repr(callable)):
                forksafe.unsubscribe(forksafe.subscribe("ApplicationPostFork", callable, "mine"))

    def test_the_line_of_the_page(self):
        import forksafe

        function = plain
        forksafe.subscribe("ApplicationPostFork", function, key="mine", phase="detach", deadline=2)
        forksafe.unsubscribe(forksafe.subscribe("ApplicationPostFork", function, "mine"))

    def test_deadline_is_a_number_of_seconds(self):
        import forksafe

        for wrong in (0, -1, float("nan")):
            with self.subTest(wrong), self.assertRaises(ValueError):
                forksafe.subscribe("ApplicationPostFork", plain, "mine", deadline=wrong)
        with self.assertRaises(TypeError):
            forksafe.subscribe("ApplicationPostFork", plain, "mine", deadline="1 s")
        for right in (None, 1, 0.5, 1e300, float("inf")):
            forksafe.unsubscribe(forksafe.subscribe("ApplicationPostFork", plain, "mine", deadline=right))

    def test_pyramid_refuses_when_the_application_is_made(self):
        from forksafe.pyramid.events import ApplicationPostFork
        from pyramid.config import Configurator

        def configure(subscriber, **predicates):
            config = Configurator()
            config.include("forksafe.pyramid")
            config.add_subscriber_predicate("always", Always)
            config.add_subscriber(subscriber, ApplicationPostFork, **predicates)
            return config.make_wsgi_app()

        for subscriber in (coroutine, generator, lambda: None):
            for predicates in ({}, {"always": True}):
                with self.subTest(subscriber=subscriber, predicates=predicates), self.assertRaises(TypeError):
                    configure(subscriber, **predicates)
        configure(plain)
        configure(plain, always=True)


class Always:
    def __init__(self, value, config):
        self.value = value

    def text(self):
        return "always"

    phash = text

    def __call__(self, event):
        return True


class Failures(test_uwsgi.Case):
    def reason(self, host):
        (failure,) = self.debug(host)["failures"]
        return failure["reason"]

    def fail(self, body, **options):
        application = PROLOGUE + "forksafe.on_failure('open')\n" + body
        host = self.serve("uwsgi", workers=1, application=application, **options)
        return host

    def test_log_has_the_place(self):
        host = self.fail("""
def connect():
    raise RuntimeError("no engine")
def repair(facts):
    connect()
subscribe("PostFork", callable=repair)
""")
        self.assertEqual(self.reason(host), "threw: RuntimeError: no engine")
        lines = (self.directory / "app.py").read_text().splitlines()
        place = 'File "%s", line %d, in connect' % (self.directory / "app.py", lines.index("def connect():") + 2)
        self.assertIn(place, host.log_text())
        self.assertIn("what the subscriber key has raised", host.log_text())

    def test_secrets_of_a_traceback_stay_out_of_the_log(self):
        host = self.fail("""
def repair(facts):
    raise RuntimeError("cannot reach postgresql://app:hunter2@db/prod")
subscribe("PostFork", callable=repair)
""")
        self.assertIn("in repair", host.log_text())
        traceback = re.search("what the subscriber key has raised:(.*?)forksafe: ", host.log_text(), re.DOTALL)[1]
        self.assertNotIn("hunter2", traceback)

    def test_text_that_is_none(self):
        for text, expected in (("'before\\\\0behind'", r"ValueError: before\x00behind"),
                               ("'lone \\\\udc80 surrogate'", r"ValueError: lone \udc80 surrogate"),
                               ("Broken()", "ValueError: its text cannot be made, for its __str__ fails")):
            with self.subTest(text):
                host = self.fail("""
class Broken:
    def __str__(self):
        raise RuntimeError("no text")
def repair(facts):
    raise ValueError(%s)
subscribe("PostFork", callable=repair)
""" % text.replace("\\\\", "\\"))
                self.assertEqual(self.reason(host), "threw: " + expected)
                host.stop()

    def test_result_that_nobody_awaits(self):
        for made, kind in (("coroutine()", "coroutine"), ("(fact for fact in facts)", "generator"), ("later()", "async_generator"),
                           ("Awaitable()", "Awaitable")):
            with self.subTest(made):
                host = self.fail("""
async def coroutine():
    tell("ran")
async def later():
    yield
class Awaitable:
    def __await__(self):
        yield
subscribe("PostFork", callable=lambda facts: %s)
""" % made)
                self.assertIn("the subscriber returned a %s, which nobody runs to its end" % kind, self.reason(host))
                self.assertNotIn("never awaited", host.log_text())
                self.assertEqual(self.debug(host)["executed_hooks"], [])
                host.stop()

    def test_pyramid_looks_at_the_result_too(self):
        host = self.serve("uwsgi", workers=1, application=hosts.PROLOGUE + """
async def coroutine():
    tell("ran")
application = make(events.ApplicationPostFork, subscriber=lambda event: coroutine(), **{"forksafe.on_failure": "open"})
""")
        host.get("/")
        self.assertIn("the subscriber returned a coroutine", host.log_text())
        self.assertNotIn("never awaited", host.log_text())

    def test_deadline(self):
        host = self.fail("""
import time
subscribe("PostFork", callable=lambda facts: time.sleep(0.4), deadline=0.1)
subscribe("PostWorkerInit", callable=lambda facts: time.sleep(0.4), deadline=60)
""")
        self.assertEqual([row["event"] for row in self.debug(host)["failures"]], ["ApplicationPostFork"])
        self.assertIn("failed on ApplicationPostFork (hook post_fork, worker): outlasted its deadline", host.log_text())


class Lifetime(test_uwsgi.Case):
    def test_late_subscriber_may_subscribe_and_end_itself(self):
        host = self.serve("uwsgi", "--lazy-apps", workers=1, environment={"MALLOC_PERTURB_": "165"}, application=PROLOGUE + """
import functools
def many(facts):
    for number in range(1000):
        forksafe.subscribe("ApplicationPreFork", hear, "key %d" % number)
first = forksafe.subscribe("ApplicationPostFork", hear, "key")
again = forksafe.subscribe("ApplicationPostFork", many, "key")
tell("numbers", first, again, forksafe.subscribe("ApplicationPostFork", hear, "key"))

def end(facts):
    forksafe.unsubscribe(itself)
    for number in range(100):
        forksafe.subscribe("ApplicationPostFork", functools.partial(hear), "late %d" % number)
    tell("ended", facts["event"])
itself = forksafe.subscribe("ApplicationPostFork", None, "itself")
forksafe.subscribe("ApplicationPostFork", functools.partial(end), "itself")
""")
        host.get("/")
        (numbers,) = self.trace("numbers")
        self.assertEqual(len(set(numbers[1:])), 1, numbers)
        self.assertEqual(self.trace("ended")[0][1], "ApplicationPostFork")
        self.assertEqual(len(self.heard("PostFork")), 102)


if __name__ == "__main__":
    warnings.simplefilter("error")
    unittest.main()
