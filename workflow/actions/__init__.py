"""Every verb that changes a complaint, a module for each part of its life. Pages and tasks call these, nothing else.

Each verb is one transaction: the row of `machine.STEPS` is asked for (`gate.allowed` raises Refused with a sentence),
the complaint is claimed as it was read, an Event is appended, and the notices that it owes are written. `now` is an
aware instant; `by` the officer; `complainant` who acts with the tracking code; neither: the system.
"""

from workflow.actions.aside import close_aside, close_duplicate, withdraw
from workflow.actions.closing import (
    accept,
    close_silent,
    reject,
    reopen,
    review,
    send_back,
    settle,
    verify,
    verify_unproven,
)
from workflow.actions.inquiry import (
    analyse_again,
    answer,
    find_proven,
    find_unproven,
    recommend,
    register,
    report_result,
)
from workflow.actions.proposing import approve, may_decide, propose, refuse
from workflow.actions.talking import note, send_message
from workflow.actions.tiers import assign, hand_down, hand_up, recategorise, step_aside
from workflow.actions.waiting import ask_completion, complete, go_on, lapse, take_up_again

__all__ = [
    "accept",
    "analyse_again",
    "answer",
    "approve",
    "ask_completion",
    "assign",
    "close_aside",
    "close_duplicate",
    "close_silent",
    "complete",
    "find_proven",
    "find_unproven",
    "go_on",
    "hand_down",
    "hand_up",
    "lapse",
    "may_decide",
    "note",
    "propose",
    "recategorise",
    "recommend",
    "refuse",
    "register",
    "reject",
    "reopen",
    "report_result",
    "review",
    "send_back",
    "send_message",
    "settle",
    "step_aside",
    "take_up_again",
    "verify",
    "verify_unproven",
    "withdraw",
]
