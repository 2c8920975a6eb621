"""Why a query is refused, with the place in it as Salesforce shows it."""

from lark import Token

from connector.sandbox.salesforce.errors import SalesforceError

BEFORE, AFTER = 40, 40


def query_error(code: str, message: str, text: str, row: int, column: int) -> SalesforceError:
    """An error whose message quotes the query around a place, with a mark below it."""
    line = text.split("\n")[row - 1] if text else ""
    start, end = max(0, column - 1 - BEFORE), column - 1 + AFTER
    mark = " " * (column - 1 - start) + "^"
    return SalesforceError(
        code, f"\n{line[start:end]}\n{mark}\nERROR at Row:{row}:Column:{column}\n{message}"
    )


class QueryProblem(Exception):
    """A query that cannot be run; `token` is the place, and `code` and `message` what is wrong with it."""

    def __init__(self, code: str, message: str, token: Token | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.token = token

    def located(self, text: str) -> SalesforceError:
        """As the answer to the request, quoting the query."""
        if self.token is None:
            return SalesforceError(self.code, self.message)
        return query_error(self.code, self.message, text, self.token.line or 1, self.token.column or 1)


def no_such_field(token: Token, name: str, object_name: str) -> QueryProblem:
    """A field that the object lacks, or that this user may not see."""
    return QueryProblem(
        "INVALID_FIELD",
        f"No such column '{name}' on entity '{object_name}'. If you are attempting to use a custom field, "
        "be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe "
        "call for the appropriate names.",
        token,
    )


def no_such_relationship(token: Token, name: str) -> QueryProblem:
    """A parent that the object lacks."""
    return QueryProblem(
        "INVALID_FIELD",
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom "
        "relationship, be sure to append the '__r' after the custom relationship name. Please reference your "
        "WSDL or the describe call for the appropriate names.",
        token,
    )


def no_such_object(token: Token) -> QueryProblem:
    """An object that there is not, or that this user may not read."""
    return QueryProblem(
        "INVALID_TYPE",
        f"sObject type '{token}' is not supported. If you are attempting to use a custom object, be sure to "
        "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
        "appropriate names.",
        token,
    )


def malformed(message: str, token: Token | None = None) -> QueryProblem:
    """A query that reads well but makes no sense."""
    return QueryProblem("MALFORMED_QUERY", message, token)
