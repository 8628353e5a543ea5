"""A training ages by its steps, not by what lies between them."""

from collections.abc import Callable

from training.clock import FIRST, PAUSE, Clock


def ticking(*moments: float) -> Callable[[], float]:
    """A clock's hand that stands at these moments, one after the other."""
    return iter(moments).__next__


def test_steps_add_up() -> None:
    clock = Clock(ticking(100, 102, 104, 107))
    assert [clock.step() for _ in range(3)] == [2, 4, 7]


def test_a_pause_counts_as_one_slow_step() -> None:
    clock = Clock(ticking(0, 2, 4, 6, 6 + 3600, 8 + 3600))
    assert [clock.step() for _ in range(5)][-2:] == [6 + 2 * PAUSE, 8 + 2 * PAUSE]


def test_a_pause_in_the_first_step_counts_a_minute_at_most() -> None:
    assert Clock(ticking(0, 7200)).step() == FIRST


def test_a_machine_that_has_become_slow_is_believed_after_a_while() -> None:
    clock = Clock(ticking(*range(0, 20), *range(20, 4000, 100)))
    for _ in range(40):
        clock.step()
    before = clock.seconds
    assert clock.step() - before == 100
