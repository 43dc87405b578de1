"""Background work by name: the kind `x` is the function `run(shop, job)` of the module `bot.tasks.x`.

A task finishes its own job (`jobs.finish`) in its last transaction, so that its effects and the end of the
job are one. It raises `jobs.Retry` or `jobs.Dead` to say what a failure means; anything else is retried.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from bot.jobs import Job
from bot.tasks.workshop import Workshop

Task = Callable[[Workshop, Job], None]

KINDS = (
    "send_message",
    "fetch_media",
    "delete_media",
    "check_photo",
    "settle_album",
    "still_looking",
    "take_up",
    "nudge",
    "end_by_itself",
    "tell_late",
    "tell_joined",
    "join_people",
    "transcribe",
    "publish_listing",
    "reconcile",
    "forget_refused",
    "erase_person",
    "erase_bytes",
    "old_drafts",
    "drop_draft_media",
    "join_sms",
    "sweep_media",
    "start_people",
    "ask_about_photos",
    "expire_offer",
    "photos_pending",
    "make_prompts",
    "ring_back",
    "find_words",
    "next_step",
    "late_report",
    "count_figures",
    "reshape_photo",
    "draw_sheet",
)


def _later(kind: str) -> Task:
    """The task, which loads its module at its first job: the web needs no photo and audio code."""

    def task(shop: Workshop, job: Job) -> None:
        import_module(f"bot.tasks.{kind}").run(shop, job)

    return task


TASKS: dict[str, Task] = {kind: _later(kind) for kind in KINDS}
