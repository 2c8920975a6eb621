"""The daemon's cycles come one after another, and end when asked to."""

import signal
import threading
from datetime import timedelta

from connector.sync.schedule import Pulse, run_until_stopped
from connector.sync.stopping import Stop

EVERY = timedelta(milliseconds=20)


def test_a_first_cycle_that_takes_long_is_not_joined_by_a_second() -> None:
    stop, at_work, most, beats = Stop(), 0, 0, 0

    def cycle() -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        stop.wait(0.3)
        at_work -= 1

    def beat() -> None:
        nonlocal beats
        beats += 1
        if beats == 10:
            stop.ask()

    run_until_stopped(cycle, EVERY, stop, lambda: None, Pulse(beat, EVERY))
    assert most == 1
    assert beats >= 10, "signs of life go on meanwhile"


def test_a_signal_that_another_thread_got_stops_the_daemon_as_well() -> None:
    """The system may give it to any; Python's handler runs when the main thread wakes up."""
    stop = Stop()
    before = signal.signal(signal.SIGUSR1, lambda number, frame: stop.ask())

    def hear() -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)

    try:
        run_until_stopped(hear, timedelta(hours=1), stop, lambda: None, Pulse(lambda: None, EVERY))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert stop.asked
