"""Where a CRM's answers become ours: what cannot be understood is trouble of the CRM, never a crash."""

from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

from connector.sources.errors import SourceBusy

UNCLEAR = (KeyError, IndexError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)
"""What reading an answer of another shape than the documented one comes to."""


class Border:
    """A port of a CRM: each method that it promises turns an answer of an unknown shape into SourceBusy.

    The error names the kind and the place, for whoever mends the reader, and nothing of the answer itself,
    which may hold a person's data.
    """

    def __init_subclass__(cls, **keys: Any) -> None:
        super().__init_subclass__(**keys)
        for name in _promised(cls):
            if name in vars(cls):
                setattr(cls, name, _clear(vars(cls)[name]))


def _promised(cls: type) -> set[str]:
    return {
        name
        for base in cls.__mro__[1:]
        for name, method in vars(base).items()
        if getattr(method, "__isabstractmethod__", False)
    }


def _clear(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def asked(self: Any, *given: Any, **keys: Any) -> Any:
        try:
            answer = method(self, *given, **keys)
        except UNCLEAR as error:
            raise _unclear(error) from error
        return _each(answer) if isinstance(answer, Iterator) else answer

    return asked


def _each(answers: Iterator[Any]) -> Iterator[Any]:
    try:
        yield from answers
    except UNCLEAR as error:
        raise _unclear(error) from error


def _unclear(error: BaseException) -> SourceBusy:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    kind = type(error).__name__
    return SourceBusy(f"the CRM's answer cannot be understood ({kind}{where}); it is asked again", "UNCLEAR")
