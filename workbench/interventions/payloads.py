"""What an event carries, as plain JSON that can be looked at, edited and put back; and damaged, by a fault.

The parts of an event are those that its hook point names for snapshots (``message``, ``context`` ...), else
those of its arguments that are plain data. An edit is put back member by member, and only where it differs
from what was shown: hooks go on with the very objects that the system gave them.
"""

from __future__ import annotations

__all__ = ["BadEdit", "as_json", "corrupted", "parts_of", "put_back"]

import base64
import binascii
import string
from collections.abc import Callable, Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from random import Random
from typing import Any

from workbench.engine.errors import WorkbenchError
from workbench.engine.points import Point
from workbench.server.messages import Headers
from workbench.trace.copies import Copier, Cut, Opaque

Path = tuple[str | int, ...]

_BYTES = "base64"
_MUTABLE = (MutableMapping, Headers)
_PLAIN = (dict, list, str, bytes, int, float, bool, type(None))
_LETTERS = string.ascii_letters + string.digits


class BadEdit(WorkbenchError):
    """An edit of an event that cannot be put back; the sentence names the member."""


def parts_of(point: Point, args: Sequence[Any]) -> dict[str, Any]:
    """Return copies of the named parts of an event, as JSON values.

    Parameters
    ----------
    point
        Where the event is.
    args
        What its hooks are called with.
    """
    return {name: as_json(value) for name, value in _live_parts(point, args).items()}


def as_json(value: Any) -> Any:
    """Return a bounded copy as a JSON value; bytes become ``{"base64": ...}``, other objects their text."""
    return _json(Copier().copy(value))


def _live_parts(point: Point, args: Sequence[Any]) -> dict[str, Any]:
    if point.snapshot is not None:
        return dict(point.snapshot(*args))
    named = zip(point.parameters, args, strict=False)
    return {name: value for name, value in named if isinstance(value, _PLAIN)}


def _json(copied: Any) -> Any:
    if isinstance(copied, dict):
        return {str(key): _json(value) for key, value in copied.items()}
    if isinstance(copied, list):
        return [_json(value) for value in copied]
    if isinstance(copied, bytes):
        return {_BYTES: base64.b64encode(copied).decode()}
    if (isinstance(copied, float) and copied != copied) or copied in (float("inf"), float("-inf")):  # noqa: PLR0124
        return str(copied)
    if isinstance(copied, Cut):
        return f"{copied.head!s}..."
    return copied if copied is None or isinstance(copied, str | bool | int | float) else str(copied)


# putting an edit back


def put_back(
    point: Point,
    args: Sequence[Any],
    edited: Mapping[str, Any],
    *,
    shown_as: Callable[[Any], Any] = as_json,
) -> tuple[Any, ...]:
    """Put an edited copy of the parts back into the event.

    Parameters
    ----------
    point
        Where the event is.
    args
        What its hooks are called with; mutable ones are changed in place.
    edited
        As `parts_of` gave it, with changes. A part that is left out stays as it is.
    shown_as
        How the parts were copied for whoever edited them.

    Returns
    -------
    tuple
        The arguments, where an immutable one changed with another in its place.

    Raises
    ------
    BadEdit
        For a part that is not there, or a member that cannot be changed.
    """
    if not isinstance(edited, Mapping):
        raise BadEdit(f"What an event carries is an object of its parts, not {_short(edited)}.")
    live = _live_parts(point, args)
    shown = {name: shown_as(value) for name, value in live.items()}
    for name, value in edited.items():
        if name not in shown:
            raise BadEdit(f"The event has no part {name!r}; it has {', '.join(shown) or 'none'}.")
        if value != shown[name]:
            args = _put_part(point, args, live, name, shown[name], value)
    return tuple(args)


def _put_part(
    point: Point, args: Sequence[Any], live: Mapping[str, Any], name: str, shown: Any, value: Any
) -> Sequence[Any]:
    if name in point.parameters[: len(args)]:
        place = point.parameters.index(name)
        changed = _merged(args[place], shown, value, name)
        return (*args[:place], changed, *args[place + 1 :])
    held = _held_by(args[0], name, live[name]) if args else live[name]
    changed = _merged(held, shown, value, name)
    if changed is not held and args:
        _set_member(args[0], name, changed, name)
    return args


def _held_by(holder: Any, name: str, shown: Any) -> Any:
    """Find the member itself: what a point names for snapshots may be a copy with something left out."""
    return holder.get(name, shown) if isinstance(holder, Mapping) else getattr(holder, name, shown)


def _merged(live: Any, shown: Any, edited: Any, where: str) -> Any:
    """Change what differs, in place where the object allows it; the object, or another for its place."""
    if edited == shown:
        return live
    if _is_blob(shown) or _is_blob(edited) or not isinstance(edited, dict | list):
        return _decoded(live, edited, where)
    if isinstance(edited, dict) and isinstance(shown, dict):
        return _merge_members(live, shown, edited, where)
    if isinstance(edited, list) and isinstance(live, MutableSequence) and isinstance(shown, list):
        kept = [
            _merged(old, before, new, f"{where}[{index}]")
            for index, (old, before, new) in enumerate(zip(live, shown, edited, strict=False))
        ]
        live[:] = [*kept, *_whole(edited[len(kept) :], where)]
        return live
    return _whole(edited, where)


def _whole(edited: Any, where: str) -> Any:
    """Make the value that an edit stands for, where there is none to change in place."""
    if _is_blob(edited):
        return _decoded(b"", edited, where)
    if isinstance(edited, dict):
        return {name: _whole(value, f"{where}.{name}") for name, value in edited.items()}
    if isinstance(edited, list):
        return [_whole(value, f"{where}[{index}]") for index, value in enumerate(edited)]
    return edited


def _merge_members(live: Any, shown: dict[str, Any], edited: dict[str, Any], where: str) -> Any:
    for name in shown.keys() - edited.keys():
        if not isinstance(live, _MUTABLE):
            raise BadEdit(f"{where}.{name} cannot be taken away; give it another value.")
        del live[_key(live, name)]
    for name, value in edited.items():
        path = f"{where}.{name}"
        if name not in shown:
            _set_member(live, name, _whole(value, path), path)
        elif value != shown[name]:
            old = _member(live, name, path)
            new = _merged(old, shown[name], value, path)
            if new is not old:
                _set_member(live, name, new, path)
    return live


def _decoded(live: Any, edited: Any, where: str) -> Any:
    if _is_blob(edited):
        try:
            return base64.b64decode(edited[_BYTES], validate=True)
        except (binascii.Error, ValueError, TypeError):
            raise BadEdit(f'{where}: what stands under "{_BYTES}" is not base64.') from None
    if not isinstance(live, _PLAIN):
        raise BadEdit(
            f"{where} is a {type(live).__name__}, which cannot be written as JSON; change it in Python."
        )
    return edited


def _is_blob(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {_BYTES}


def _key(live: MutableMapping[Any, Any] | Headers, name: str) -> Any:
    """Find the key that was shown as this text: keys of JSON are texts, those of a mapping need not be."""
    return name if name in live else next((key for key in live if str(key) == name), name)


def _member(live: Any, name: str, where: str) -> Any:
    if isinstance(live, _MUTABLE):
        return live[_key(live, name)]
    if isinstance(live, Mapping):
        return live[name]
    try:
        return getattr(live, name)
    except AttributeError:
        raise BadEdit(f"{where} cannot be changed here.") from None


def _set_member(live: Any, name: str, value: Any, where: str) -> None:
    if isinstance(live, _MUTABLE):
        live[_key(live, name)] = value
        return
    try:
        setattr(live, name, value)
    except (AttributeError, TypeError):
        raise BadEdit(f"{where} cannot be changed here: a {type(live).__name__} does not let it.") from None


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."  # noqa: PLR2004 - enough to know it again


# damage


def corrupted(point: Point, args: Sequence[Any], random: Random) -> tuple[tuple[Any, ...], str] | None:
    """Damage one member of what an event carries.

    Parameters
    ----------
    point, args
        As for `parts_of`.
    random
        Chooses the member and the damage.

    Returns
    -------
    tuple or None
        The arguments, and the path of what was damaged; None where there is nothing that could be.
    """
    parts = parts_of(point, args)
    places = [path for path in _leaves(parts) if not isinstance(_at(_live_parts(point, args), path), Opaque)]
    random.shuffle(places)
    for path in places:
        damaged = damage(_at(parts, path), random)
        try:
            return put_back(point, args, _with(parts, path, damaged)), ".".join(map(str, path))
        except WorkbenchError:
            continue
        except Exception:  # noqa: BLE001, S112 - an object that refuses the value: another member is tried
            continue
    return None


def damage(value: Any, random: Random) -> Any:
    """Return a text, number or blob that is not what it was."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + random.choice((-1, 1)) * random.randint(1, 1000)
    if isinstance(value, dict):
        return {_BYTES: base64.b64encode(damaged_bytes(base64.b64decode(value[_BYTES]), random)).decode()}
    return damaged_text(str(value), random)


def damaged_text(text: str, random: Random) -> str:
    """Put another letter in the place of one to three of a text's."""
    letters = list(text)
    for _ in range(min(len(letters), random.randint(1, 3))):
        place = random.randrange(len(letters))
        letters[place] = random.choice([letter for letter in _LETTERS if letter != text[place]])
    return "".join(letters)


def damaged_bytes(data: bytes, random: Random) -> bytes:
    """Flip a bit in one to three of the bytes."""
    damaged = bytearray(data)
    for place in random.sample(range(len(damaged)), min(len(damaged), random.randint(1, 3))):
        damaged[place] ^= 1 << random.randrange(8)
    return bytes(damaged)


def _leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of what can be damaged: texts and blobs that are not empty, numbers, flags."""
    if _is_blob(value):
        if value[_BYTES]:
            yield path
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _leaves(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _leaves(member, (*path, index))
    elif value is not None and value != "":
        yield path


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _with(value: Any, path: Path, leaf: Any) -> Any:
    if not path:
        return leaf
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {**value, step: _with(value[step], rest, leaf)}
    return [_with(member, rest, leaf) if index == step else member for index, member in enumerate(value)]
