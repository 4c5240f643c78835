"""Every verb that changes a complaint, a module for each part of its life. Pages and tasks call these, nothing else.

Each verb is one transaction: the row of `machine.STEPS` is asked for (`gate.allowed` raises Refused with a sentence),
the complaint is claimed as it was read, an Event is appended, and the notices that it owes are written. `now` is an
aware instant; `by` the officer; `complainant` who acts with the tracking code; neither: the system.
"""

from workflow.actions.aside import close_aside, follow_again, withdraw
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
from workflow.actions.conflict import hand_to_overseers, name_reported, step_aside
from workflow.actions.extending import extend
from workflow.actions.handling import (
    agree_action,
    end_suspension,
    record_money,
    report_action,
    suspend,
    take_statement,
)
from workflow.actions.helping import answer_help, ask_help
from workflow.actions.identity import ask_identity, give_new_code, grant_identity, open_identity, refuse_identity
from workflow.actions.inquiry import (
    analyse_again,
    answer,
    find_proven,
    find_unproven,
    recommend,
    register,
    report_result,
)
from workflow.actions.legal import check_legal, end_legal
from workflow.actions.merging import close_duplicate, link, split, unlink
from workflow.actions.paths import (
    coordinate,
    decide_master_data,
    recommend_master_data,
    recommend_payer,
    recommend_together,
)
from workflow.actions.placing import decide_place, not_ours
from workflow.actions.proposing import approve, may_decide, propose, refuse
from workflow.actions.protecting import ask_protection, protect
from workflow.actions.quality import approve_quality, draw_sample, return_for_quality
from workflow.actions.talking import note, send_message
from workflow.actions.tiers import assign, hand_down, hand_up, recategorise, take_over
from workflow.actions.waiting import ask_completion, complete, go_on, lapse, remind, take_up_again
from workflow.actions.weighing import weigh

__all__ = [
    "accept",
    "agree_action",
    "analyse_again",
    "answer",
    "answer_help",
    "approve",
    "approve_quality",
    "ask_completion",
    "ask_help",
    "ask_identity",
    "ask_protection",
    "assign",
    "check_legal",
    "close_aside",
    "close_duplicate",
    "close_silent",
    "complete",
    "coordinate",
    "decide_master_data",
    "decide_place",
    "draw_sample",
    "end_legal",
    "end_suspension",
    "extend",
    "find_proven",
    "find_unproven",
    "follow_again",
    "give_new_code",
    "go_on",
    "grant_identity",
    "hand_down",
    "hand_to_overseers",
    "hand_up",
    "lapse",
    "link",
    "may_decide",
    "name_reported",
    "not_ours",
    "note",
    "open_identity",
    "propose",
    "protect",
    "recategorise",
    "recommend",
    "recommend_master_data",
    "recommend_payer",
    "recommend_together",
    "record_money",
    "refuse",
    "refuse_identity",
    "register",
    "reject",
    "remind",
    "reopen",
    "report_action",
    "report_result",
    "return_for_quality",
    "review",
    "send_back",
    "send_message",
    "settle",
    "split",
    "step_aside",
    "suspend",
    "take_over",
    "take_statement",
    "take_up_again",
    "unlink",
    "verify",
    "verify_unproven",
    "weigh",
    "withdraw",
]
