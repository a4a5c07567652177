"""What goes on beside requests: finish what was interrupted, sign the log's head, have it witnessed, publish it.

And once a local day: remind holders of what falls due, and rate credit. In a thread of its own, since a mail server may
keep it waiting.
"""

import logging
import threading
from datetime import UTC, datetime

from django.conf import settings
from django.db import close_old_connections

from yuejingzhun.evidence.anchor.proof import AnchorError
from yuejingzhun.evidence.authority import issue_signer
from yuejingzhun.platform.foundation.audit.services import log_heads
from yuejingzhun.platform.foundation.ledger.anchoring import anchor_pending
from yuejingzhun.platform.foundation.ledger.confirming import withdraw_confirmation
from yuejingzhun.platform.foundation.ledger.errors import LedgerError, RolledBackError
from yuejingzhun.platform.foundation.ledger.publishing import publish, publish_standing
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head
from yuejingzhun.platform.foundation.ledger.witnessing import have_witnessed
from yuejingzhun.platform.operations.certificates import signing
from yuejingzhun.platform.operations.certificates.services import complete_pending
from yuejingzhun.platform.registry.reminders.errors import MailError
from yuejingzhun.platform.registry.reminders.mailing import send_mails
from yuejingzhun.platform.registry.reminders.rounds import make_notices
from yuejingzhun.platform.supervision.credit.services.rounds import rate_daily
from yuejingzhun.platform.supervision.indicators.services.readings import note_month

log = logging.getLogger(__name__)
PAUSE = 1.0  # s
LONGEST_PAUSE = 60.0  # s
BETWEEN_REMINDERS = 300.0  # s; how late after midnight the day's round begins, and when a failed one is tried again
AUDIT_SIGNER = "粤精准审计线索"


def publish_once(at: datetime) -> list[str]:
    """One round; the problems of witnesses that didn't answer. Raises RolledBackError."""
    log_heads(signing.kept("audit", lambda: issue_signer(signing.authority(at), AUDIT_SIGNER, at)), at)
    sequence()
    complete_pending()
    checkpoint = sign_head(at)
    if checkpoint is None:
        return []
    problems = have_witnessed(checkpoint)
    publish(checkpoint, settings.LOG_FOLDER)
    publish_standing(checkpoint, settings.LOG_FOLDER, at)
    try:
        anchor_pending(at)
    except (AnchorError, LedgerError) as error:
        problems.append(str(error))
    return problems


def start() -> threading.Event:
    """Rounds in threads of their own until the returned event is set."""
    stop = threading.Event()
    threading.Thread(target=_run, args=(stop,), name="publisher", daemon=True).start()
    threading.Thread(target=_remind, args=(stop,), name="reminders", daemon=True).start()
    return stop


def _remind(stop: threading.Event) -> None:
    pause = PAUSE
    while not stop.wait(pause):
        close_old_connections()
        pause = BETWEEN_REMINDERS
        try:
            make_notices(datetime.now(UTC), stop.is_set)
            rate_daily(datetime.now(UTC), stop.is_set)
            note_month(datetime.now(UTC), stop.is_set)
            send_mails(datetime.now(UTC), stop.is_set)
        except MailError as error:
            log.warning("提醒邮件：%s", error)
        # As below: whatever it was, it goes on where it stopped.
        except Exception:
            log.exception("到期提醒的一轮没有完成，稍后再试")


def _run(stop: threading.Event) -> None:
    pause = PAUSE
    while not stop.wait(pause):
        close_old_connections()
        try:
            problems = publish_once(datetime.now(UTC))
        except RolledBackError as error:
            withdraw_confirmation()
            problems = [str(error)]
        # Whatever it was, the next round may go well, and requests must not suffer from it.
        except Exception:
            log.exception("透明日志的一轮没有完成，稍后再试")
            problems = ["见上"]
        for problem in problems:
            log.warning("透明日志：%s", problem)
        pause = min(pause * 2, LONGEST_PAUSE) if problems else PAUSE
