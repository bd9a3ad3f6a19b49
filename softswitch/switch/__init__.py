"""The runtime: office file, number plan, and the wiring of calls, queue engine and prompts."""

from softswitch.switch.call import Call
from softswitch.switch.changes import OfficePlan
from softswitch.switch.config import FlowConfig, GroupConfig, OfficeConfig
from softswitch.switch.conversation import Conversation
from softswitch.switch.flow_records import FlowChanged, FlowRecord
from softswitch.switch.following import FlowResult, NodeResult
from softswitch.switch.journal import (
    CallBackOrdered,
    CallBackQueued,
    CallBackWithdrawn,
    MessageLeft,
    RecordingMade,
    SurveyAnswered,
)
from softswitch.switch.loading import load_office, parse_office
from softswitch.switch.results import QueueResult
from softswitch.switch.switch import Switch
from softswitch.switch.view import SwitchSnapshot

__all__ = [
    "Call",
    "CallBackOrdered",
    "CallBackQueued",
    "CallBackWithdrawn",
    "Conversation",
    "FlowChanged",
    "FlowConfig",
    "FlowRecord",
    "FlowResult",
    "GroupConfig",
    "MessageLeft",
    "NodeResult",
    "OfficeConfig",
    "OfficePlan",
    "QueueResult",
    "RecordingMade",
    "SurveyAnswered",
    "Switch",
    "SwitchSnapshot",
    "load_office",
    "parse_office",
]
