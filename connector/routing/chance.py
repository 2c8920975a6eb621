"""Chance that falls the same way every time: by the admin's seed, the lead, and what is at stake."""

from hashlib import blake2b

from connector.model.lead import Ref


def chance(seed: int, ref: Ref, purpose: str) -> float:
    """A number from 0 up to but not including 1, spread evenly over leads, anew for each purpose."""
    digest = blake2b(f"{seed}\n{purpose}\n{ref}".encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48
