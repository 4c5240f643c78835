"""What was said: the complaint, who brought it, about whom, with what proof, and the record of all that followed."""

from pengaduan.models.attachment import Attachment
from pengaduan.models.case_file import CaseFile, Position, Recommendation
from pengaduan.models.catalogue import Category, Channel, ClosureStandard, Evidence, Field, Nature, ServiceLevel, Source
from pengaduan.models.complainant import Complainant, Secrecy
from pengaduan.models.complaint import Complaint, ComplaintGrant, ComplaintText, Outcome, Stage, Weight
from pengaduan.models.event import Actor, Event, Message, Note
from pengaduan.models.party import Recusal, ReportedParty

__all__ = [
    "Actor",
    "Attachment",
    "CaseFile",
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
    "Message",
    "Nature",
    "Note",
    "Outcome",
    "Position",
    "Recommendation",
    "Recusal",
    "ReportedParty",
    "Secrecy",
    "ServiceLevel",
    "Source",
    "Stage",
    "Weight",
]
