"""What was said: the complaint, who brought it, about whom, with what proof, and the record of all that followed."""

from pengaduan.models.attachment import Attachment
from pengaduan.models.case_file import CaseFile, Position, Recommendation
from pengaduan.models.catalogue import (
    Category,
    Channel,
    ClosureStandard,
    Evidence,
    Field,
    Nature,
    Path,
    ServiceLevel,
    Source,
)
from pengaduan.models.complainant import Complainant, Secrecy
from pengaduan.models.complaint import Complaint, ComplaintGrant, ComplaintText, Outcome, Stage, Weight
from pengaduan.models.event import Actor, Event, Message, Note
from pengaduan.models.handling import AgreedAction, HelpRequest, LegalWatch, Repayment, Statement, Suspension
from pengaduan.models.inbound import Inbound, InboundText
from pengaduan.models.link import CaseLink
from pengaduan.models.party import Recusal, ReportedParty
from pengaduan.models.search import Reading, SearchEntry

__all__ = [
    "Actor",
    "AgreedAction",
    "Attachment",
    "CaseFile",
    "CaseLink",
    "Category",
    "Channel",
    "ClosureStandard",
    "Complainant",
    "Complaint",
    "ComplaintGrant",
    "ComplaintText",
    "Event",
    "Evidence",
    "Field",
    "HelpRequest",
    "Inbound",
    "InboundText",
    "LegalWatch",
    "Message",
    "Nature",
    "Note",
    "Outcome",
    "Path",
    "Position",
    "Reading",
    "Recommendation",
    "Recusal",
    "Repayment",
    "ReportedParty",
    "SearchEntry",
    "Secrecy",
    "ServiceLevel",
    "Source",
    "Stage",
    "Statement",
    "Suspension",
    "Weight",
]
