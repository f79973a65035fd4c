"""The base of every mapping in the rules, which tells all of its mistakes at once.

pydantic stops at a model's first kind of error; `Written`
tells what is unknown, missing, wrong and contradictory in a mapping at once, and one mistake only once: a
misspelt key is not also a missing one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError


def expected(what: str) -> PydanticCustomError:
    """The value is not what it should be: "expected WHAT, found …"."""
    return PydanticCustomError("expected", "expected {what}", {"what": what})


def wrong(sentence: str, line: int = 0, column: int = 0) -> PydanticCustomError:
    """The value will not do, for a reason that a sentence of its own says.

    `line` and `column` say where in a text that is, from 1; 0 where it is the value as a whole.
    """
    return PydanticCustomError("wrong", "{sentence}", _at({"sentence": sentence}, line, column))


def _at(context: dict[str, Any], line: int, column: int) -> dict[str, Any]:
    return {**context, "line": line, "column": column} if line else context


def nearest(word: object, names: list[str]) -> str:
    """The name that was probably meant, "" for none."""
    by_fold = {name.casefold(): name for name in names}
    found = get_close_matches(str(word).casefold(), list(by_fold), n=1, cutoff=0.6)
    return by_fold[found[0]] if found else ""


def meant(word: object, names: list[str]) -> str:
    """The end of a sentence that names what was probably meant, "" for nothing."""
    name = nearest(word, names)
    return f'; did you mean "{name}"?' if name else ""


def meant_or_known(word: object, names: list[str]) -> str:
    """The end of a sentence that names what was probably meant, or else all that is known."""
    return meant(word, names) or f"; there are {', '.join(names) or 'none'}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """What one mapping says that does not go together; `at` is where in it that is written.

    Where a key is missing, `lacks` holds those that would mend it; `place` is the line and column in the text
    that stands there, both from 1.
    """

    sentence: str
    at: tuple[str | int, ...] = ()
    lacks: tuple[str, ...] = ()
    place: tuple[int, int] = (0, 0)


def one_of(written: Mapping[str, object], *keys: str) -> Iterator[Conflict]:
    """A conflict unless exactly one of the keys is written."""
    found = [key for key in keys if key in written]
    listed = ", ".join(f'"{key}"' for key in keys[:-1]) + f' or "{keys[-1]}"'
    if not found:
        yield Conflict(f"needs {listed}", lacks=keys)
    for extra in found[1:]:
        yield Conflict(f'"{extra}" and "{found[0]}" do not go together; keep one', (extra, "[key]"))


def just_one(*keys: str) -> ConfigDict:
    """The same, for the JSON Schema of a mapping that nothing completes."""
    return ConfigDict(json_schema_extra={"oneOf": [{"required": [key]} for key in keys]})


def found_in(written: Mapping[str, object], key: str) -> list[object]:
    """The list under a key; empty where there is something else."""
    found = written.get(key)
    return list(found) if isinstance(found, (list, tuple)) else []


def listed(written: Any) -> tuple[Any, ...]:  # noqa: ANN401 - one or several of anything
    """What is written, as a tuple: of one, of several or of none."""
    if written is None:
        return ()
    return written if isinstance(written, tuple) else (written,)


class Written(BaseModel):
    """Something that people write in the rules: unknown keys are mistakes, values never change."""

    # Most processes never look into most models, so each is built when it is first needed.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:  # noqa: ARG003 - for those with any
        """Mistakes in how the keys go together; the values may themselves be wrong."""
        return iter(())

    @classmethod
    def key_names(cls) -> list[str]:
        """Every key, as it is written."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @model_validator(mode="wrap")
    @classmethod
    def _told_at_once(cls, written: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - anything may be written
        made, errors = None, []
        try:
            made = handler(written)
        except ValidationError as error:
            errors = error.errors(include_url=False)
        conflicts = list(cls.conflicts(written)) if isinstance(written, Mapping) else []
        if made is not None and not conflicts:
            return made
        raise ValidationError.from_exception_data(
            cls.__name__, [*_own(errors, cls.key_names()), *_conflicting(conflicts, errors, cls.key_names())]
        )


def _own(errors: list[ErrorDetails], names: list[str]) -> Iterator[InitErrorDetails]:
    """The errors of a mapping and of what is in it, those of its own keys with the names it takes."""
    meant = _meant(errors, names)
    for error in errors:
        kind, location, context = error["type"], error["loc"], dict(error.get("ctx", {}))
        if len(location) == 1 and kind == "missing" and location[0] in meant:
            continue
        if len(location) == 1 and kind == "extra_forbidden":
            context["names"] = names
        yield _line(kind, location, context)


def _conflicting(
    conflicts: list[Conflict], errors: list[ErrorDetails], names: list[str]
) -> Iterator[InitErrorDetails]:
    meant = _meant(errors, names)
    for each in conflicts:
        if not meant.intersection(each.lacks):
            kind = "needs" if each.lacks else "wrong"
            yield _line(kind, each.at, _at({"sentence": each.sentence}, *each.place))


def _meant(errors: list[ErrorDetails], names: list[str]) -> set[str]:
    """The keys that misspelt ones probably are."""
    unknown = (error["loc"] for error in errors if error["type"] == "extra_forbidden")
    return {nearest(location[0], names) for location in unknown if len(location) == 1} - {""}


def _line(kind: str, location: tuple[str | int, ...], context: dict[str, Any]) -> InitErrorDetails:
    error = PydanticCustomError(kind, kind, context)
    return InitErrorDetails(type=error, loc=location, input=None)
