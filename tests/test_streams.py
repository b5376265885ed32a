"""Decompression runs ahead in a thread of its own, which nobody need think of."""

import gzip
import itertools
import threading
import time

import pytest
import zstandard

from vaebin import streams

DATA = b"".join(b"%d\n" % number for number in range(500_000))
COMPRESSIONS = {"plain": bytes, "gzip": lambda data: gzip.compress(data, 1), "zstd": zstandard.compress}


def reader(data, log=None):
    """A read function of a stream, which counts its calls in the log."""
    rest = memoryview(data)

    def read(size):
        nonlocal rest
        block, rest = bytes(rest[:size]), rest[size:]
        if log is not None:
            log.append(len(block))
        return block

    return read


def opened(read):
    return streams.decompressed(*streams.peek(read))


def wait_for(condition):
    return any(condition() or time.sleep(0.01) for _ in range(500))


@pytest.fixture(autouse=True)
def no_thread_stays():
    before = threading.active_count()
    yield
    assert wait_for(lambda: threading.active_count() <= before)


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
def test_all_bytes_come_in_order(compress):
    head, blocks = opened(reader(compress(DATA)))
    assert head == DATA[: len(head)]
    assert len(head) > 100
    assert b"".join(blocks) == DATA


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
def test_as_a_file(compress):
    for as_file in (streams.buffered, streams.unbuffered):
        with as_file(opened(reader(compress(DATA)))[1]) as file:
            assert file.read() == DATA


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_the_thread_ends_when_nobody_takes_its_blocks(taken):
    blocks = opened(reader(gzip.compress(DATA * 10, 1)))[1]
    list(itertools.islice(blocks, taken))
    del blocks


def test_no_more_is_held_than_a_few_blocks(monkeypatch):
    log = []
    blocks = opened(reader(gzip.compress(DATA * 10, 0), log))[1]
    next(blocks)
    wait_for(lambda: False if len(log) < 4 else time.sleep(0.2) or True)
    assert sum(log) < 30 * streams.BLOCK < len(DATA) * 10


@pytest.mark.parametrize(
    ("cut", "error"),
    [(lambda z: z[:-100], EOFError), (lambda z: z[:-8] + b"checksum", streams.DamagedError)],
    ids=["cut short", "damaged"],
)
def test_errors_come_where_the_block_would(cut, error):
    blocks = opened(reader(cut(gzip.compress(DATA, 1))))[1]
    assert len(next(blocks)) > 0
    with pytest.raises(error):
        list(blocks)
