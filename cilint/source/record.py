"""Named tuples that are quick to define: a plain check makes some ninety such classes before it reads a byte.

`typing.NamedTuple` compiles each annotation, then the class; this needs a quarter of that. For type checkers it is the
very same. What is left out: `_make` and `_field_defaults`, which nobody asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from operator import itemgetter

    try:
        from _collections import _tuplegetter as _getter
    except ImportError:  # an interpreter other than CPython

        def _getter(index, doc):
            return property(itemgetter(index), doc=doc)

    class _Shared(tuple):
        """What all records can do, as the standard library's can."""

        __slots__ = ()

        def _replace(self, /, **changes):
            values = [changes.pop(name, value) for name, value in zip(self._fields, self, strict=True)]
            if changes:
                raise TypeError(f"{type(self).__name__} has no {', '.join(changes)}")
            return tuple.__new__(type(self), values)

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            shown = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
            return f"{type(self).__name__}({shown})"

        def __getnewargs__(self):
            return tuple(self)

    class _Kind(type):
        """Makes the class: a getter for each annotated name, and a `__new__` with its defaults."""

        def __new__(cls, name, bases, body):
            names = tuple(body.get("__annotations__", ()))
            defaults = tuple(body.pop(each) for each in names if each in body)
            listed = ", ".join(names)
            made = eval(
                f"lambda _cls, {listed}: _new(_cls, ({listed},))",
                {"_new": tuple.__new__, "__builtins__": {}, "__name__": body["__module__"]},
            )
            made.__name__ = "__new__"
            made.__qualname__ = f"{body['__qualname__']}.__new__"
            made.__defaults__ = defaults
            body |= {each: _getter(index, f"field {index}") for index, each in enumerate(names)}
            body |= {"__slots__": (), "__match_args__": names, "_fields": names, "__new__": made}
            return type.__new__(type, name, (_Shared,), body)

    NamedTuple = type.__new__(_Kind, "NamedTuple", (), {})
