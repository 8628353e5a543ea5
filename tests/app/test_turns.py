"""Searches take turns."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pagelight.app.turns import Turns
from pagelight.retrieval.errors import Busy
from tests.waiting import until


def test_no_more_than_a_few_work_at_once_and_all_get_their_turn() -> None:
    turns, lock = Turns(2, 100), threading.Lock()
    now, most, done = 0, 0, 0

    def work(number: int) -> None:
        nonlocal now, most, done
        with turns.taken(f"client {number % 5}"):
            with lock:
                now += 1
                most = max(most, now)
            threading.Event().wait(0.002)
            with lock:
                now -= 1
                done += 1

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(work, range(60)))
    assert (most, done, turns.n_waiting) == (2, 60, 0)


def test_one_client_with_many_requests_does_not_starve_the_others() -> None:
    turns, order = Turns(1, 100), []
    hold = threading.Event()

    def work(client: str) -> None:
        with turns.taken(client):
            order.append(client)
            if client == "first":
                hold.wait(20)

    threads = []
    for client in ("first", *["greedy"] * 6, "modest"):
        waiting = turns.n_waiting
        thread = threading.Thread(target=work, args=(client,))
        thread.start()
        threads.append(thread)
        until(lambda: order and (client == "first" or turns.n_waiting > waiting), 20)  # noqa: B023
    hold.set()
    for thread in threads:
        thread.join(20)
    assert order.index("modest") == 2


def test_of_one_clients_requests_the_newest_comes_first_where_that_is_wanted() -> None:
    turns, order, hold = Turns(1, 100, is_newest_first=True), list[int](), threading.Event()

    def work(number: int) -> None:
        with turns.taken("client"):
            order.append(number)
            if number == 0:
                hold.wait(20)

    threads = []
    for number in range(4):
        thread = threading.Thread(target=work, args=(number,))
        thread.start()
        threads.append(thread)
        until(lambda: order and turns.n_waiting == number, 20)  # noqa: B023
    hold.set()
    for thread in threads:
        thread.join(20)
    assert order == [0, 3, 2, 1]


def test_beyond_the_bound_a_request_is_told_to_come_again() -> None:
    turns, hold, inside = Turns(1, 1), threading.Event(), threading.Event()

    def work() -> None:
        with turns.taken():
            inside.set()
            hold.wait(20)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: inside.is_set() and turns.n_waiting == 1, 20)
    with pytest.raises(Busy) as caught, turns.taken("another"):
        pass
    assert (caught.value.status, caught.value.retry_after) == (503, 2)
    hold.set()
    for thread in threads:
        thread.join(20)
    with turns.taken():
        assert turns.n_waiting == 0


def test_a_failure_gives_the_turn_back() -> None:
    turns = Turns(1, 0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turns.taken():
            raise ZeroDivisionError
