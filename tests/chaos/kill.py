"""Kills Privet while it is under load, again and again, then counts. README.md says what is counted.

   PRIVET=build/release/privet python3 tests/chaos/kill.py --seconds 300 --interval 1 --clients 16 --seed 1

Ends with 0 when nothing was lost and each duplicate has its reason, else with 1 and the messages in question.
"""

import argparse
import asyncio
import json
import pathlib
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))

import counts  # noqa: E402
import support  # noqa: E402
from senders import Client  # noqa: E402
from upstream import Upstream  # noqa: E402

SETTLED = 120  # seconds for what is owed at the end


class Victim:
    """Privet, always at the same place. kills: when each of its lives ended."""

    def __init__(self, folder, config):
        self.kills = []
        self.up = asyncio.Event()
        self._log = open(folder / "log", "ab")
        self._config = config
        self._process = None

    async def start(self):
        self._process = await asyncio.create_subprocess_exec(
            support.binary(), "serve", "-c", str(self._config), "--announce-ports", stdout=asyncio.subprocess.PIPE,
            stderr=self._log)
        if not await self._process.stdout.readline():
            raise SystemExit(f"privet does not start, see {self._log.name}")
        self.up.set()

    async def kill(self):
        self.up.clear()
        if self._process.returncode is not None:
            raise SystemExit(f"privet ended by itself with {self._process.returncode}, see {self._log.name}")
        self._process.kill()
        await self._process.wait()
        self.kills.append(time.time())

    async def end(self):
        self._process.terminate()
        if await self._process.wait() != 0:
            raise SystemExit(f"privet ended with {self._process.returncode}, see {self._log.name}")


def configure(folder, place, upstream_port):
    upstream = {"host": "127.0.0.1", "port": upstream_port, "tls": "none"}
    config = support.write_config(folder, upstream, trusted=True, listeners=("none",))
    settings = json.loads(config.read_text())
    del settings["certificates"]
    settings["listen"][0]["address"] = "{}:{}".format(*place)
    config.write_text(json.dumps(settings))
    tenant = folder / "tenants/acme.yaml"
    tenant.write_text(json.dumps(json.loads(tenant.read_text()) | {"copy": {"relay": upstream}}))
    return config


async def run(options, folder):
    dice = random.Random(options.seed)
    address = support.own_address()
    place = (address, support.free_port(address))
    victim = None
    upstream = Upstream(random.Random(dice.random()), lambda: len(victim.kills))
    server, port = await upstream.open("127.0.0.1")
    config = configure(folder, place, port)
    victim = Victim(folder, config)
    await victim.start()
    over = asyncio.Event()
    clients = [Client(f"c{number}", place, victim.up, over, random.Random(dice.random()))
               for number in range(options.clients)]
    sending = asyncio.gather(*(client.run() for client in clients))
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        await asyncio.sleep(options.interval)
        await victim.kill()
        await victim.start()
    upstream.faulty = False
    over.set()
    await sending
    messages = [message for client in clients for message in client.sent]
    left = await settle(config)
    await victim.end()
    server.close()
    return counts.Counts(messages, upstream, victim.kills, left)


async def settle(config):
    """What is left in the spool when nothing stands in its way any more."""
    end = time.monotonic() + SETTLED
    while (left := json.loads(await queue(config, "list", "--json"))) and time.monotonic() < end:
        await queue(config, "flush", "--all")
        await asyncio.sleep(0.5)
    return [f"{each['id']}: {each['state']}" for each in left]


async def queue(config, *arguments):
    process = await asyncio.create_subprocess_exec(support.binary(), "queue", *arguments, "-c", str(config),
                                                   stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"privet queue {arguments[0]} ended with {process.returncode}")
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--interval", type=float, default=1, help="seconds from one kill to the next")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="privet-chaos-"))
    counted = asyncio.run(run(options, folder))
    print(counted.table())
    if not counted.violations():
        shutil.rmtree(folder)
        return
    print("\n".join(counted.violations()[:20]), f"The log is in {folder}.", sep="\n")
    sys.exit(1)


if __name__ == "__main__":
    main()
