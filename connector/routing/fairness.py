"""How far a rotation can ever be from everybody's share, and why that is certain.

A credit is a partner's target (the sum of its shares of the leads that it was eligible for) less the leads
that it was given. Two rules move the credits, see `connector.routing.rotation`, and each has its theorem.

**The same partners, the same weights, every lead.** Then the rules are Tijdeman's algorithm: nobody is ever
further from its share than 1 - 1/(2n - 2) of a lead, at any prefix ("The chairman assignment problem",
Discrete Mathematics 32, 1980; no smaller bound holds for all weights, Meijer 1973). Think of the j-th lead of
a partner as a job that may be done once its target has reached j - 1 + t and must be done before the target
passes j - t, where t = 1/(2n - 2). Tijdeman shows that some order does every job in time; the earliest
deadline first finds one whenever there is one, and the rules follow it since nobody ever leaves the quota.

**Anybody eligible for any lead, with any weights.** With n partners ever in the rotation, nobody is ever
further from its target than n/2 leads, rounded down. Let b(0) = 0 and let b(k) change by steps that fall by
one from n/2 to -n/2, each rounded towards zero, leaving out zero where n is even: 2, 1, 0, -1, -2 for n = 5,
and 2, 1, -1, -2 for n = 4. So b(n) = 0 and b(1) = b(n - 1) = floor(n/2). Claim: after every lead, the credits
of any k partners sum to b(k) at most. It holds at the start. Take a set A of k partners, and a lead that p
gets:

- p is in A: A gained no more than the lead and paid it, so its sum has not grown.
- nobody in A was eligible: its sum has not changed.
- else some i in A was eligible and not picked. Prove small sets first, so that A without i obeys b(k - 1);
  and A with p, which paid, has not grown, so it obeys b(k + 1).
  - p was picked by largest credit: credit(i) <= credit(p) + 1 afterwards. Adding sum(A) = sum(A without i) +
    credit(i) and sum(A) = sum(A with p) - credit(p) gives 2 sum(A) <= b(k - 1) + b(k + 1) + 1 <= 2 b(k),
    since steps shrink by at least one.
  - p was picked by deadline: nobody was outside the quota, so credit(i) < 1, and p was owed something, so
    credit(p) > -1. Thus sum(A) < b(k - 1) + 1 and sum(A) < b(k + 1) + 1, and one of the two is at most b(k),
    since b takes a step of one or more either up to b(k) or down from it.

The credits sum to zero, so one partner's is at least -b(n - 1), which is -floor(n/2). For largest credit
alone this is the carpool problem, where the bound is (n - 1)/2 (Ajtai, Aspnes, Naor, Rabani, Schulman and
Waarts, "Fairness in scheduling", J. Algorithms 29, 1998; for any weights Coppersmith, Nowicki, Paleologo,
Tresser and Wu, "The optimality of the online greedy algorithm in carpool and chairman assignment problems",
ACM Trans. Algorithms 7, 2011). The deadlines cost half a lead more where n is even, and earn the first
theorem.

**Nobody can promise much better.** Offer leads to two partners of equal credit, again and again: whoever is
picked, one rises by half a lead and the other falls by as much. These are two chips fired from one site of a
line, and n chips that start together come to rest on every site up to n/2 away (Anderson, Lovász, Shor,
Spencer, Tardos and Winograd, "Disks, balls, and walls", Amer. Math. Monthly 96, 1989): some partner ends
floor(n/2)/2 leads from its target under any rule. Leads do not come from such an adversary; what was observed
is in the benchmark and in each rotation's report.

**Where 1.1 is not kept.** On random workloads of 10, 50 and 300 partners nobody was seen more than 1.1 leads
from its target, but for small pools of which few may have each lead: of ten partners, with every one
eligible for 30 or 50 % of the leads, up to 1.2 were seen. Often two of the ten are alone with a lead, both of
them ahead of their target, and one must take it. A rule that knew these chances and looked fifteen leads
ahead did no better.

**A lead taken back** moves any set's sum by one lead at most, so each adds at most one to the second bound,
until later leads have made up for it.
"""

from dataclasses import dataclass
from fractions import Fraction

from connector.routing.rotation import LEAD, worth_a_turn


@dataclass(frozen=True, slots=True)
class Situation:
    """What a rotation promises: nobody is further from its target than `bound` leads, and the source.

    `upwards_only` says that the bound is for what a partner may be owed, not for what it may have too much.
    """

    name: str
    bound: Fraction
    promise: str
    source: str
    upwards_only: bool = False

    @property
    def units(self) -> int:
        """The bound in the ledger's units."""
        return int(self.bound * LEAD)


def same_for_every_lead(partners: int) -> Situation:
    """The same partners with the same weights are eligible for every lead, from level credits."""
    bound = Fraction(LEAD - worth_a_turn(partners), LEAD) if partners > 1 else Fraction(0)
    return Situation(
        "same_for_every_lead",
        bound,
        f"while the same {partners} partners may have every lead, "
        f"nobody is ever more than {_leads(bound)} from its share: never a whole lead",
        "Tijdeman 1980",
    )


def varying(partners: int) -> Situation:
    """Who is eligible, and with which weight, changes from lead to lead."""
    bound = Fraction(partners // 2)
    return Situation(
        "varying",
        bound,
        f"whoever may have which lead, nobody of {partners} partners is ever more than {_leads(bound)} "
        f"from its target; no rule can promise less than {_leads(unavoidable(partners))}",
        "Ajtai et al. 1998; Coppersmith et al. 2011; proof with the code",
    )


def by_value(partners: int, most: Fraction) -> Situation:
    """Leads cost by their value, at most `most` typical leads; only the largest credit is followed."""
    bound = most * Fraction(partners - 1, 2)
    return Situation(
        "by_value",
        bound,
        f"with leads worth up to {_leads(most)} of typical value, nobody of {partners} partners is ever more "
        f"than {_leads(bound)} of typical value from its target",
        "Coppersmith et al. 2011; proof with the code",
    )


def making_up(limit: int) -> Situation:
    """Absence is made up for: the terms themselves limit what anybody is owed."""
    bound = Fraction(limit + 1)
    return Situation(
        "making_up",
        bound,
        f"absence is made up for, and nobody is ever owed more than {_leads(bound)}",
        "whoever is owed the limit gains no more",
        upwards_only=True,
    )


def unavoidable(partners: int) -> Fraction:
    """How far from its target, in leads, somebody can be driven under any rule, if eligibility may vary."""
    return Fraction(partners // 2, 2)


def _leads(count: Fraction) -> str:
    text = f"{float(count):.3f}".rstrip("0").rstrip(".")
    return f"{text} lead" if count == 1 else f"{text} leads"
