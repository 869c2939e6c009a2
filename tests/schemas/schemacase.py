# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of what a store writes have in common: its schema, and entries that differ from a good one."""

import copy
import json
import os
import pathlib

import jsonschema


def validator(name):
    """Of schemas/NAME.schema.json, which is a schema itself."""
    path = pathlib.Path(os.environ["QFU_SOURCE_ROOT"], "schemas", f"{name}.schema.json")
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


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
