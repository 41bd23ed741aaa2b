"""Many clients at once, in a process of its own: `python -m benchmarks.load` reads what to ask.

Each client keeps its connection and pauses between two requests, as a page that looks again does;
they begin at different moments.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Load:
    """What is asked, by how many, for how long.

    Attributes:
        url: Where.
        token: Bearer token.
        paths: Asked one after another, each client from another on.
        clients: How many.
        seconds: For how long.
        pause: Seconds between an answer and the next request of a client.
        apart: No two requests are the same, so that none is given another's answer.
    """

    url: str
    token: str
    paths: list[str]
    clients: int = 1
    seconds: float = 10.0
    pause: float = 0.0
    apart: bool = False


@dataclass(frozen=True)
class Answers:
    milliseconds: list[float]
    errors: int

    def quantile(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def put_on(load: Load) -> Answers:
    """Put the load on, from another process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(load)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return Answers(**json.loads(done.stdout))


async def _clients(load: Load) -> Answers:
    took: list[float] = []
    faults: list[str] = []
    until = time.perf_counter() + load.seconds
    await asyncio.gather(*(_client(load, n, until, took, faults) for n in range(load.clients)))
    return Answers(took, len(faults))


async def _client(
    load: Load, number: int, until: float, took: list[float], faults: list[str]
) -> None:
    place = urlsplit(load.url)
    await asyncio.sleep(random.random() * load.pause)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    turn = number
    while time.perf_counter() < until:
        path = load.paths[turn % len(load.paths)]
        turn += 1
        if load.apart:
            path += f"{'&' if '?' in path else '?'}_={number}.{turn}"
        head = f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {load.token}"
        start = time.perf_counter()
        writer.write(f"{head}\r\n\r\n".encode())
        status = await _answer(reader)
        took.append((time.perf_counter() - start) * 1000)
        if status != 200:
            faults.append(f"{path}: {status}")
        await asyncio.sleep(load.pause * (0.5 + random.random()))
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    sizes = [int(line.partition(":")[2]) for line in lines if line.startswith("content-length:")]
    await reader.readexactly(sizes[0] if sizes else 0)
    return int(lines[0].split()[1])


if __name__ == "__main__":
    answers = asyncio.run(_clients(Load(**json.load(sys.stdin))))
    json.dump(asdict(answers), sys.stdout)
