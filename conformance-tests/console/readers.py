"""What a Console's SDK reads: for every request the model it expects, with the types of its fields.

Consoles 6.1.28 and 7.5.7 use published SDKs, whose type declarations are read here; 8.7.30 uses one that is made from the
contract's OpenAPI descriptions, and those are read. Both end in the same form: models by name, a field being (type, optional),
a type being text as TypeScript writes it.
"""

import json
import re

METHOD = re.compile(r"const apiPath = '([^']+)'.*?this\.client\.(call|chunkedUpload)\('(\w+)'", re.S)
NAME = re.compile(r"^ {4}(\w+)\([^\n]*\) \{$", re.M)
PROMISE = re.compile(r"^ {4}(\w+)(?:<[^(]*>)?\([^;]*\): Promise<(.+)>;$", re.M)
MODEL = re.compile(r"^ {4}export type (\w+)(?:<[^\n]*>)? = (.*?)^ {4}\};?$", re.M | re.S)
FIELD = re.compile(r"^ {8}(\$?\w+)(\?)?: ([^;]+);", re.M)


class Sdk:
    """Models and answers of a published SDK."""

    def __init__(self, folder):
        text = (folder / "types" / "models.d.ts").read_text()
        self.models = {m[1]: {f[1]: (plain(f[3]), bool(f[2])) for f in FIELD.finditer(m[2])} for m in MODEL.finditer(text)}
        # Where several methods have one path, the first is the one for a single thing.
        self.answers = dict(reversed(list(answers(folder))))

    def model(self, method, path):
        """The type of the answer to a request; `None` when nothing is known of it."""
        return self.answers.get((method, path))


def plain(kind):
    """A type without name spaces and type parameters."""
    return re.sub(r"<[^<>]*>", "", kind.replace("Models.", "")).strip()


def answers(folder):
    """Request by request, the type of its answer."""
    promised = {}
    for file in (folder / "types" / "services").glob("*.d.ts"):
        text = file.read_text()
        service = re.search(r"export declare class (\w+)", text)[1]
        for found in PROMISE.finditer(text):
            promised[service, found[1]] = plain(found[2])
    code = (folder / "dist" / "cjs" / "sdk.js").read_text()
    for part in re.split(r"^class ", code, flags=re.M)[1:]:
        service = re.match(r"\w+", part)[0]
        names = list(NAME.finditer(part))
        for name, following in zip(names, [*names[1:], None]):
            body = part[name.start():following.start() if following else None]
            found = METHOD.search(body)
            if found and (service, name[1]) in promised:
                yield (found[3].upper(), found[1]), promised[service, name[1]]


class OpenApi:
    """Models and answers of OpenAPI descriptions."""

    def __init__(self, files):
        self.models, self.answers = {}, {}
        for file in files:
            api = json.loads(file.read_text())
            for name, schema in api["components"]["schemas"].items():
                required = schema.get("required", [])
                self.models[name] = {key: (written(kind), key not in required) for key, kind in schema.get("properties", {}).items()}
            for path, methods in api["paths"].items():
                for method, operation in methods.items():
                    self.answers[method.upper(), path] = self.answer(operation)

    @staticmethod
    def answer(operation):
        """The type of an operation's good answer."""
        for status, told in sorted(operation.get("responses", {}).items()):
            kinds = told.get("content", {})
            if status.startswith("2"):
                # One operation names no kind of content, but a model.
                schema = kinds.get("application/json", kinds.get("", {})).get("schema")
                return written(schema) if schema else None if kinds else "{}"
        return "{}"

    def model(self, method, path):
        """As [`Sdk.model`]."""
        return self.answers.get((method, path))


def written(schema):
    """A schema as TypeScript writes the type."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return " | ".join(written(one) for one in schema[several])
    kind = schema.get("type", "any")
    if kind == "array":
        inner = written(schema.get("items", {}))
        text = f"({inner})[]" if "|" in inner else f"{inner}[]"
    else:
        text = {"integer": "number"}.get(kind, kind)
    return f"{text} | null" if schema.get("nullable") or schema.get("x-nullable") else text


def problems(models, kind, value, at="answer"):
    """What is wrong with a value that should be of a type."""
    kind = kind.strip()
    if kind in ("any", "bigint"):
        return []
    if kind.endswith("[]"):
        if not isinstance(value, list):
            return [f"{at} is no list but {short(value)}"]
        inner = kind[:-2].strip().removeprefix("(").removesuffix(")")
        return [problem for n, item in enumerate(value) for problem in problems(models, inner, item, f"{at}[{n}]")]
    if "|" in kind:
        found = [problems(models, one, value, at) for one in kind.split("|")]
        return min(found, key=len)
    simple = {"string": str, "number": (int, float), "boolean": bool, "object": dict, "{}": dict}.get(kind)
    if kind == "null":
        return [] if value is None else [f"{at} is not null"]
    if simple:
        right = isinstance(value, simple) and (kind == "boolean" or not isinstance(value, bool))
        return [] if right else [f"{at} is no {kind} but {short(value)}"]
    if kind in models:
        return fields(models, kind, value, at)
    # What is left are the enumerations, which are texts.
    return [] if isinstance(value, str) else [f"{at} is no {kind} but {short(value)}"]


def fields(models, kind, value, at):
    """Every field that is not optional is there; every field that is there has its type."""
    if not isinstance(value, dict):
        return [f"{at} is no {kind} but {short(value)}"]
    found = []
    for key, (inner, optional) in models[kind].items():
        if key in value:
            if value[key] is not None or not optional:
                found += problems(models, inner, value[key], f"{at}.{key}")
        elif not optional:
            found.append(f"{at}.{key} is missing")
    return found


def short(value):
    """A value as a message shows it."""
    text = json.dumps(value, default=repr)
    return text if len(text) < 80 else f"{text[:80]}…"
