# SPDX-License-Identifier: LGPL-2.1-or-later
"""The schemas, for all tests: of what a store writes, with entries that differ from a good one; and of what verbs print."""

import copy
import functools
import json
import pathlib

import jsonschema

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "schemas"
SUFFIX = ".schema.json"


@functools.cache
def schemas():
    """Name of a file in schemas/ without its suffix -> what it says."""
    return {path.name.removesuffix(SUFFIX): json.loads(path.read_text(encoding="utf-8"))
            for path in FOLDER.glob("*" + SUFFIX)}


@functools.cache
def validator(name):
    """Of schemas/NAME.schema.json, which is a schema itself; its references are to others of them."""
    schema = schemas()[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    store = {each["$id"]: each for each in schemas().values()}
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=store)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def deepest(error):
    """Of the alternatives that all do not fit, what is wrong with the one that fits best."""
    while error.context:
        error = jsonschema.exceptions.best_match(error.context)
    return error


def answer(words, status, printed):
    """The one document that a verb printed for --json: as its schema says, and as its exit status says.

    words: the command, up to and with the verb at least; printed: all of standard output.
    """
    said = json.loads(printed)
    verb = next((str(word) for word in words if str(word) in schemas()), "error")
    problem = jsonschema.exceptions.best_match(validator(verb).iter_errors(said))
    if problem is not None:
        problem = deepest(problem)
        raise AssertionError(f"{verb} prints what schemas/{verb}{SUFFIX} does not say: at {problem.json_path}: "
                             f"{problem.message}")
    code = said["error"]["code"] if "error" in said else None
    expected = {None: 0, "nothing-to-do": 2}.get(code, 1)
    if status != expected:
        raise AssertionError(f"{verb} ends with {status}, and says {code}")
    return said


def with_value(entry, path, value):
    """A copy of entry where the member at path has another value, or none."""
    changed = copy.deepcopy(entry)
    place = changed
    for name in path[:-1]:
        place = place[name]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed
