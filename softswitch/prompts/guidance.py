"""What menus and services by telephone say: each sentence is spoken when it is first needed."""

from __future__ import annotations

import enum


class Guidance(enum.Enum):
    """The fixed sentences of menus and services; those with a value in them are in `Sentences`."""

    # Menus
    MENU_NO_INPUT = "menu_no_input"
    MENU_TOO_MANY = "menu_too_many"
    MENU_REPEAT = "menu_repeat"
    TRANSFERRING = "transferring"
    CALL_RECORDED = "call_recorded"
    ENTER_NUMBER = "enter_number"
    NUMBER_WRONG = "number_wrong"
    CONFIRM_DIGITS = "confirm_digits"
    THANK_YOU = "thank_you"

    # PIN of a mailbox, an agent or an administrator
    PIN_ENTER = "pin_enter"
    PIN_WRONG = "pin_wrong"
    PIN_LOCKED = "pin_locked"
    PIN_NEW = "pin_new"
    PIN_AGAIN = "pin_again"
    PIN_DIFFERS = "pin_differs"
    PIN_TOO_SIMPLE = "pin_too_simple"
    PIN_CHANGED = "pin_changed"

    # Voicemail, for its owner and for who leaves a message
    VOICEMAIL_MENU = "voicemail_menu"
    VOICEMAIL_SAVED = "voicemail_saved"
    VOICEMAIL_DELETED = "voicemail_deleted"
    VOICEMAIL_LAST = "voicemail_last"
    VOICEMAIL_FULL = "voicemail_full"
    VOICEMAIL_REVIEW = "voicemail_review"
    VOICEMAIL_SENT = "voicemail_sent"
    VOICEMAIL_URGENT = "voicemail_urgent"
    VOICEMAIL_IS_URGENT = "voicemail_is_urgent"
    VOICEMAIL_NUMBER = "voicemail_number"
    VOICEMAIL_OLD = "voicemail_old"

    # Call back
    CALL_BACK_OFFER = "call_back_offer"
    CALL_BACK_CONFIRM = "call_back_confirm"
    CALL_BACK_ORDERED = "call_back_ordered"
    CALL_BACK_CANCELLED = "call_back_cancelled"
    CALL_BACK_HELLO = "call_back_hello"

    # Survey after the call
    SURVEY_INVITE = "survey_invite"
    SURVEY_QUESTION = "survey_question"
    SURVEY_THANKS = "survey_thanks"
    SURVEY_INVITE_SEVERAL = "survey_invite_several"
    SURVEY_COMMENT = "survey_comment"

    # The heavy-traffic message that callers hear first (hotprompt)
    HOTPROMPT_MENU = "hotprompt_menu"
    HOTPROMPT_SPEAK = "hotprompt_speak"
    HOTPROMPT_ON = "hotprompt_on"
    HOTPROMPT_OFF = "hotprompt_off"
    HOTPROMPT_NONE = "hotprompt_none"

    # Agents who log in by telephone
    LOGIN_ENTER_NUMBER = "login_enter_number"
    LOGIN_UNKNOWN = "login_unknown"
    LOGIN_PHONE = "login_phone"
    LOGIN_MENU = "login_menu"
    LOGIN_IN = "login_in"
    LOGIN_OUT = "login_out"
    LOGIN_PAUSED = "login_paused"
    LOGIN_READY = "login_ready"
    LOGIN_REASON = "login_reason"
    LOGIN_GROUP = "login_group"
