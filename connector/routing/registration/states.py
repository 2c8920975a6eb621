"""From which state a registration may come to which, and by whom: the whole table."""

from collections.abc import Mapping

from connector.model.registration import State

_S = State

TRANSITIONS: Mapping[State, frozenset[State]] = {
    _S.SUBMITTED: frozenset(
        {_S.UNDER_REVIEW, _S.RETURNED, _S.APPROVED, _S.REJECTED, _S.CONFLICT, _S.CONVERTED, _S.WITHDRAWN}
    ),
    _S.UNDER_REVIEW: frozenset(
        {_S.SUBMITTED, _S.RETURNED, _S.APPROVED, _S.REJECTED, _S.CONFLICT, _S.CONVERTED, _S.WITHDRAWN}
    ),
    _S.RETURNED: frozenset({_S.SUBMITTED, _S.EXPIRED, _S.CONVERTED, _S.WITHDRAWN}),
    _S.APPROVED: frozenset({_S.UNDER_REVIEW, _S.EXPIRED, _S.CONVERTED, _S.WITHDRAWN}),
    _S.CONFLICT: frozenset({_S.SUBMITTED, _S.WITHDRAWN}),
    _S.REJECTED: frozenset({_S.WITHDRAWN}),
    _S.EXPIRED: frozenset({_S.WITHDRAWN}),
    _S.CONVERTED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}
"""What the connector may do by itself. A person may move one to any state: that word always wins."""


def may_move(before: State, after: State, by: str) -> bool:
    """Whether a registration may go from one state to another by the connector, or by a person."""
    return before is not after if by == "person" else after in TRANSITIONS[before]
