"""All tables. `Model.__table__` is the Core table; importing this package completes `Base.metadata`."""

from models.address import Address
from models.audit import Audit
from models.base import Base
from models.consent import Consent
from models.console_session import ConsoleSession
from models.content_template import ContentTemplate
from models.conversation import Conversation
from models.counter import Counter, next_number
from models.figure import Figure, FigurePlace, FigureTalk
from models.job import JobRow
from models.join_code import JoinCode
from models.join_try import JoinTry
from models.listing import Listing
from models.listing_event import ListingEvent
from models.media import Media
from models.message import Message
from models.phone_share import PhoneShare
from models.photo_offer import PhotoOffer
from models.rendition import Rendition
from models.rep import Rep
from models.rep_task import RepTask
from models.retake import Retake
from models.seller import Seller
from models.seller_card import SellerCard, SellerWord
from models.sign_in_try import SignInTry
from models.sms_part import SmsPart
from models.start import Start, StartRow
from models.tombstone import Tombstone
from models.transcription import Transcription

__all__ = [
    "SignInTry",
    "SellerWord",
    "SellerCard",
    "ConsoleSession",
    "Audit",
    "Address",
    "Base",
    "Consent",
    "ContentTemplate",
    "Conversation",
    "Counter",
    "Figure",
    "FigurePlace",
    "FigureTalk",
    "JobRow",
    "JoinCode",
    "JoinTry",
    "Listing",
    "ListingEvent",
    "Media",
    "Message",
    "PhoneShare",
    "PhotoOffer",
    "Rendition",
    "Rep",
    "RepTask",
    "Retake",
    "Seller",
    "SmsPart",
    "Start",
    "StartRow",
    "Tombstone",
    "Transcription",
    "next_number",
]
