"""A real SLURM of one node, this machine: Debian's munged, slurmctld and slurmd in a folder of their own."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from running import execute

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
PATH = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
CONFIGURATION = """\
ClusterName=here
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1
NodeName={host} NodeAddr=127.0.0.1 CPUs={processors} RealMemory={memory} State=UNKNOWN
PartitionName=long Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def is_installed():
    return all(shutil.which(program, path=PATH) for program in PROGRAMS)


def start(folder: Path):
    """Start the daemons and return the environment in which sbatch finds them; `stop` ends them."""
    for name in ("state", "spool"):
        (folder / name).mkdir()
    host = socket.gethostname().split(".")[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    (folder / "slurm.conf").write_text(
        CONFIGURATION.format(
            host=host,
            ports=_free_ports(2),
            user=getpass.getuser(),
            folder=folder,
            processors=os.cpu_count(),
            memory=memory * 9 // 10,
        )
    )
    (folder / "munge.key").write_bytes(os.urandom(128))
    (folder / "munge.key").chmod(0o400)
    environment = {"PATH": PATH, "SLURM_CONF": str(folder / "slurm.conf")}
    whole = {**os.environ, **environment}
    places = {"key-file": "key", "socket": "socket", "log-file": "log", "seed-file": "seed"}
    munged = ["munged", "--force", f"--pid-file={folder}/munged.pid"]
    for command in (
        [*munged, *(f"--{option}={folder}/munge.{end}" for option, end in places.items())],
        ["slurmctld", "-f", folder / "slurm.conf"],
        ["slurmd", "-f", folder / "slurm.conf"],
    ):  # daemons keep what they inherit open, so their words go to a file
        with open(folder / "said", "a") as said:
            subprocess.run(list(map(str, command)), env=whole, stdout=said, stderr=said, check=False, timeout=60)
    for _ in range(120):
        if "State=IDLE" in execute(["scontrol", "show", "node"], env=whole).stdout:
            return environment
        time.sleep(0.5)
    logs = [path.read_text() for path in (folder / "said", *folder.glob("*.log"))]
    stop(folder)
    raise AssertionError("SLURM does not start:\n" + "\n".join(logs))


def stop(folder: Path):
    """End the daemons, by their pids."""
    for name in ("slurmd", "slurmctld", "munged"):
        path = folder / f"{name}.pid"
        if path.exists():
            os.kill(int(path.read_text()), signal.SIGTERM)
            for _ in range(40):
                if not path.exists():
                    break
                time.sleep(0.25)


def _free_ports(number):
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
