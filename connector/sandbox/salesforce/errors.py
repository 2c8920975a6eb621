"""The errors of Salesforce: a code, a message and fields, in an array."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One entry of an error answer; `fields` are left out when the error is not about fields."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    def whole(self) -> dict[str, object]:
        """As part of the answer to a whole request."""
        named: dict[str, object] = {"fields": list(self.fields)} if self.fields else {}
        return {"message": self.message, "errorCode": self.code, **named}

    def item(self) -> dict[str, object]:
        """As an error of one record within a collection."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


class SalesforceError(Exception):
    """A request, or one record of it, that Salesforce refuses."""

    def __init__(self, code: str, message: str, fields: Iterable[str] = (), status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.fault = Fault(code, message, tuple(fields))

    @property
    def code(self) -> str:
        """The error code alone, such as INVALID_FIELD."""
        return self.fault.code


class OAuthError(Exception):
    """A token request that is refused; its answer is an object, not an array."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.status = status
        self.body = {"error": error, "error_description": description}


def not_found(message: str = "The requested resource does not exist") -> SalesforceError:
    """An address or a record that is not there."""
    return SalesforceError("NOT_FOUND", message, status=404)


def deleted() -> SalesforceError:
    """A record that lies in the recycle bin."""
    return SalesforceError("ENTITY_IS_DELETED", "entity is deleted", status=404)


def malformed_id(label: str, value: object, field: str = "Id") -> SalesforceError:
    """An id of a wrong length, checksum or object."""
    return SalesforceError("MALFORMED_ID", f"{label}: id value of incorrect type: {value}", [field])


def no_such_column(name: str, object_name: str) -> SalesforceError:
    """A field that the object lacks, or that this user may not see."""
    return SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {object_name}")


def not_writable(names: Iterable[str]) -> SalesforceError:
    """Fields that nobody, or not this user, may set."""
    fields = list(names)
    return SalesforceError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this "
        "field and verify that it is read/write for your profile or permission set.",
        fields,
    )


def bad_json(message: str) -> SalesforceError:
    """A body, or a value in it, that cannot be read."""
    return SalesforceError("JSON_PARSER_ERROR", message)


def no_access(message: str = "insufficient access rights on object id") -> SalesforceError:
    """Something that the permissions of this user do not allow."""
    return SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", message, status=403)
