"""The three things that a CRM's trouble can mean."""

from datetime import timedelta


class SourceError(Exception):
    """A CRM did not do what it was asked; `code` is the CRM's own code where it gave one."""

    def __init__(self, message: str, code: str = ""):
        super().__init__(message)
        self.code = code


class SourceBusy(SourceError):
    """Try later, after `retry_after` if the CRM named a time; the effect of a write is unknown."""

    def __init__(self, message: str, code: str = "", retry_after: timedelta | None = None):
        super().__init__(message, code)
        self.retry_after = retry_after


def unreachable(crm: str, error: BaseException) -> SourceBusy:
    """No connection came about, or it broke."""
    return SourceBusy(
        f"{crm} cannot be reached ({type(error).__name__}); "
        "look at the network, its proxy, and base_url if it is set"
    )


class SourceRefused(SourceError):
    """Never, for this record; `gone` says that the record no longer exists to be written."""

    def __init__(self, message: str, code: str = "", *, gone: bool = False):
        super().__init__(message, code)
        self.gone = gone


class SourceLocked(SourceError):
    """Nothing more from this CRM until a person acts: credentials, permissions, or the field mapping."""
