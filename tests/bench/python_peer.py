"""python_peer.py DOCKER_HOST WHAT [ARGUMENT]: measures python3-docker in this process; prints NAME VALUE lines.

Started by bench. Times do not hold the interpreter's start, nor that of a client unless `ping` says so.
"""
import itertools
import statistics
import sys
import time

import docker

PINGS = 2000
FRESH_PINGS = 100
LISTS = 5
VERSION = "1.41"


def client(host):
    return docker.DockerClient(base_url=host, version=VERSION)


def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def resident_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def drain(stream):
    for _ in stream:
        pass


def ping(host):
    kept = client(host)
    kept.ping()
    print("kept", seconds(lambda: [kept.ping() for _ in range(PINGS)]) / PINGS)

    def fresh():
        # A client of its own for each: requests has no other way to a new connection.
        one = client(host)
        one.ping()
        one.close()

    print("fresh", seconds(lambda: [fresh() for _ in range(FRESH_PINGS)]) / FRESH_PINGS)


def containers(host):
    kept = client(host)
    kept.ping()
    print("sparse", statistics.median(seconds(lambda: kept.containers.list(all=True, sparse=True)) for _ in range(LISTS)))
    print("full", seconds(lambda: kept.containers.list(all=True)))


def logs(host, container):
    kept = client(host)
    print("seconds", seconds(lambda: drain(kept.api.logs(container, stream=True))))


def tar_down(host, container):
    kept = client(host)
    print("seconds", seconds(lambda: drain(kept.api.get_archive(container, "/data")[0])))


def tar_up(host, container):
    kept = client(host)
    piece = b"d" * 65536
    pieces = int(container.split("_")[1]) * 16
    body = itertools.repeat(piece, pieces)
    print("seconds", seconds(lambda: kept.api.put_archive(container, "/data", (one for one in body))))


def followers(host, count):
    """All streams open in one thread, one line read from each."""
    kept = client(host)
    kept.ping()
    before = resident_kib()
    streams = [kept.api.logs("follow_%d" % number, stream=True, follow=True) for number in range(int(count))]
    kept.api._get(kept.api._url("/say/200"))
    for stream in streams:
        next(stream)
    print("kib_each", (resident_kib() - before) / len(streams))
    kept.api._get(kept.api._url("/end"))


if __name__ == "__main__":
    {
        "ping": ping,
        "containers": containers,
        "logs": logs,
        "tar_up": tar_up,
        "tar_down": tar_down,
        "followers": followers,
    }[sys.argv[2]](sys.argv[1], *sys.argv[3:])
